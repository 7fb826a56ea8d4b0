import type { Warning } from '../../contract/check.ts'
import type { Rejection } from './rejection.ts'
import type { CompiledKey } from './signature.ts'

/**
 * The keys for the `alg` and `kid` of a token: `undefined` when no key has that algorithm, an empty list when none of
 * those that have it goes by that name, and a rejection when nobody can know because the keys are not to be had.
 */
export type Candidates = readonly CompiledKey[] | Rejection | undefined

/** The keys that may verify a token. */
export interface Keyring {
  /** At once, unless keys have to be fetched first. */
  readonly candidates: (alg: string, kid: string | undefined) => Candidates | Promise<Candidates>
  /** Changes whenever the keys do: what was verified by a key that is gone is to be verified again (JWT-21). */
  readonly generation: () => number
  /** What is wrong although there are keys: that they are stale, say. */
  readonly warning: () => Warning | undefined
}

/**
 * Sorts keys by algorithm and name.
 *
 * The algorithms of the keys are the allowlist (JWT-03). A token that names a key is tried with that one and with
 * the keys that have no name; one that names none with every key of its algorithm.
 */
export function createKeyring(keys: readonly CompiledKey[]): Keyring {
  const sorted = sortKeys(keys)
  return { candidates: sorted, generation: () => 0, warning: () => undefined }
}

/** {@link createKeyring}, without what only keys that change have. */
export function sortKeys(
  keys: readonly CompiledKey[],
): (alg: string, kid: string | undefined) => readonly CompiledKey[] | undefined {
  const byAlgorithm = new Map<string, Shelf>()
  for (const alg of new Set<string>(keys.map((key) => key.alg))) {
    byAlgorithm.set(alg, shelve(keys.filter((key) => key.alg === alg)))
  }
  return (alg, kid) => {
    const shelf = byAlgorithm.get(alg)
    if (shelf === undefined || kid === undefined) return shelf?.all
    return shelf.byName.get(kid) ?? shelf.nameless
  }
}

interface Shelf {
  readonly all: readonly CompiledKey[]
  readonly nameless: readonly CompiledKey[]
  readonly byName: ReadonlyMap<string, readonly CompiledKey[]>
}

function shelve(all: readonly CompiledKey[]): Shelf {
  const nameless = all.filter((key) => key.kid === undefined)
  const byName = new Map<string, readonly CompiledKey[]>()
  for (const key of all) if (key.kid !== undefined) byName.set(key.kid, [key, ...nameless])
  return { all, nameless, byName }
}
