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
  /** Its keys, once each was asked for. */
  block: string | undefined
  readonly counters: Record<Algorithm, string | undefined>
}

/** Places of one generation: a full one becomes the old one, and the one before it is dropped. */
const MAX_REMEMBERED = 5_000

/** Longer keys are not remembered. */
const MAX_LENGTH = 256

/** The names of the keys of one store. */
export class Keys {
  readonly #tags: readonly string[]
  /** Two generations of places, as core has them of tokens: who comes once comes again, and a digest costs more than all else. */
  #young = new Map<string, Place>()
  #old = new Map<string, Place>()

  /** @param spread over how many hash tags the keys are spread */
  constructor(prefix: string, spread: number) {
    this.#tags =
      spread === 1
        ? [`{${prefix}}`]
        : Array.from({ length: spread }, (_, index) => `{${prefix}:${spread}:${index}}`)
  }

  /** Where a key lies: always in the same place. */
  placeOf(key: string): Place {
    const known = this.#young.get(key)
    if (known !== undefined) return known
    const place = this.#old.get(key) ?? this.placeOfOnce(key)
    if (key.length > MAX_LENGTH) return place
    if (this.#young.size >= MAX_REMEMBERED) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, place)
    return place
  }

  /** The same of a key that is asked for once, so that none of those that come again is forgotten for it. */
  placeOfOnce(key: string): Place {
    const { name, number } = digest(key)
    const tag = this.#tags[number % this.#tags.length] ?? ''
    return {
      tag,
      name,
      block: undefined,
      counters: { gcra: undefined, 'sliding-window': undefined, 'fixed-window': undefined },
    }
  }
}

/** The key of a counter. */
export function counterKey(place: Place, algorithm: Algorithm): string {
  return (place.counters[algorithm] ??= `${place.tag}${LETTERS[algorithm]}:${place.name}`)
}

/** The key of a block. */
export function blockKey(place: Place): string {
  return (place.block ??= `${place.tag}b:${place.name}`)
}

/** The key of a record. */
export function recordKey({ tag, name }: Place): string {
  return `${tag}r:${name}`
}

/** All keys under which something is counted of one. */
export function allKeys(place: Place): readonly string[] {
  return [...Object.keys(LETTERS).map((each) => counterKey(place, each as Algorithm)), blockKey(place)]
}
