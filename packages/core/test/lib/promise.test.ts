import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPromiseLike } from '../../src/lib/promise.ts'

const rows: readonly (readonly [name: string, value: unknown, expected: boolean])[] = [
  ['a promise', Promise.resolve(), true],
  // oxlint-disable-next-line unicorn/no-thenable -- query builders are such objects
  ['an object with a then', { then: () => undefined }, true],
  // oxlint-disable-next-line unicorn/no-thenable -- and such are not
  ['an object whose then is no function', { then: true }, false],
  ['an object', {}, false],
  ['a function', () => undefined, false],
  ['null', null, false],
  ['undefined', undefined, false],
  ['true', true, false],
  ['a text', 'then', false],
]

for (const [name, value, expected] of rows) {
  test(`AUT-10: ${name} is ${expected ? '' : 'not '}waited for`, () => {
    assert.equal(isPromiseLike(value), expected)
  })
}
