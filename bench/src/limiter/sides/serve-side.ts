import { keyOf, picks } from '../keys.ts'
import { type Decider, LIMIT, type MakeDecider } from './decider.ts'

/** What the bench asks of a side. */
export type SideAsked =
  | { readonly type: 'verify'; readonly limit: number }
  | { readonly type: 'fill'; readonly keys: number }
  | { readonly type: 'look'; readonly keys: number; readonly sample: number }
  | { readonly type: 'decide'; readonly keys: number; readonly count: number; readonly seed: number }

/** What it tells: one reply for each question. */
export type SideTold =
  | { readonly type: 'ready' }
  | { readonly type: 'verified'; readonly left: readonly number[]; readonly other: number }
  | { readonly type: 'filled'; readonly before: Memory; readonly after: Memory }
  | { readonly type: 'looked'; readonly dead: number }
  | {
      readonly type: 'decided'
      readonly cpuNanos: number
      readonly wallNanos: number
      readonly refused: number
    }
  | { readonly type: 'failed'; readonly message: string }

/** Memory of the process in bytes, after garbage collection. */
export interface Memory {
  /** Resident: all that the kernel counts, with what the heap has reserved and does not use. */
  readonly rss: number
  /** The heap, and array buffers beside it: all of each, though the kernel gives memory only to what has been written. */
  readonly heap: number
}

/** Runs a side until the bench that forked it ends it or is gone. */
export function serveSide(make: MakeDecider): void {
  process.setSourceMapsEnabled(false)
  // Ctrl-C reaches the whole process group. The bench hears it as well, and ends its sides itself.
  process.on('SIGINT', () => undefined)
  process.on('disconnect', () => process.exit())
  const side = new Side(make)
  process.on('message', (asked: SideAsked) => {
    side.answer(asked).then(tell, (error: unknown) => tell({ type: 'failed', message: String(error) }))
  })
  tell({ type: 'ready' })
}

class Side {
  readonly #make: MakeDecider
  #decider: Decider | undefined

  constructor(make: MakeDecider) {
    this.#make = make
  }

  async answer(asked: SideAsked): Promise<SideTold> {
    switch (asked.type) {
      case 'verify':
        return this.#verify(asked.limit)
      case 'fill':
        return this.#fill(asked.keys)
      case 'look':
        return this.#look(asked.keys, asked.sample)
      case 'decide':
        return this.#decide(asked.keys, asked.count, asked.seed)
    }
  }

  async #verify(limit: number): Promise<SideTold> {
    const { decide } = await this.#make(limit, 100)
    const left: number[] = []
    for (let i = 0; i <= limit; i++) left.push(await decide(keyOf(1)))
    return { type: 'verified', left, other: await decide(keyOf(2)) }
  }

  async #fill(keys: number): Promise<SideTold> {
    // Before it is made: some room may be taken at once. What a first request loads, verification has loaded.
    const before = memoryNow()
    const decider = await this.#make(LIMIT, keys)
    for (let client = 0; client < keys; client++) {
      const told = decider.decide(keyOf(client))
      if (typeof told !== 'number') await told
    }
    const after = memoryNow()
    this.#decider = decider
    return { type: 'filled', before, after }
  }

  /** Keys of a sample of which nothing is known: evicted, or at their end. */
  async #look(keys: number, sample: number): Promise<SideTold> {
    let dead = 0
    for (const client of picks(sample, keys, keys)) {
      const told = await this.#decider?.decide(keyOf(client))
      // A key that was asked for before has at least one request behind it.
      if (told === undefined || told >= LIMIT - 1) dead += 1
    }
    return { type: 'looked', dead }
  }

  async #decide(keys: number, count: number, seed: number): Promise<SideTold> {
    const decider = this.#decider
    if (decider === undefined) throw new Error('nothing was filled')
    // Texts are made before: what is measured is deciding. And garbage of the round before is not of this one.
    const texts = Array.from(picks(count, keys, seed), keyOf)
    collect()
    let refused = 0
    const cpu = process.cpuUsage()
    const start = performance.now()
    for (const text of texts) {
      const told = decider.decide(text)
      if ((typeof told === 'number' ? told : await told) < 0) refused += 1
    }
    const wallNanos = ((performance.now() - start) * 1e6) / count
    const { user, system } = process.cpuUsage(cpu)
    return { type: 'decided', cpuNanos: ((user + system) * 1000) / count, wallNanos, refused }
  }
}

function memoryNow(): Memory {
  collect()
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage()
  return { rss, heap: heapUsed + arrayBuffers }
}

/** Twice: what a finaliser lets go of is found by the next. */
function collect(): void {
  if (globalThis.gc === undefined) throw new Error('a side needs --expose-gc')
  globalThis.gc()
  globalThis.gc()
}

function tell(told: SideTold): void {
  if (process.send === undefined) throw new Error('A side is forked by the bench: npm run bench')
  process.send(told)
}
