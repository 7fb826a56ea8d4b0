import { BODY } from '../workload.ts'
import { answerOf, ExchangeLoop, type Listen } from './exchange-loop.ts'
import { allowedWires, type Core, listenerOf, wholePolicy } from './policy.ts'
import type { Wire } from './wire.ts'
export type { Core } from './policy.ts'

/** Measures for so long, and gives nanoseconds for each. */
export type Measure = (ms: number) => number | Promise<number>

/** One thing that is measured. */
export interface Row {
  /** What it is, in a few words. */
  readonly what: string
  /** The row that is taken off it, of the same round: its floor. */
  readonly over?: string
  readonly prepare: (core: Core) => Promise<Measure>
}

/** The rows, by name. */
export const ROWS: Readonly<Record<string, Row>> = {
  'floor allowed': {
    what: 'the floor: writes the very fields and body of the gate, and looks at nothing',
    prepare: (core) => floorOf(wholeGate(core), allowedWires(), 200),
  },
  allowed: {
    what: 'the whole policy, token cache warm; the handler sets one field',
    over: 'floor allowed',
    prepare: (core) => gateOf(wholeGate(core), allowedWires(), 200),
  },
  'allowed, writeHead': {
    what: 'the same, and the handler hands its field to writeHead',
    over: 'floor allowed',
    prepare: (core) => gateOf(wholeGate(core, writeHeadHandler), allowedWires(), 200),
  },
}

/** @throws RangeError when there is none of that name */
export function rowOf(name: string): Row {
  const row = ROWS[name]
  if (row === undefined) throw new RangeError(`there is no row ${name}`)
  return row
}

const writeHeadHandler: Listen = (_req, res) => {
  res.writeHead(200, { 'Content-Type': 'application/json' })
  res.end(BODY)
}

/** The whole gate, with an observer that counts. */
function wholeGate(core: Core, handler?: Listen): Listen {
  let events = 0
  return listenerOf(core, wholePolicy(core, [() => void (events += 1)]), handler)
}

/** A gate that was seen to answer as it should. */
async function gateOf(listen: Listen, wires: readonly Wire[], status: number): Promise<Measure> {
  const loop = new ExchangeLoop(listen, wires)
  const answer = answerOf(await loop.one())
  if (answer.status !== status) throw new Error(`the gate answered ${answer.status} instead of ${status}`)
  return (ms) => loop.measure(ms)
}

/** What writes the answer of a gate, and nothing else. */
async function floorOf(listen: Listen, wires: readonly Wire[], status: number): Promise<Measure> {
  const answer = answerOf(await new ExchangeLoop(listen, wires).one())
  if (answer.status !== status) throw new Error(`the gate answered ${answer.status} instead of ${status}`)
  const fields = [...answer.fields]
  const loop = new ExchangeLoop((_req, res) => {
    res.writeHead(answer.status, fields)
    res.end(answer.body)
  }, wires)
  return (ms) => loop.measure(ms)
}
