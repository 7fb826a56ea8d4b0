import type { Algorithm } from '@gatehouse/core'
import { digest } from './hash.ts'

/*
 * Names of keys: `{prefix}g` and the digest of what the key is for. Nothing that a client chose stands in a name, so no
 * brace moves it to another slot and no name can be made to look like another's (RL-10, RL-27); every name is as long
 * as every other, and an address does not stand in the memory of the server, nor in its log.
 */

/** The letter of each algorithm: in names of keys, and in the script. */
export const LETTERS: Readonly<Record<Algorithm, string>> = {
  gcra: 'g',
  'sliding-window': 's',
  'fixed-window': 'f',
}

/** Where one key of a store lies. */
export interface Place {
  /** The hash tag with its braces: keys that have it in common are on one node of a cluster. */
  readonly tag: string
  /** Delimits what the tag does not. */
  readonly name: string
}

/** The names of the keys of one store. */
export class Keys {
  readonly #tags: readonly string[]

  /** @param spread over how many hash tags the keys are spread */
  constructor(prefix: string, spread: number) {
    this.#tags =
      spread === 1
        ? [`{${prefix}}`]
        : Array.from({ length: spread }, (_, index) => `{${prefix}:${spread}:${index}}`)
  }

  /** Where a key lies: always in the same place. */
  placeOf(key: string): Place {
    const { name, number } = digest(key)
    return { tag: this.#tags[number % this.#tags.length] ?? '', name }
  }
}

/** The key of a counter. */
export function counterKey({ tag, name }: Place, algorithm: Algorithm): string {
  return `${tag}${LETTERS[algorithm]}:${name}`
}

/** The key of a block. */
export function blockKey({ tag, name }: Place): string {
  return `${tag}b:${name}`
}

/** The key of a record. */
export function recordKey({ tag, name }: Place): string {
  return `${tag}r:${name}`
}

/** All keys under which something is counted of one. */
export function allKeys(place: Place): readonly string[] {
  return [...Object.keys(LETTERS).map((each) => counterKey(place, each as Algorithm)), blockKey(place)]
}
