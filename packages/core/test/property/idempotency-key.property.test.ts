import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseItem } from 'structured-headers'
import { parseKey } from '../../src/checks/idempotency/key.ts'
import { sfString } from '../../src/lib/structured-fields.ts'
import { anyText } from './any-text.ts'

/** What a library of structured fields reads, where it is a String without parameters. */
function slowString(text: string): string | undefined {
  try {
    const [value, parameters] = parseItem(text)
    return typeof value === 'string' && parameters.size === 0 ? value : undefined
  } catch {
    return undefined
  }
}

const printable = fc.string({
  unit: fc.constantFrom('a', 'b', '"', '\\', ' ', ',', ';', '=', '~', '\u007f', '\u001f', 'é'),
  maxLength: 12,
})

test('IDM-01: reading a key never throws, and a quoted one is what a library of structured fields reads', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        anyText,
        printable,
        printable.map((text) => `"${text}"`),
      ),
      (text) => {
        const key = parseKey(text)
        if (!text.startsWith('"')) return
        const slow = text.endsWith(' ') ? undefined : slowString(text)
        assert.equal(key, slow === '' || text.length > 257 ? undefined : slow)
      },
    ),
    { numRuns: 2000 },
  )
})

test('IDM-01: every printable text of at most 255 characters is a key, and its own', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\x20-\x7e]{1,255}$/), (text) => {
      assert.equal(parseKey(sfString(text)), text)
    }),
    { numRuns: 500 },
  )
})
