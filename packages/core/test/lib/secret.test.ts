import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { serialize } from 'node:v8'
import { bytesOf, isSecret, reveal, Secret, secret, unwrapped } from '../../src/lib/secret.ts'

const TEXT = 'correct horse battery staple'

describe('a secret', () => {
  const key = secret(TEXT)
  const ways: readonly (readonly [name: string, print: (value: { toString(): string }) => string])[] = [
    ['a template', (value) => `of ${value as unknown as string}`],
    ['String()', String],
    ['toString()', (value) => value.toString()],
    ['adding', (value) => 'of '.concat(value as unknown as string)],
    ['JSON', (value) => JSON.stringify({ value, list: [value] })],
    ['inspect', (value) => inspect({ value }, { showHidden: true, depth: null, customInspect: true })],
    [
      'inspect without custom ways',
      (value) => inspect(value, { showHidden: true, depth: null, customInspect: false }),
    ],
    ['its properties', (value) => Reflect.ownKeys(value).map(String).join()],
    ['an entry of it', (value) => JSON.stringify(Object.entries(value))],
    ['a spread', (value) => JSON.stringify({ ...value })],
    ['a structured clone', (value) => inspect(structuredClone(value), { showHidden: true })],
    ['what v8 writes', (value) => serialize(value).toString('latin1')],
    [
      'an error that quotes it',
      (value) => inspect(new Error(`no use for ${String(value)}`, { cause: value })),
    ],
    ['a log of the console', (value) => inspect(new Map([[value, new Set([value])]]))],
  ]
  for (const [name, print] of ways) {
    test(`LOG-02: is not shown by ${name}`, () => {
      for (const value of [key, secret(Buffer.from(TEXT))]) {
        const shown = print(value)
        assert.equal(shown.includes('horse'), false, shown)
        assert.equal(shown.includes(Buffer.from(TEXT).toString('hex').slice(0, 12)), false, shown)
      }
    })
  }

  test('LOG-02: stands as [secret] in a text and in a log', () => {
    assert.equal(`of ${key as unknown as string}`, 'of [secret]')
    assert.equal(inspect({ key }), '{ key: [secret] }')
    assert.equal(JSON.stringify({ key }), '{"key":"[secret]"}')
    // What compares it with a text compares the stand-in.
    assert.notEqual(String(key), TEXT)
  })

  test('is given by reveal, as it was given, and by nothing else', () => {
    assert.equal(reveal(key), TEXT)
    const bytes = Buffer.from(TEXT)
    const wrapped = secret(bytes)
    bytes.fill(0)
    assert.deepEqual(reveal(wrapped), Buffer.from(TEXT))
    assert.deepEqual(bytesOf(wrapped), Buffer.from(TEXT))
    assert.deepEqual(bytesOf(key), Buffer.from(TEXT))
    assert.equal(bytesOf(bytes), bytes)
  })

  test('is told from what pretends to be one', () => {
    const pretender = Object.create(Secret.prototype) as Secret
    assert.equal(isSecret(pretender), false)
    assert.throws(() => reveal(pretender), TypeError)
    for (const value of [undefined, null, 'text', {}, TEXT]) assert.equal(isSecret(value), false)
    assert.equal(unwrapped(pretender), pretender)
    assert.equal(unwrapped(key), TEXT)
  })
})
