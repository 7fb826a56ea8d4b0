import { setTimeout as pause } from 'node:timers/promises'
import autocannon from 'autocannon'
import { BenchProcess } from '../bench-process.ts'
import { tokensBy } from '../micro/tokens.ts'
import { withSubject } from '../micro/run.ts'
import { built } from '../micro/variants.ts'
import { shuffled, type Watcher } from '../rounds.ts'
import { HOST, ORIGIN, PATH } from '../workload.ts'
import { GROWTHS, grownName } from './rows.ts'
import type { ServerAsked, ServerTold } from './server.ts'

/** What grows over sockets. */
export const OVER_SOCKETS = {
  connections: { title: 'connections at a time', sizes: [1, 10, 100, 1000, 10_000] },
  processes: { title: 'processes that share a port', sizes: [1, 2, 3, 4] },
} as const
type OverSockets = keyof typeof OVER_SOCKETS

export const NAMES: readonly string[] = [...Object.keys(GROWTHS), ...Object.keys(OVER_SOCKETS)]

/** How much is measured of what grows. */
export interface GrowthPlan {
  readonly growths: readonly string[]
  readonly rounds: number
  readonly warmUpMs: number
  readonly ms: number
  /** For how long a server is loaded. */
  readonly seconds: number
  /** What is larger is left out. */
  readonly most: number
}

/** One size of one thing in one round. */
export interface GrowthSample {
  readonly growth: string
  readonly size: number
  /** What was measured, with its unit. */
  readonly name: string
  readonly round: number
  readonly value: number
}

/** What was measured, and what was left out and why. */
export interface GrowthResults {
  readonly samples: readonly GrowthSample[]
  readonly skipped: readonly string[]
}

/** Measures in rounds: each round has all sizes, in an order of chance, and each is a process of its own. */
export async function measureGrowth(
  plan: GrowthPlan,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<GrowthResults> {
  const samples: GrowthSample[] = []
  const skipped = new Set<string>()
  const { growths, rounds, most, warmUpMs, ms } = plan
  for (let round = 1; round <= rounds; round++) {
    for (const { growth, size } of shuffled(sizesOf(growths, most))) {
      signal.throwIfAborted()
      const where = `growth: round ${round} of ${rounds}`
      watcher.begins(`${where}, ${growth} ${size}`)
      const values =
        growth in OVER_SOCKETS
          ? await overSockets(growth as OverSockets, size, plan, signal)
          : await withSubject({ node: process.execPath, core: built() }, signal, async (ask) => {
              const own: Record<string, number> = {}
              // What is measured once, in a process that has done nothing, comes first.
              const names = Object.entries(GROWTHS[growth]?.rows(size) ?? {}).toSorted(
                ([, a], [, b]) => Number(b.cold ?? false) - Number(a.cold ?? false),
              )
              for (const [name] of names)
                own[name] = await ask({ row: grownName(growth, size, name), warmUpMs, ms })
              return own
            })
      if (typeof values === 'string') {
        skipped.add(`${growth} ${size}: ${values}`)
        continue
      }
      for (const [name, value] of Object.entries(values)) samples.push({ growth, size, name, round, value })
      const told = Object.entries(values).map(([name, value]) => `${name} ${value.toPrecision(4)}`)
      watcher.measured(where, `${growth} ${size}: ${told.join(', ')}`)
    }
    const soFar: GrowthResults = { samples: [...samples], skipped: [...skipped] }
    watcher.soFar?.({ ...plan, rounds: round }, soFar)
  }
  return { samples, skipped: [...skipped] }
}

/** The sizes of what grows, up to the largest that is wanted. */
export function sizesOf(
  growths: readonly string[],
  most: number,
): readonly { readonly growth: string; readonly size: number }[] {
  const sizes: Readonly<Record<string, { readonly sizes: readonly number[] }>> = {
    ...GROWTHS,
    ...OVER_SOCKETS,
  }
  return growths.flatMap((growth) =>
    (sizes[growth]?.sizes ?? []).filter((size) => size <= most).map((size) => ({ growth, size })),
  )
}

const REPLY_MS = 20_000

/** Both ends of each connection are of this machine, and the client has a few files open besides. */
const FILES_BESIDE = 100

/**
 * Processor time of a gate and of a bare server for a request, one after the other.
 *
 * Trap: with more connections than the client can serve, it is the client that is measured: requests per second grow no
 * more, and times are those of its queue. Processor time of the server is what stays true.
 */
async function overSockets(
  growth: OverSockets,
  size: number,
  { seconds }: Pick<GrowthPlan, 'seconds'>,
  signal: AbortSignal,
): Promise<Readonly<Record<string, number>> | string> {
  const connections = growth === 'connections' ? size : 64
  const files = openFiles()
  if (files < connections + FILES_BESIDE) return `a process may have only ${files} files open (ulimit -n)`
  const workers = growth === 'processes' ? size : 1
  const values: Record<string, number> = {}
  for (const side of shuffled(['gate', 'floor'] as const)) {
    const one = await loadServer(side, { workers, connections, seconds }, signal)
    values[`${side} (µs)`] = one.micros
    values[`${side} (requests/s)`] = one.perSecond
  }
  return values
}

/** How many files a process may have open. */
function openFiles(): number {
  const { userLimits } = process.report.getReport() as unknown as {
    readonly userLimits?: { readonly open_files?: { readonly soft: number | 'unlimited' } }
  }
  const soft = userLimits?.open_files?.soft ?? 1024
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : soft
}

async function loadServer(
  side: 'gate' | 'floor',
  how: { readonly workers: number; readonly connections: number; readonly seconds: number },
  signal: AbortSignal,
): Promise<{ readonly micros: number; readonly perSecond: number }> {
  const server = new BenchProcess<ServerAsked, ServerTold>(side, new URL('./server.ts', import.meta.url), {
    args: [side, String(how.workers)],
    replyMs: REPLY_MS,
  })
  const stop = (): void => void server.end()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const told = await server.reply()
    if (told.type !== 'listening') throw new Error(`${side} does not listen`)
    return await underLoad(told.port, how.connections, signal, async (count) => {
      // Each process learns by itself.
      await until(() => count() >= WARM * how.workers, signal)
      const [micros, requests, start] = [await usageOf(server), count(), performance.now()]
      await pause(how.seconds * 1000, undefined, { signal })
      const [microsNow, requestsNow, end] = [await usageOf(server), count(), performance.now()]
      const answered = requestsNow - requests
      return { micros: (microsNow - micros) / answered, perSecond: (answered / (end - start)) * 1000 }
    })
  } finally {
    signal.removeEventListener('abort', stop)
    await server.end()
    // The ports of connections that were closed are free a little later.
    await pause(100)
  }
}

async function usageOf(server: BenchProcess<ServerAsked, ServerTold>): Promise<number> {
  const told = await server.ask({ type: 'usage' })
  if (told.type !== 'usage') throw new Error(`${server.name} does not tell what it uses`)
  return told.micros
}

/** So many requests, and the compiler has made up its mind. */
const WARM = 20_000
/** The queue of a port is a few thousand long: who comes when it is full tries again a second later, or ten. */
const AT_ONCE = 2500
const PATIENCE_MS = 30_000
const LOOK_MS = 20

/**
 * Loads a port while something is done: with so many connections, each of which has been answered before it begins.
 *
 * Trap: to make a connection costs more than to answer on it. So they are all made before the time is taken, some at a time.
 */
async function underLoad<T>(
  port: number,
  connections: number,
  signal: AbortSignal,
  use: (count: () => number) => Promise<T>,
): Promise<T> {
  const tokens = tokensBy('HS256')
  let next = 0
  const instances: autocannon.Instance[] = []
  const ended: Promise<autocannon.Result>[] = []
  const answered = new Set<unknown>()
  let requests = 0
  try {
    while (instances.length * AT_ONCE < connections) {
      const wanted = Math.min(connections, (instances.length + 1) * AT_ONCE)
      const options: autocannon.Options = {
        url: `http://127.0.0.1:${port}${PATH}`,
        connections: wanted - instances.length * AT_ONCE,
        duration: HOUR_SECONDS,
        timeout: PATIENCE_MS / 1000,
        sampleInt: 100,
        setupClient(client) {
          const token = tokens[next++ % tokens.length] ?? ''
          client.setHeaders({ Host: HOST, Origin: ORIGIN, Authorization: `Bearer ${token}` })
        },
      }
      const instance = autocannon(options, () => undefined)
      instance.on('response', (client) => {
        requests += 1
        answered.add(client)
      })
      instances.push(instance)
      ended.push(new Promise((resolve) => instance.once('done', resolve)))
      await until(() => answered.size >= wanted, signal)
    }
    return await use(() => requests)
  } finally {
    for (const instance of instances) instance.stop()
    for (const result of await Promise.all(ended)) check(result)
  }
}

const HOUR_SECONDS = 3600

/** Waits until something is so; it need not be known to the millisecond. */
async function until(isSo: () => boolean, signal: AbortSignal): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  while (!isSo()) {
    if (performance.now() > end) throw new Error('the connections are not answered')
    await pause(LOOK_MS, undefined, { signal })
  }
}

function check({ errors, non2xx }: autocannon.Result): void {
  if (errors > 0) throw new Error(`${errors} requests were not answered`)
  if (non2xx > 0) throw new Error(`${non2xx} requests were not answered with 200`)
}
