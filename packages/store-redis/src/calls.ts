import type { Charge, Outcome } from '@gatehouse/core'
import type { Call } from './batch.ts'
import { allKeys, blockKey, counterKey, type Place } from './keys.ts'
import { outcomeOf, type Told, toldOf } from './outcomes.ts'
import type { Program } from './program.ts'
import { type Counted, countedOf } from './quotas.ts'

/** A call on one counter, with the fields that its name asks for. */
export interface Claim {
  readonly place: Place
  readonly counted: Counted
  /** Of a charge: its cost and, for `lease`, what is taken ahead and for how long that is held; of a change see script/calls.ts. */
  readonly fields: readonly number[]
}

/** Calls that decide or change counters. */
export type CounterCall = 'take' | 'lease' | 'peek' | 'adjust' | 'undo'

/** A call on counters. */
export function counterCall(name: CounterCall, claims: readonly Claim[]): Call<readonly Told[]> {
  return {
    write(program) {
      const words = claims.map(
        ({ place, counted, fields }) => `${placed(program, place, counted)},${fields.join(',')}`,
      )
      program.say(`"${name}",${claims.length},${words.join(',')}`)
    },
    read: (replies) => claims.map(() => toldOf(replies)),
  }
}

/** Takes charges, each at its place, and ahead nothing: what most calls are. */
export function takeCall(charges: readonly Charge[], places: readonly Place[]): Call<readonly Outcome[]> {
  return {
    write(program) {
      let words = ''
      for (const [index, place] of places.entries()) {
        const { quota, cost } = charges[index] as Charge
        words += `,${placed(program, place, countedOf(quota))},${cost}`
      }
      program.say(`"take",${charges.length}${words}`)
    },
    read: (replies) => charges.map(() => outcomeOf(replies)),
  }
}

/** The numbers of a counter, of its block and of its quota. */
function placed(program: Program, place: Place, counted: Counted): string {
  const cell = program.cell(counterKey(place, counted.algorithm))
  const block = program.cell(blockKey(place))
  return `${cell},${block},${program.quota(counted)}`
}

/** Blocks keys. */
export function blockCall(places: readonly Place[], ms: number): Call<void> {
  return onCells(`"block",${ms}`, places.map(blockKey))
}

/** Forgets what is counted of keys. */
export function resetCall(places: readonly Place[]): Call<void> {
  return onCells('"reset"', places.flatMap(allKeys))
}

function onCells(name: string, cells: readonly string[]): Call<void> {
  return {
    write: (program) =>
      program.say(`${name},${cells.length},${cells.map((key) => program.cell(key)).join(',')}`),
    read: () => undefined,
  }
}

/** Writes a record where there is none. */
export function addCall(key: string, value: string, ttlMs: number): Call<boolean> {
  return {
    write(program) {
      program.say(`"add",${program.record(key)},${ttlMs}`)
      program.text(value)
    },
    read: (replies) => replies.number() === 1,
  }
}

/** Writes a record. */
export function writeCall(key: string, value: string, ttlMs: number): Call<void> {
  return {
    write(program) {
      program.say(`"write",${program.record(key)},${ttlMs}`)
      program.text(value)
    },
    read: () => undefined,
  }
}

/** Removes a record. */
export function removeCall(key: string): Call<boolean> {
  return {
    write: (program) => program.say(`"remove",${program.record(key)}`),
    read: (replies) => replies.number() === 1,
  }
}

/** Reads records. */
export function readCall(keys: readonly string[]): Call<readonly (string | undefined)[]> {
  return {
    write: (program) =>
      program.say(`"read",${keys.length},${keys.map((key) => program.record(key)).join(',')}`),
    read: (replies) => keys.map(() => replies.text()),
  }
}
