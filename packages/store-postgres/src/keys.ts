import { createHash } from 'node:crypto'

/** Makes the keys of one store: rows of stores with another prefix are never those of this one. */
export class Keys {
  readonly #prefix: string

  constructor(prefix: string) {
    // The length delimits it (RL-27).
    this.#prefix = `${prefix.length}:${prefix}:`
  }

  /**
   * The key of a row: 43 characters, whatever was counted. No text of a client is part of a statement or lies in the
   * database, and no NUL or half a character has to (RL-10).
   */
  of(key: string): string {
    // UTF-16, for in UTF-8 all lone surrogates are one replacement character, and two texts would be one key.
    return createHash('sha256')
      .update(this.#prefix + key, 'utf16le')
      .digest('base64url')
  }
}
