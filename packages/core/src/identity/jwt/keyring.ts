import type { CompiledKey } from './signature.ts'

/** The keys that may verify a token. */
export interface Keyring {
  /**
   * The keys for the `alg` and `kid` of a token: `undefined` when no key has that algorithm, and an empty list when
   * none of those that have it goes by that name.
   */
  readonly candidates: (alg: string, kid: string | undefined) => readonly CompiledKey[] | undefined
}

/**
 * Sorts keys by algorithm and name.
 *
 * The algorithms of the keys are the allowlist (JWT-03). A token that names a key is tried with that one and with
 * the keys that have no name; one that names none with every key of its algorithm.
 */
export function createKeyring(keys: readonly CompiledKey[]): Keyring {
  const byAlgorithm = new Map<string, Shelf>()
  for (const alg of new Set<string>(keys.map((key) => key.alg))) {
    byAlgorithm.set(alg, shelve(keys.filter((key) => key.alg === alg)))
  }
  return {
    candidates(alg, kid) {
      const shelf = byAlgorithm.get(alg)
      if (shelf === undefined || kid === undefined) return shelf?.all
      return shelf.byName.get(kid) ?? shelf.nameless
    },
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
