import { setTimeout as pause } from 'node:timers/promises'
import autocannon from 'autocannon'
import { BenchProcess } from '../bench-process.ts'
import { tokensBy } from '../micro/tokens.ts'
import { withSubject } from '../micro/run.ts'
import { built } from '../micro/weigh.ts'
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
  // Each connection is made first, and each process learns by itself.
  const longer = seconds + Math.ceil(connections / 1000) + workers - 1
  const values: Record<string, number> = {}
  for (const side of shuffled(['gate', 'floor'] as const)) {
    const one = await loadServer(side, { workers, connections, seconds: longer }, signal)
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
    const { port } = told
    await cannon(port, how.connections, how.seconds)
    const before = await usageOf(server)
    const { requests, seconds } = await cannon(port, how.connections, how.seconds)
    const after = await usageOf(server)
    return { micros: (after - before) / requests, perSecond: requests / seconds }
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

async function cannon(
  port: number,
  connections: number,
  seconds: number,
): Promise<{ readonly requests: number; readonly seconds: number }> {
  const tokens = tokensBy('HS256')
  let next = 0
  const result = await autocannon({
    url: `http://127.0.0.1:${port}${PATH}`,
    connections,
    duration: seconds,
    sampleInt: 100,
    setupClient(client) {
      const token = tokens[next++ % tokens.length] ?? ''
      client.setHeaders({ Host: HOST, Origin: ORIGIN, Authorization: `Bearer ${token}` })
    },
  })
  if (result.errors > 0) throw new Error(`${result.errors} of ${connections} connections failed`)
  if (result.non2xx > 0) throw new Error(`${result.non2xx} requests were not answered with 200`)
  return { requests: result.requests.total, seconds: result.duration }
}
