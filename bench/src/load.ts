import autocannon, { type Request } from 'autocannon'
import { quantile } from './statistics.ts'
import { Pace } from './pace.ts'
import { CONNECTIONS, PATH, type Sent, type Workload } from './workload.ts'

/** How often autocannon looks whether the time is up: its own second would make a round of 2 s one of 3. */
const SAMPLE_MS = 100
/** So many broken connections are enough to know. */
const BAILOUT = 100

/** What is loaded, and how. */
export interface Target {
  readonly port: number
  readonly workload: Workload
  readonly seconds: number
  readonly signal: AbortSignal
}

/** What the client saw. */
export interface Load {
  readonly requests: number
  readonly seconds: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

/** Fewer requests came than there should in a second: the machine is busy, or the stack is slow. */
export class TooSlow extends Error {
  override readonly name = 'TooSlow'
}

/** So much of a pace is kept, or something else was measured. */
const KEPT = 0.95

/**
 * Loads a stack for some seconds with autocannon: a fixed number of connections, each with one request at a time.
 *
 * Traps: the client is JavaScript too, runs on the same machine, and takes as long for a request as the floor does.
 * So requests per second say less about a fast stack than about autocannon; the processor time of the server's
 * process is the number to trust. And with so many connections and no pause, a latency is little more than
 * `CONNECTIONS / requests per second`: only a load with a pace has a latency to speak of.
 *
 * The client never sleeps while it waits: it would, beside a stack slower than itself, and to wake it is the server's
 * work. Where this was tried, that was 13 µs of each request of a slow stack, and 1 µs of the floor's, beside which the
 * client is always busy.
 *
 * @throws Error when a request fails, or is answered with another status than the workload's
 * @throws TooSlow when the pace of the workload is not kept
 */
export async function load({ port, workload, seconds, signal }: Target): Promise<Load> {
  // autocannon's own percentiles are whole milliseconds, and most answers take about one: it reports each response,
  // and the times are kept as they are.
  const times: number[] = []
  const { perSecond, once = false, requests } = workload
  const pace = perSecond === undefined ? undefined : new Pace(perSecond)
  const deal = dealerOf(workload)
  const rest = stayAwake(() => pace?.turn())
  const start = performance.now()
  let last = start
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(
      {
        url: `http://127.0.0.1:${port}${PATH}`,
        connections: CONNECTIONS,
        pipelining: 1,
        duration: seconds,
        ...(once && { amount: requests.length }),
        sampleInt: SAMPLE_MS,
        bailout: BAILOUT,
        setupClient(client) {
          client.setRequests(deal())
          pace?.hold(client)
        },
      },
      (error: unknown, done) => (error ? reject(error) : resolve(done)),
    )
    instance.on('response', (client, _status, _bytes, time) => {
      last = performance.now()
      times.push(pace?.since(client, last) ?? time)
    })
    const stop = (): void => instance.stop()
    // With an amount, autocannon minds no duration.
    const timer = once ? setTimeout(stop, seconds * 1000) : undefined
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    instance.on('done', () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    })
  }).finally(rest)
  signal.throwIfAborted()
  check(result, workload)
  const took = (last - start) / 1000
  const { length } = times
  if (perSecond !== undefined && length < perSecond * took * KEPT)
    throw new TooSlow(`only ${Math.round(length / took)} of ${perSecond} requests came in a second`)
  return { requests: length, seconds: took, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

/**
 * Deals the requests out to the connections.
 *
 * Trap: a connection that always sends the same token lets a gate remember the last one of each, as it could with clients
 * that come directly and not behind a proxy. So there are more callers than connections, and each connection goes
 * through some of them.
 */
function dealerOf({ requests, once = false }: Workload): () => Request[] {
  const all = requests.map(requestOf)
  let next = 0
  if (once) {
    // The first is built when the connection is made, and the others when they are sent.
    const take = (): Request => all[next++ % all.length] ?? {}
    return () => [{ setupRequest: take }]
  }
  const each = Math.max(1, Math.floor(all.length / CONNECTIONS))
  return () => {
    const own = all.slice(next, next + each)
    next = (next + each) % all.length
    // autocannon keeps what it made of a request in it.
    return own.map((request) => ({ ...request }))
  }
}

function requestOf({ method, fields }: Sent): Request {
  return { method, path: PATH, headers: { ...fields } }
}

/** Keeps the event loop turning, so that it never waits in the kernel; gives what lets it rest again. */
function stayAwake(eachTurn: () => void): () => void {
  let turn = setImmediate(function again() {
    eachTurn()
    turn = setImmediate(again)
  })
  return () => clearImmediate(turn)
}

/** A round in which something else was answered measures something else. */
function check(result: autocannon.Result, { name, status }: Workload): void {
  const { errors, statusCodeStats = {} } = result
  const expected = String(status)
  const others = Object.keys(statusCodeStats).filter((other) => other !== expected)
  if (errors > 0) throw new Error(`${name}: ${errors} connections failed`)
  if (others.length > 0) throw new Error(`${name}: answered with ${others.join(', ')} instead of ${expected}`)
}
