import assert from 'node:assert/strict'
import { type Check, HOUR } from './bench.ts'

const LONG = 'k'.repeat(20_000)

/** Keys that some store may take for another, for syntax of its own, or for no key at all; no two are the same. */
const HOSTILE: readonly string[] = [
  ...[
    '',
    ' ',
    'a',
    'A',
    'a ',
    ' a',
    'a:',
    ':a',
    'a:b',
    'a::b',
    'a:b:',
    '{a}',
    'a{b}c',
    '{',
    '}',
    '{}',
    '{}a',
    '{a}{b}',
  ],
  ...['a\0', '\0a', 'a\0b', '\0', 'a\n', 'a\r\nb', 'a\tb', '\u007F', '\u0085', '\u2028'],
  ...[
    '*',
    '?',
    'a*',
    '[a]',
    '%',
    '_',
    '%61',
    "'",
    "''",
    "a';--",
    '"',
    '\\',
    '\\0',
    '\\x00',
    '\\u0000',
    '$1',
    '${a}',
    '`',
  ],
  ...[
    'é',
    'e\u0301',
    'ß',
    'ss',
    'SS',
    'İ',
    'ı',
    'i',
    'ﬀ',
    'ff',
    '１',
    '1',
    '01',
    '1.0',
    '😀',
    '\u200B',
    'a\u200B',
    '\uFEFFa',
  ],
  ...[
    '\uD83D',
    '\uDE00',
    '\uD83D\uDE00\uD83D',
    '\uFFFD',
    '\uD800',
    '\uDFFF',
    'a\uD800',
    'a\uD801',
    'a\uFFFD',
  ],
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'null',
    'undefined',
    'NaN',
    'true',
    '0',
    '-0',
  ],
  ...[
    'gcra',
    'gcra a',
    'sliding-window a',
    'fixed-window a',
    'block',
    'block:a',
    'a:block',
    'record:a',
    'a,b',
    'a b',
    '[]',
  ],
  ...[LONG, `${LONG}a`, `${LONG}b`, `a${LONG}`, 'k'.repeat(255), 'k'.repeat(256), 'k'.repeat(257)],
]

/** What a store makes of its keys. */
export const keyChecks: readonly Check[] = [
  {
    title: 'RL-10, RL-27: no two counters meet, whatever their keys are made of',
    async run({ take, peek }) {
      const limit = HOSTILE.length + 1
      const charges = HOSTILE.map((key, index) => ({
        key,
        quota: { limit, windowMs: HOUR, algorithm: 'fixed-window' as const },
        // Each takes another number, so that what one finds of another is seen.
        cost: index + 1,
      }))
      // One by one: a key that met one before it in the same call would be a mistake of the caller.
      for (const charge of charges) {
        const [outcome] = await take(charge)
        assert.equal(outcome?.remaining, limit - charge.cost, nameOf(charge.key))
      }
      const outcomes = await peek(...charges.map((charge) => ({ ...charge, cost: 1 })))
      for (const [index, outcome] of outcomes.entries()) {
        assert.equal(outcome.remaining, limit - index - 1, nameOf(HOSTILE[index]))
      }
    },
  },
  {
    title: 'RL-10, RL-27: no two records meet, whatever their keys are made of',
    async run({ store }) {
      for (const [index, key] of HOSTILE.entries())
        assert.equal(await store.add(key, String(index), HOUR), true, nameOf(key))
      const values = await store.read(HOSTILE)
      for (const [index, key] of HOSTILE.entries()) assert.equal(values[index], String(index), nameOf(key))
      for (const key of HOSTILE) assert.equal(await store.remove(key), true, nameOf(key))
    },
  },
  {
    title: 'RL-10, RL-27: a block or a reset of one key touches no other, whatever they are made of',
    async run({ store, one }) {
      const quota = { limit: 5, windowMs: HOUR }
      const blocked = HOSTILE.filter((_, index) => index % 2 === 0)
      await store.block(blocked, HOUR)
      for (const [index, key] of HOSTILE.entries())
        assert.equal((await one(key, quota)).blocked, index % 2 === 0 ? true : undefined, nameOf(key))
      await store.reset(blocked)
      for (const [index, key] of HOSTILE.entries()) {
        const { remaining, blocked: still } = await one(key, quota)
        assert.deepEqual([remaining, still], [index % 2 === 0 ? 4 : 3, undefined], nameOf(key))
      }
    },
  },
  {
    title: 'RL-27: counters, blocks and records of one key know nothing of each other',
    async run({ store, one }) {
      const quota = { limit: 5, windowMs: HOUR }
      for (const key of ['a', '', '__proto__', '{a}:b']) {
        await one(key, quota, 2)
        assert.deepEqual(await store.read([key]), [undefined], key)
        assert.equal(await store.add(key, 'value', HOUR), true, key)
        assert.equal((await one(key, quota)).remaining, 2, key)
        await store.block([key], HOUR)
        assert.deepEqual(await store.read([key]), ['value'], key)
        await store.reset([key])
        assert.deepEqual(await store.read([key]), ['value'], key)
        await one(key, quota, 2)
        assert.equal(await store.remove(key), true, key)
        assert.equal((await one(key, quota)).remaining, 2, key)
      }
    },
  },
]

function nameOf(key = ''): string {
  return JSON.stringify(key.length > 60 ? `${key.slice(0, 20)}... of ${key.length}` : key)
}
