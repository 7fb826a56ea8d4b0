import { randomBytes } from 'node:crypto'
import type { Quota } from '../contract/store.ts'

/** What makes two limits of one name the same counter. */
export interface CountedLimit {
  readonly name: string
  readonly quota: Quota
  /** By what it counts: words, or functions of the policy. */
  readonly by: readonly unknown[]
  /** What makes one spelling of several. */
  readonly normalize: unknown
  /** How much of an IPv6 address is one client. */
  readonly ipv6Prefix: number | undefined
}

/** How a name was taken: by the whole policy, or by the rules that say it. */
type Owner = 'policy' | 'rule'

/**
 * The limits of one gate by name, over all its rules: rules that use one name share one counter, so they must mean the
 * same limit (RL-25).
 */
export class LimitRegistry<L extends { readonly name: string }> {
  /** Makes partition keys that nobody outside this process can compute (RL-12). */
  readonly secret: Buffer = randomBytes(32)
  readonly #byName = new Map<string, { readonly counted: CountedLimit; readonly owner: Owner }>()
  readonly #made = new Map<unknown, unknown>()
  readonly #compiled = new Map<string, L>()

  /**
   * Makes something of the limits of the policy, once: every rule is compiled with them, and a mistake in them is one
   * mistake.
   */
  once<T>(of: unknown, make: () => T): T {
    if (!this.#made.has(of)) this.#made.set(of, make())
    return this.#made.get(of) as T
  }

  /**
   * Compiles a limit that was read: once for all rules, where they cannot differ, since of one who is counted only a few keys are
   * remembered (RL-22). As it was compiled first it is found by its name.
   */
  compile<C extends L>(read: { readonly by: readonly unknown[] }, make: () => C): C {
    const limit = read.by.includes('route') ? make() : this.once(read, make)
    if (!this.#compiled.has(limit.name)) this.#compiled.set(limit.name, limit)
    return limit
  }

  /** The limit of a name. */
  named(name: string): L | undefined {
    return this.#compiled.get(name)
  }

  /** The names of all limits. */
  names(): readonly string[] {
    return [...this.#compiled.keys()]
  }

  /**
   * Takes a name for a limit.
   *
   * @returns what speaks against it: a limit of the whole policy has the name, or a rule has it for another limit
   */
  take(counted: CountedLimit, owner: Owner): 'is-policy' | 'differs' | undefined {
    const known = this.#byName.get(counted.name)
    if (known === undefined) {
      this.#byName.set(counted.name, { counted, owner })
      return undefined
    }
    if (known.owner === 'policy') return 'is-policy'
    return isSame(known.counted, counted) ? undefined : 'differs'
  }
}

function isSame(a: CountedLimit, b: CountedLimit): boolean {
  return (
    a.quota.limit === b.quota.limit &&
    a.quota.windowMs === b.quota.windowMs &&
    a.quota.algorithm === b.quota.algorithm &&
    a.by.length === b.by.length &&
    a.by.every((word, index) => word === b.by[index]) &&
    a.normalize === b.normalize &&
    a.ipv6Prefix === b.ipv6Prefix
  )
}
