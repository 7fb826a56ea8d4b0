import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type JsonLimits, type JsonProblem, parseJson } from '../../src/lib/json.ts'

const parsed: readonly (readonly [name: string, text: string, value: unknown])[] = [
  ['an object', '{"a":1,"b":[true,null]}', { a: 1, b: [true, null] }],
  ['a number', '1', 1],
  ['a string', '"a"', 'a'],
  ['an empty object', '{}', {}],
  ['an empty array', '[]', []],
  ['white space', ' {\n"a" :\t1 }\r\n', { a: 1 }],
  ['one name in two objects', '[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
  ['one name outside and inside', '{"a":{"a":{"a":1}}}', { a: { a: { a: 1 } } }],
  ['a name after an inner object', '{"a":{"b":1},"b":2}', { a: { b: 1 }, b: 2 }],
  ['a value equal to a name', '{"a":"b","b":"a"}', { a: 'b', b: 'a' }],
  ['a constructor without a prototype', '{"constructor":{"name":"a"}}', { constructor: { name: 'a' } }],
  ['a prototype without a constructor', '{"prototype":{"a":1}}', { prototype: { a: 1 } }],
  ['a prototype beside a constructor', '{"constructor":1,"prototype":2}', { constructor: 1, prototype: 2 }],
  [
    'a prototype in a list of a constructor',
    '{"constructor":[{"prototype":1}]}',
    { constructor: [{ prototype: 1 }] },
  ],
  [
    'a prototype further in',
    '{"constructor":{"a":{"prototype":1}}}',
    { constructor: { a: { prototype: 1 } } },
  ],
  ['half a character, unless told otherwise', '"\\ud83d"', '\ud83d'],
  ['equal strings in an array', '["a","a"]', ['a', 'a']],
  ['equal strings in an array in an object', '{"a":["a","a"],"b":"a"}', { a: ['a', 'a'], b: 'a' }],
  ['structure within strings', '{"a":"{\\"a\\":1,\\"a\\":2}","[":"]"}', { a: '{"a":1,"a":2}', '[': ']' }],
  ['backslashes before quotes', '{"a\\\\":1,"b":"\\\\"}', { 'a\\': 1, b: '\\' }],
  ['names that differ in case', '{"a":1,"A":2}', { a: 1, A: 2 }],
  ['names that differ in normalisation', '{"\u00e9":1,"e\u0301":2}', { '\u00e9': 1, 'e\u0301': 2 }],
  ['the empty name', '{"":1}', { '': 1 }],
  ['__proto__ as a value', '{"a":"__proto__"}', { a: '__proto__' }],
  [
    'names of methods',
    '{"constructor":1,"toString":2,"hasOwnProperty":3}',
    {
      constructor: 1,
      toString: 2,
      hasOwnProperty: 3,
    },
  ],
]

for (const [name, text, value] of parsed) {
  test(`JWT-07: JSON is parsed with ${name}`, () => {
    assert.deepEqual(parseJson(text), { ok: true, value })
  })
}

const refused: readonly (readonly [name: string, text: string, reason: JsonProblem, limits?: JsonLimits])[] =
  [
    ['nothing', '', 'syntax'],
    ['a byte order mark', '\ufeff{}', 'syntax'],
    ['a trailing comma', '{"a":1,}', 'syntax'],
    ['single quotes', "{'a':1}", 'syntax'],
    ['a comment', '{/**/}', 'syntax'],
    ['NaN', 'NaN', 'syntax'],
    ['a raw line feed in a string', '"\n"', 'syntax'],
    ['two values', '{}{}', 'syntax'],
    ['an open string', '"a', 'syntax'],
    ['an open object', '{"a":1', 'syntax'],
    ['a duplicate in text that is not JSON', '{"a":1,"a":2', 'syntax'],
    ['a name twice', '{"a":1,"a":2}', 'duplicate-name'],
    ['a name twice with equal values', '{"a":1,"a":1}', 'duplicate-name'],
    ['a name twice, one of them escaped', '{"alg":"a","\\u0061lg":"b"}', 'duplicate-name'],
    ['a name twice, escaped in two ways', '{"\\/":1,"\\u002F":2}', 'duplicate-name'],
    ['the empty name twice', '{"":1,"":2}', 'duplicate-name'],
    ['a name twice inside', '{"a":[{"b":{"c":1,"c":2}}]}', 'duplicate-name'],
    ['a name twice around an inner object', '{"a":1,"b":{"c":[1,{}]},"a":2}', 'duplicate-name'],
    ['a name twice around an array', '{"a":["a"],"a":[]}', 'duplicate-name'],
    ['a name with a quote twice', '{"\\"":1,"\\"":2}', 'duplicate-name'],
    ['a numeric name twice', '{"1":1,"1":2}', 'duplicate-name'],
    ['__proto__', '{"__proto__":{"admin":true}}', 'prototype-name'],
    ['__proto__ inside', '[{"a":{"__proto__":1}}]', 'prototype-name'],
    ['__proto__ escaped', '{"\\u005f_proto__":1}', 'prototype-name'],
    ['the prototype of a constructor', '{"constructor":{"prototype":{"admin":true}}}', 'prototype-name'],
    ['it escaped', '{"\\u0063onstructor":{"\\u0070rototype":1}}', 'prototype-name'],
    ['it after others', '{"a":1,"constructor":{"b":{},"prototype":1}}', 'prototype-name'],
    ['it inside', '[{"a":{"constructor":{"prototype":1}}}]', 'prototype-name'],
    ['one element too many', '[1,2,3]', 'too-many-items', { maxItems: 2 }],
    ['one element too many over all arrays', '{"a":[1],"b":[2,3]}', 'too-many-items', { maxItems: 2 }],
    ['one empty array too many', '{"a":[],"b":[],"c":[]}', 'too-many-items', { maxItems: 2 }],
    ['half a character', '"\\ud83d"', 'lone-surrogate', { loneSurrogates: false }],
    ['the other half', '"\\uDe00"', 'lone-surrogate', { loneSurrogates: false }],
    ['halves in the wrong order', '"\\ude00\\ud83d"', 'lone-surrogate', { loneSurrogates: false }],
    ['two first halves', '"\\ud83d\\ud83d"', 'lone-surrogate', { loneSurrogates: false }],
    ['half a character and a letter', '"\\ud83d\\u0061"', 'lone-surrogate', { loneSurrogates: false }],
    ['half a character in a name', '{"\\ud83d":1}', 'lone-surrogate', { loneSurrogates: false }],
    ['one level too many', '{"a":[{}]}', 'too-deep', { maxDepth: 2 }],
    ['any level where none is allowed', '[]', 'too-deep', { maxDepth: 0 }],
    ['one name too many', '{"a":1,"b":2,"c":3}', 'too-many-names', { maxKeys: 2 }],
    ['one name too many over all objects', '[{"a":1},{"a":1},{"a":1}]', 'too-many-names', { maxKeys: 2 }],
    ['more depth than by default', `${'['.repeat(65)}${']'.repeat(65)}`, 'too-deep'],
    ['a depth that would overflow a stack', `${'['.repeat(1e6)}${']'.repeat(1e6)}`, 'too-deep'],
  ]

for (const [name, text, reason, limits] of refused) {
  test(`REQ-11: JSON is refused for ${reason}: ${name}`, () => {
    assert.deepEqual(parseJson(text, limits), { ok: false, reason })
  })
}

test('REQ-11: JSON is parsed at its limits', () => {
  assert.equal(parseJson('{"a":[1]}', { maxDepth: 2, maxKeys: 1 }).ok, true)
  assert.equal(parseJson('1', { maxDepth: 0, maxKeys: 0 }).ok, true)
  assert.equal(parseJson(`${'['.repeat(64)}${']'.repeat(64)}`).ok, true)
  const names = Array.from({ length: 10_001 }, (_, index) => `"n${index}":0`)
  assert.equal(parseJson(`{${names.slice(1).join()}}`).ok, true)
  assert.deepEqual(parseJson(`{${names.join()}}`), { ok: false, reason: 'too-many-names' })
})

test('REQ-11: a whole character in two escapes is no half of one, nor is what only looks like an escape', () => {
  for (const text of [
    '"\\ud83d\\ude00"',
    '"\\\\ud83d"',
    '"\\u0061\\ud83d\\ude00\\n"',
    '{"\\uD83D\\uDE00":[]}',
  ])
    assert.equal(parseJson(text, { loneSurrogates: false }).ok, true, text)
})

test('REQ-11: of a long text that is beyond the limits nothing is built, and so it need not be JSON', () => {
  const long = 100_000
  const texts: readonly (readonly [text: string, reason: string])[] = [
    ['['.repeat(long), 'too-deep'],
    [`[${'[],'.repeat(long)}`, 'too-many-items'],
    [`{${'"a":"[{,:",'.repeat(long)}`, 'too-many-names'],
  ]
  for (const [text, reason] of texts)
    assert.deepEqual(parseJson(text, { maxItems: 10_000 }), { ok: false, reason })
  // What is no structure does not count: within a string, and after the first mistake.
  assert.equal(parseJson(`["${'[{,:\\"'.repeat(long)}"]`, { maxItems: 1, maxKeys: 0 }).ok, true)
})

test('REQ-11: JSON has as many elements as it may have', () => {
  assert.equal(parseJson('[1,2]', { maxItems: 2 }).ok, true)
  assert.equal(parseJson('{"a":1,"b":{"c":2}}', { maxItems: 0 }).ok, true)
})
