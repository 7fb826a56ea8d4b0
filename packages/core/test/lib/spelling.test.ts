import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearest } from '../../src/lib/spelling.ts'

const OPTIONS = ['hosts', 'https', 'cors', 'rateLimit', 'authenticate', 'routes', 'jwksURIOf']

const rows: readonly (readonly [name: string, word: string, expected: string | undefined])[] = [
  ['a character left out', 'ratelimt', 'rateLimit'],
  ['a character added', 'authenticcate', 'authenticate'],
  ['a character replaced', 'routas', 'routes'],
  ['two neighbours swapped', 'rotues', 'routes'],
  ['two errors in a long word', 'autenticat', 'authenticate'],
  ['two swaps in a long word', 'uathenticaet', 'authenticate'],
  ['other case', 'RATELIMIT', 'rateLimit'],
  ['the case left out', 'jwksuriof', 'jwksURIOf'],
  ['the word itself', 'cors', 'cors'],
  ['a short word with one error', 'cor', 'cors'],
  ['no candidate for three errors', 'autentict', undefined],
  ['no candidate for two errors in a short word', 'core1', undefined],
  ['no candidate for a word of two characters', 'co', undefined],
  ['no candidate for nothing', '', undefined],
  ['no candidate for another word', 'compression', undefined],
  ['no candidate for a very long word', 'a'.repeat(1_000_000), undefined],
]

for (const [name, word, expected] of rows) {
  test(`ERR-03: the likely spelling is found: ${name}`, () => {
    assert.equal(nearest(word, OPTIONS), expected)
  })
}

test('ERR-03: of several likely spellings the nearest is found, and of equally near ones the first', () => {
  assert.equal(nearest('maxBodi', ['maxBodyXX', 'maxBodyX', 'maxBody']), 'maxBody')
  assert.equal(nearest('MaxBody', ['maxBodi', 'maxBody']), 'maxBody')
  assert.equal(nearest('maxBodi', ['maxBody', 'maxBodyX', 'maxBodx']), 'maxBody')
})

test('ERR-03: the likely spelling of nothing among nothing is nothing', () => {
  assert.equal(nearest('cors', []), undefined)
  assert.equal(nearest('a'.repeat(65), ['a'.repeat(65)]), undefined)
  assert.equal(nearest('a'.repeat(64), ['a'.repeat(64)]), 'a'.repeat(64))
})
