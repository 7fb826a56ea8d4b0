import type { Query } from '../contract/query.ts'
import { decodeParameter, findParameter } from '../lib/query.ts'

/** Which value of a parameter counts that comes more than once. */
export type Counting = 'first' | 'last'

const NONE: readonly string[] = Object.freeze([])

/** The query of one request. A parameter that cannot be decoded is not in it: the request check has refused those. */
export class RequestQuery implements Query {
  readonly #pairs: (readonly [name: string, value: string])[] = []
  readonly #values = new Map<string, string[]>()
  readonly #counts: Counting

  /** @param query with its `?`, or empty */
  constructor(query: string, counts: Counting) {
    this.#counts = counts
    findParameter<never>(query.slice(1), (name, sent) => {
      const value = decodeParameter(sent)
      if (value !== undefined) this.#add(name, value)
      return undefined
    })
  }

  #add(name: string, value: string): void {
    this.#pairs.push([name, value])
    const values = this.#values.get(name)
    if (values === undefined) this.#values.set(name, [value])
    else values.push(value)
  }

  get(name: string): string | undefined {
    return this.#values.get(name)?.at(this.#counts === 'first' ? 0 : -1)
  }

  all(name: string): readonly string[] {
    return [...(this.#values.get(name) ?? NONE)]
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  [Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    return this.#pairs.values()
  }
}
