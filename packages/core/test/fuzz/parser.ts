import assert from 'node:assert/strict'

/** A parser of the house, as the fuzzer knows it. */
export interface Parser {
  /** The requirement that its reading serves. */
  readonly id: string
  /** The folder of its corpus. */
  readonly name: string
  /** Reads a text and fails when something is wrong with the answer. */
  readonly check: (text: string) => void
  /** Reads a text, and nothing else: for the clock. */
  readonly read: (text: string) => unknown
}

/** Longer texts may have a printed form that is longer than a parser takes. */
const PRINTABLE = 1024

/**
 * A row of the table: what is read, written in its one spelling, and read again, is the same.
 *
 * @param read gives `undefined` for what is refused
 * @param print writes what was read; left out where nothing can be written, as of a digest
 */
export function parser<T>(
  id: string,
  name: string,
  read: (text: string) => T | undefined,
  print?: (value: T, text: string) => string,
): Parser {
  return {
    id,
    name,
    read,
    check(text) {
      const value = read(text)
      assert.deepEqual(read(text), value, 'it says the same twice')
      assertPlain(value)
      if (value === undefined || print === undefined || text.length > PRINTABLE) return
      const printed = print(value, text)
      assert.deepEqual(read(printed), value, `${JSON.stringify(printed)} is read as it was written`)
    },
  }
}

const OBJECT_KEYS = Reflect.ownKeys(Object.prototype).length
const ARRAY_KEYS = Reflect.ownKeys(Array.prototype).length
const PROTOTYPES: ReadonlySet<unknown> = new Set([
  null,
  Object.prototype,
  Array.prototype,
  Map.prototype,
  Uint8Array.prototype,
  Buffer.prototype,
])

/** Nothing of a text has become a member of every object, or the prototype of one (REQ-11). */
function assertPlain(value: unknown): void {
  assert.equal(Reflect.ownKeys(Object.prototype).length, OBJECT_KEYS, 'Object.prototype is as it was')
  assert.equal(Reflect.ownKeys(Array.prototype).length, ARRAY_KEYS, 'Array.prototype is as it was')
  const open: unknown[] = [value]
  while (open.length > 0) {
    const one = open.pop()
    if (typeof one !== 'object' || one === null) continue
    // What node:crypto made of a key is no object of a text.
    const prototype: unknown = Object.getPrototypeOf(one)
    if (isKey(one)) continue
    assert.ok(PROTOTYPES.has(prototype), 'a prototype is one of the language')
    if (ArrayBuffer.isView(one)) continue
    open.push(...(one instanceof Map ? [...one.keys(), ...one.values()] : Object.values(one)))
  }
}

function isKey(value: object): boolean {
  return 'asymmetricKeyType' in value || 'symmetricKeySize' in value
}
