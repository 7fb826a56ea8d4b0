import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPromiseLike, judged } from '../../src/lib/promise.ts'

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

const questions: readonly (readonly [name: string, ask: () => unknown, answer: string])[] = [
  ['an answer', () => 'a', 'judged a'],
  ['a throw', () => assert.fail('thrown'), 'failed'],
  ['an answer that the judge throws at', () => undefined, 'failed'],
  ['a promise', () => Promise.resolve('a'), 'judged a'],
  ['a rejection', () => Promise.reject(new Error('rejected')), 'failed'],
  ['a promise that the judge throws at', () => Promise.resolve(), 'failed'],
  // oxlint-disable-next-line unicorn/no-thenable -- query builders are such objects
  ['an object with a then', () => ({ then: (done: (answer: string) => void) => done('a') }), 'judged a'],
]

for (const [name, ask, answer] of questions) {
  test(`AUT-10: ${name} comes to "${answer}", late only when it is late`, async () => {
    const judge = (given: unknown): string => (given === 'a' ? 'judged a' : assert.fail('no answer'))
    const late = name.includes('promise') || name.includes('rejection') || name.includes('then')
    const result = judged(ask, judge, (error) => (error instanceof Error ? 'failed' : 'nothing thrown'))
    assert.equal(result instanceof Promise, late)
    assert.equal(await result, answer)
  })
}
