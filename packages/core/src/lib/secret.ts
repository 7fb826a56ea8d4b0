/** What stands for a secret wherever one is printed. */
const SHOWN = '[secret]'

/** Not in the object: then nothing that walks over properties, own or hidden, comes by it. */
const held = new WeakMap<Secret, string | Uint8Array>()

/**
 * A secret that cannot be printed (LOG-02): in a text, in JSON, in `util.inspect` and so in every log it is `[secret]`, and
 * a copy of it by `structuredClone` is empty. Only {@link reveal} gives its value. Made by {@link secret}.
 */
export class Secret {
  constructor(value: string | Uint8Array) {
    // A copy: what its owner does to the bytes later changes nothing here.
    held.set(this, typeof value === 'string' ? value : Buffer.from(value))
    Object.freeze(this)
  }

  /** Its stand-in, `[secret]`. */
  toString(): string {
    return SHOWN
  }

  /** Its stand-in in JSON, too. */
  toJSON(): string {
    return SHOWN
  }

  /** Compared, or added to, it is its stand-in, too. */
  [Symbol.toPrimitive](): string {
    return SHOWN
  }
}

// Not in the class: the declarations of the package cannot name this symbol. By its registered name: nothing else of node:util
// is needed here.
Object.defineProperty(Secret.prototype, Symbol.for('nodejs.util.inspect.custom'), { value: () => SHOWN })

/**
 * Wraps a secret, so that no log, error or page can show it; sessions, nonces, keys and webhooks take it wrapped, too.
 *
 * @example
 * const key = secret(process.env['SESSION_SECRET'] ?? '')
 * console.log({ key }) // { key: [secret] }
 */
export function secret(value: string | Uint8Array): Secret {
  return new Secret(value)
}

/**
 * The value of a secret, as it was given: the only way to it, so that a search for this name finds every use. Do not change
 * the bytes.
 *
 * @example
 * createHmac('sha256', reveal(key))
 */
export function reveal(wrapped: Secret): string | Uint8Array {
  const value = held.get(wrapped)
  // Something that pretends to be one: its prototype can be had.
  if (value === undefined) throw new TypeError('This is no secret.')
  return value
}

/** Whether a value is a secret. */
export function isSecret(value: unknown): value is Secret {
  return typeof value === 'object' && value !== null && held.has(value as Secret)
}

/** What an option says of a secret, wrapped or not. */
export function unwrapped(value: unknown): unknown {
  return isSecret(value) ? reveal(value) : value
}

/** The bytes of a secret, wrapped or not. */
export function bytesOf(value: Secret | Uint8Array): Uint8Array {
  if (!isSecret(value)) return value
  const bytes = reveal(value)
  return typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes
}
