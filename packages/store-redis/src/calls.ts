import type { Algorithm } from '@gatehouse/core'
import type { Call } from './batch.ts'
import { allKeys, blockKey, counterKey, type Place } from './keys.ts'
import type { Counted } from './quotas.ts'

/** A call on one counter, with the fields that its name asks for. */
export interface Claim {
  readonly place: Place
  readonly counted: Counted
  /** Of a charge: cost, what is taken ahead, for how long that is held. Of a change: units, and since when. */
  readonly fields: readonly number[]
}

/** Calls that decide or change counters. */
export type CounterCall = 'take' | 'peek' | 'adjust' | 'undo'

/** A call on counters: one text of all outcomes answers it. */
export function counterCall(name: CounterCall, claims: readonly Claim[]): Call {
  const named = claims.map(({ place, counted, fields }) => ({
    cell: counterKey(place, counted.algorithm satisfies Algorithm),
    block: blockKey(place),
    rest: [...counted.fields, ...fields.map(String)],
  }))
  return {
    cells: named.flatMap(({ cell, block }) => [cell, block]),
    records: [],
    replies: 1,
    write(args, numberOf) {
      args.push(name, String(named.length))
      for (const { cell, block, rest } of named) args.push(numberOf(cell), numberOf(block), ...rest)
    },
  }
}

/** Blocks keys. */
export function blockCall(places: readonly Place[], ms: number): Call {
  return onCells('block', places.map(blockKey), [String(ms)])
}

/** Forgets what is counted of keys. */
export function resetCall(places: readonly Place[]): Call {
  return onCells('reset', places.flatMap(allKeys), [])
}

function onCells(name: string, cells: readonly string[], fields: readonly string[]): Call {
  return {
    cells,
    records: [],
    replies: 1,
    write: (args, numberOf) => args.push(name, ...fields, String(cells.length), ...cells.map(numberOf)),
  }
}

/** A call on one record. */
export function recordCall(
  name: 'add' | 'write' | 'remove',
  key: string,
  ...fields: readonly string[]
): Call {
  return {
    cells: [],
    records: [key],
    replies: 1,
    write: (args, numberOf) => args.push(name, numberOf(key), ...fields),
  }
}

/** Reads records: a text for each. */
export function readCall(keys: readonly string[]): Call {
  return {
    cells: [],
    records: keys,
    replies: keys.length,
    write: (args, numberOf) => args.push('read', String(keys.length), ...keys.map(numberOf)),
  }
}
