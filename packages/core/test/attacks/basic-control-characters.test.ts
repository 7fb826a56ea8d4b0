import assert from 'node:assert/strict'
import { test } from 'node:test'
import { basic } from '../../src/identity/basic.ts'
import { facts } from '../support/facts.ts'
import { compiled, outcome } from '../support/schemes.ts'

/*
 * A name that forges a line of the log, ends a text in C, turns a terminal's output, or has a second spelling in
 * UTF-8: it never reaches the callback, and so no log, query or directory behind it.
 */

const scheme = compiled(basic({ verify: () => assert.fail('asked') }))

function identify(bytes: Uint8Array): string {
  const value = `Basic ${Buffer.from(bytes).toString('base64')}`
  return outcome(scheme.identify(facts({ fields: [['Authorization', value]] })))
}

const CONTROLS = [...Array.from({ length: 0x20 }, (_, code) => code), 0x7f]

for (const code of CONTROLS) {
  test(`BSC-01: U+${code.toString(16).padStart(4, '0')} is refused in a name and in a password`, () => {
    assert.equal(identify(Uint8Array.of(0x61, code, 0x3a, 0x62)), 'credentials.malformed')
    assert.equal(identify(Uint8Array.of(0x61, 0x3a, 0x62, code)), 'credentials.malformed')
  })
}

test('BSC-01: C1 controls are refused as characters and as bytes', () => {
  for (let code = 0x80; code <= 0x9f; code++) {
    assert.equal(identify(Buffer.from(`a${String.fromCharCode(code)}:b`)), 'credentials.malformed')
    assert.equal(identify(Uint8Array.of(0x61, code, 0x3a, 0x62)), 'credentials.malformed')
  }
})

const SPELLINGS: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['an overlong line feed', [0xc0, 0x8a]],
  ['an overlong null', [0xc0, 0x80]],
  ['an overlong letter of three bytes', [0xe0, 0x81, 0xa1]],
  ['half a surrogate pair', [0xed, 0xa0, 0xbd]],
  ['a surrogate pair in CESU-8', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
  ['a code point past the last', [0xf4, 0x90, 0x80, 0x80]],
  ['a byte that begins nothing', [0xff]],
  ['a continuation without a beginning', [0xa3]],
]

for (const [name, bytes] of SPELLINGS) {
  test(`BSC-01: ${name} is refused`, () => {
    assert.equal(identify(Uint8Array.of(...bytes, 0x3a, 0x62)), 'credentials.malformed')
    assert.equal(identify(Uint8Array.of(0x61, 0x3a, ...bytes)), 'credentials.malformed')
  })
}
