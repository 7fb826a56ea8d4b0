import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasControl, isRoleName, isScopeToken, isTextList } from '../../src/lib/access-names.ts'

test('AZ-04: a scope is made of the characters of RFC 6749 §3.3, and of no other', () => {
  for (let code = 0; code <= 0x17f; code++) {
    const isOne = code === 0x21 || (code >= 0x23 && code <= 0x5b) || (code >= 0x5d && code <= 0x7e)
    assert.equal(isScopeToken(String.fromCharCode(code)), isOne, code.toString(16))
    assert.equal(isScopeToken(`a${String.fromCharCode(code)}b`), isOne, code.toString(16))
  }
})

test('AZ-04: a scope has 1 to 256 characters', () => {
  assert.equal(isScopeToken(''), false)
  assert.equal(isScopeToken('x'.repeat(256)), true)
  assert.equal(isScopeToken('x'.repeat(257)), false)
})

const roles: readonly (readonly [role: string, expected: boolean])[] = [
  ['admin', true],
  ['Team Lead', true],
  ['éditeur', true],
  ['x'.repeat(256), true],
  ['x'.repeat(257), false],
  ['', false],
  [' ', false],
  ['admin ', false],
  ['\u00a0admin', false],
  ['a\nb', false],
  ['a\u0085b', false],
]

for (const [role, expected] of roles) {
  test(`AZ-05: ${JSON.stringify(role)} ${expected ? 'can' : 'cannot'} name a role`, () => {
    assert.equal(isRoleName(role), expected)
  })
}

const lists: readonly (readonly [name: string, value: unknown, expected: boolean])[] = [
  ['no text', [], true],
  ['texts', ['a', ''], true],
  ['a number among them', ['a', 1], false],
  ['a hole', Object.assign([], { 1: 'a' }), false],
  ['a text', 'admin', false],
  ['a set', new Set(['a']), false],
  ['nothing', undefined, false],
]

for (const [name, value, expected] of lists) {
  test(`AZ-04: ${name} ${expected ? 'is' : 'is not'} a list of texts`, () => {
    assert.equal(isTextList(value), expected)
  })
}

test('BSC-01: a control character is what Unicode calls one', () => {
  for (let code = 0; code <= 0xffff; code++) {
    const character = String.fromCharCode(code)
    assert.equal(hasControl(`a${character}b`), /\p{Cc}/u.test(character), code.toString(16))
  }
})
