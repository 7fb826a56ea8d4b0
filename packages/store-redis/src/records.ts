import type { Batcher } from './batch.ts'
import { addCall, readCall, removeCall, writeCall } from './calls.ts'
import { type Keys, recordKey } from './keys.ts'
import { isPositiveInteger } from './quotas.ts'

/** Records that are read by one script. */
const MAX_KEYS = 250

/** The records of a store, as they lie on the server: `SET NX PX`, `MGET`, `SET PX`, `DEL`. */
export class ServerRecords {
  readonly #batcher: Batcher
  readonly #keys: Keys

  constructor(batcher: Batcher, keys: Keys) {
    this.#batcher = batcher
    this.#keys = keys
  }

  async add(key: string, value: string, ttlMs: number): Promise<boolean> {
    checkTtl(ttlMs)
    const place = this.#keys.placeOfOnce(key)
    return this.#batcher.ask(place.tag, addCall(recordKey(place), value, ttlMs))
  }

  async write(key: string, value: string, ttlMs: number): Promise<void> {
    checkTtl(ttlMs)
    const place = this.#keys.placeOf(key)
    return this.#batcher.ask(place.tag, writeCall(recordKey(place), value, ttlMs))
  }

  async remove(key: string): Promise<boolean> {
    const place = this.#keys.placeOf(key)
    return this.#batcher.ask(place.tag, removeCall(recordKey(place)))
  }

  async read(keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    const byTag = new Map<string, string[]>()
    const names = keys.map((key) => {
      const place = this.#keys.placeOf(key)
      const name = recordKey(place)
      const named = byTag.get(place.tag)
      if (named === undefined) byTag.set(place.tag, [name])
      else named.push(name)
      return name
    })
    const found = new Map<string, string | undefined>()
    const asked: Promise<void>[] = []
    for (const [tag, named] of byTag) {
      for (let from = 0; from < named.length; from += MAX_KEYS) {
        asked.push(this.#readSome(tag, named.slice(from, from + MAX_KEYS), found))
      }
    }
    await Promise.all(asked)
    return names.map((name) => found.get(name))
  }

  async #readSome(
    tag: string,
    names: readonly string[],
    found: Map<string, string | undefined>,
  ): Promise<void> {
    const texts = await this.#batcher.ask(tag, readCall(names))
    for (const [index, name] of names.entries()) found.set(name, texts[index])
  }
}

function checkTtl(ttlMs: number): void {
  if (!isPositiveInteger(ttlMs)) throw new RangeError('A record lasts for a positive integer of milliseconds')
}
