import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from '../stacks/answer.ts'
import { complete, Sink, type Wire } from './wire.ts'

export type Listen = (req: IncomingMessage, res: ServerResponse) => void

/** How many connections have a request in the same turn of the event loop, as many as the bench over sockets has. */
const CONNECTIONS = 32

/** Turns between two looks at the time. */
const TURNS = 16

/** Makes requests without a network, and hands them to a listener. */
export class ExchangeLoop {
  readonly #sinks = Array.from({ length: CONNECTIONS }, (_, index) => new Sink(`127.0.0.${index + 1}`))
  readonly #listen: Listen
  readonly #wires: readonly Wire[]

  /** @param wires one for each connection; with fewer, several connections send the same */
  constructor(listen: Listen, wires: readonly Wire[]) {
    this.#listen = listen
    this.#wires = wires
  }

  /** One request and what is written to it. */
  async one(): Promise<string> {
    const [sink] = this.#sinks
    const [wire] = this.#wires
    if (sink === undefined || wire === undefined) throw new Error('there is nothing to send')
    sink.kept = []
    this.#exchange(wire, sink)
    await turn()
    const written = sink.kept.join('')
    sink.kept = undefined
    return written
  }

  /**
   * Sends requests for so long.
   *
   * Trap: so long by the processor. By the clock, a process of a busy machine would be measured before it was warm.
   *
   * @returns processor time of the process for each, in nanoseconds
   */
  async measure(ms: number): Promise<number> {
    const before = process.cpuUsage()
    const writes = this.#written()
    let count = 0
    let micros = 0
    while (micros < ms * 1000) {
      for (let turns = 0; turns < TURNS; turns++) {
        for (let index = 0; index < CONNECTIONS; index++) {
          const sink = this.#sinks[index]
          const wire = this.#wires[index % this.#wires.length]
          if (sink !== undefined && wire !== undefined) this.#exchange(wire, sink)
        }
        await turn()
      }
      count += TURNS * CONNECTIONS
      const { user, system } = process.cpuUsage(before)
      micros = user + system
    }
    if (this.#written() - writes < count) throw new Error('fewer responses than requests')
    return (micros * 1000) / count
  }

  #exchange(wire: Wire, sink: Sink): void {
    const [req, res] = wire.message(sink)
    this.#listen(req, res)
    complete(req)
  }

  #written(): number {
    return this.#sinks.reduce((sum, { writes }) => sum + writes, 0)
  }
}

/** Waits until responses have ended, and events were told. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** What node:http writes of its own accord. */
const NOT_OURS: ReadonlySet<string> = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding'])

/** What was written, as a floor is to write it. */
export function answerOf(written: string): Answer {
  const end = written.indexOf('\r\n\r\n')
  const [line = '', ...rest] = written.slice(0, end).split('\r\n')
  const fields = rest.flatMap((each) => {
    const colon = each.indexOf(':')
    const name = each.slice(0, colon)
    return NOT_OURS.has(name.toLowerCase()) ? [] : [name, each.slice(colon + 1).trim()]
  })
  return { status: Number(line.split(' ')[1]), fields, body: written.slice(end + 4) }
}
