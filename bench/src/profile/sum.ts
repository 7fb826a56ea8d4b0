import type { ProfileNode, Recorded } from '../stacks/profiler.ts'
import { quantile } from '../statistics.ts'
import { kindOf, type Place, type Placer } from './places.ts'

/** What part of the time of a request each place has; together they are 1. */
export interface Shares {
  readonly places: Readonly<Record<Place, number>>
  /** Functions of the gate, by name and file, and what part each has by itself. */
  readonly functions: Readonly<Record<string, number>>
}

/** What a function has to take of a request to be told. */
const LEAST = 0.001

/**
 * Sums up which place had the processor.
 *
 * Traps: what V8 calls idle is not only that. Node says that it is idle before it waits for the network, and takes it back
 * when all that came is done: what is read and parsed meanwhile, up to the first function, is called idle, too. How long it
 * waited in truth the event loop tells, and the rest is work. And V8 goes by the clock: a thread that lost its core to
 * another seems to be where it was for as long. So no look counts for longer than most do; what is left of it is with the
 * calls of the kernel that wake another process, which on a machine with few cores takes the core of who woke it.
 */
export function sharesOf({ profile, idleMicros }: Recorded, placeOf: Placer): Shares {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]))
  const callers = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  )
  const rowOf = (id: number): readonly ProfileNode[] => {
    const row: ProfileNode[] = []
    for (let at: number | undefined = id; at !== undefined; at = callers.get(at)) {
      const node = byId.get(at)
      if (node !== undefined) row.push(node)
    }
    return row
  }
  const micros = new Map<number, number>()
  if (profile.samples.length === 0) throw new Error('nothing was seen')
  const longest = quantile(profile.timeDeltas, 0.5)
  let idle = 0
  for (const [index, id] of profile.samples.entries()) {
    const delta = profile.timeDeltas[index] ?? 0
    micros.set(id, (micros.get(id) ?? 0) + Math.min(longest, delta))
    if (isIdle(byId.get(id))) idle += delta
  }
  // What it waited is by the clock, too: a part of all that was called idle.
  const worked = idle === 0 ? 0 : Math.max(0, 1 - idleMicros / idle)

  const places = new Map<Place, number>()
  const functions = new Map<string, number>()
  let seen = 0
  let rest = 0
  for (const [id, own] of micros) {
    const row = rowOf(id)
    const { place, file } = placeOf(row)
    if (place === 'rest') {
      rest += isIdle(byId.get(id)) ? own * worked : own
      continue
    }
    seen += own
    places.set(place, (places.get(place) ?? 0) + own)
    if (kindOf(place) !== 'gate') continue
    const name = `${nameOf(row)} (${file ?? place.slice('gate: '.length)})`
    functions.set(name, (functions.get(name) ?? 0) + own)
  }
  const all = seen + rest
  if (all === 0) throw new Error('nothing was seen')
  const part = ([name, own]: readonly [string, number]): readonly [string, number] => [name, own / all]
  return {
    places: Object.fromEntries([...[...places].map(part), ['rest', rest / all]]),
    functions: Object.fromEntries([...functions].map(part).filter(([, own]) => own >= LEAST)),
  }
}

function isIdle(node: ProfileNode | undefined): boolean {
  return node?.callFrame.functionName === '(idle)'
}

/** What is built in is told with who called it. */
function nameOf([own, ...callers]: readonly ProfileNode[]): string {
  const name = own?.callFrame.functionName ?? ''
  if (own?.callFrame.url !== '') return name === '' ? 'anonymous' : name
  const caller = callers.find(({ callFrame }) => callFrame.url !== '')
  return `${caller?.callFrame.functionName ?? ''}: ${name}`
}
