import autocannon from 'autocannon'
import { quantile } from './statistics.ts'
import { CONNECTIONS, PATH, type Workload } from './workload.ts'

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

/**
 * Loads a stack for some seconds with autocannon: a fixed number of connections, each with one request at a time.
 *
 * Traps: the client is JavaScript too, runs on the same machine, and takes as long for a request as the floor does.
 * So requests per second say less about a fast stack than about autocannon; the processor time of the server's
 * process is the number to trust. And with so many connections and no pause, a latency is little more than
 * `CONNECTIONS / requests per second`.
 *
 * The client never sleeps while it waits: it would, beside a stack slower than itself, and to wake it is the server's
 * work. Where this was tried, that was 13 µs of each request of a slow stack, and 1 µs of the floor's, beside which the
 * client is always busy.
 *
 * @throws Error when a request fails, or is answered with another status than the workload's
 */
export async function load({ port, workload, seconds, signal }: Target): Promise<Load> {
  // autocannon's own percentiles are whole milliseconds, and most answers take about one: it reports each response,
  // and the times are kept as they are.
  const times: number[] = []
  const { requests } = workload
  let next = 0
  const rest = stayAwake()
  const start = performance.now()
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(
      {
        url: `http://127.0.0.1:${port}${PATH}`,
        ...(requests[0] && { method: requests[0].method }),
        connections: CONNECTIONS,
        pipelining: 1,
        duration: seconds,
        sampleInt: SAMPLE_MS,
        bailout: BAILOUT,
        setupClient(client) {
          client.setHeaders({ ...requests[next % requests.length]?.fields })
          next += 1
        },
      },
      (error: unknown, done) => (error ? reject(error) : resolve(done)),
    )
    instance.on('response', (_client, _status, _bytes, time) => times.push(time))
    const stop = (): void => instance.stop()
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    instance.on('done', () => signal.removeEventListener('abort', stop))
  }).finally(rest)
  const took = (performance.now() - start) / 1000
  signal.throwIfAborted()
  check(result, workload)
  return { requests: times.length, seconds: took, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

/** Keeps the event loop turning, so that it never waits in the kernel; gives what lets it rest again. */
function stayAwake(): () => void {
  let turn = setImmediate(function again() {
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
