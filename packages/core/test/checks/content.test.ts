import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileContent } from '../../src/checks/content.ts'
import type { Check, Passed, Refusal, Verdict } from '../../src/contract/check.ts'
import { CODES } from '../../src/contract/codes.ts'
import { KINDS } from '../../src/contract/kinds.ts'
import type { ContentRead, ReadLimits } from '../../src/contract/request.ts'
import { mistakesOf, place } from '../support/compile.ts'
import { facts, type FactsInit } from '../support/facts.ts'

type Fields = NonNullable<FactsInit['fields']>

const JSON_TYPE = ['Content-Type', 'application/json'] as const
const FORM_TYPE = ['Content-Type', 'application/x-www-form-urlencoded'] as const

function compiled(setting: unknown, shadow = false): Check {
  const where = place('content')
  const { check } = compileContent(where, setting, shadow)
  where.mistakes.throwIfAny()
  assert.ok(check !== undefined)
  return check
}

/** What a check says of a request whose content somebody else reads, or has read. */
function declared(setting: unknown, fields: Fields, shadow = false): Verdict {
  const verdict = compiled(setting, shadow).decide(facts({ method: 'POST', fields }))
  assert.ok(!(verdict instanceof Promise))
  return verdict
}

/** What a check says of a request with this content. */
async function content(
  setting: unknown,
  given: string | Buffer,
  fields: Fields = [JSON_TYPE],
  hear: (limits: ReadLimits) => void = () => undefined,
): Promise<Verdict> {
  const isRead = Buffer.isBuffer(given) || !/^(?:too-large|too-dense|late|cut|undecodable)$/.test(given)
  const read = (isRead ? { type: 'whole', bytes: Buffer.from(given) } : { type: given }) as ContentRead
  const incoming = {
    read: (limits: ReadLimits): Promise<ContentRead> => {
      hear(limits)
      return Promise.resolve(read)
    },
  }
  const all: Fields = [...fields, ['Transfer-Encoding', 'chunked']]
  return compiled(setting).decide(facts({ method: 'POST', fields: all, incoming }))
}

function told(verdict: Verdict): string {
  if (verdict.type !== 'refusal') return verdict.type
  return `${verdict.kind} ${CODES[KINDS[verdict.kind].code ?? 'internal_error'].status}`
}

const length = (bytes: number): readonly [string, string] => ['Content-Length', String(bytes)]

describe('content: what a request declares', () => {
  const TYPE = 'content.type-refused 415'
  const CHARSET = 'content.charset-refused 415'
  const types: readonly (readonly [setting: unknown, type: string | undefined, told: string])[] = [
    ['json', undefined, TYPE],
    ['json', '', TYPE],
    ['json', 'text/plain', TYPE],
    ['json', 'text/plain; a=application/json', TYPE],
    ['json', 'application/x-www-form-urlencoded', TYPE],
    ['json', 'multipart/form-data; boundary=a', TYPE],
    ['json', 'application/json5', TYPE],
    ['json', 'application/jsonx', TYPE],
    ['json', 'text/json', TYPE],
    ['json', 'application/merge-patch+json', TYPE],
    ['json', 'application/json, text/plain', TYPE],
    ['json', 'application/json; charset=latin1', CHARSET],
    ['json', 'application/json; charset=utf-16', CHARSET],
    ['json', 'application/json; charset=utf-8; charset=utf-7', TYPE],
    ['form', 'application/x-www-form-urlencoded; charset=iso-8859-1', CHARSET],
    ['form', 'application/json', TYPE],
    ['image/png', 'image/jpeg', TYPE],
    [{ types: 'json', read: false }, 'text/plain', TYPE],
    [{ types: 'json', read: false }, 'application/json; charset=latin1', CHARSET],
    ['image/png', 'image/png; charset=latin1', 'pass'],
    [['json', 'multipart/form-data'], 'multipart/form-data; boundary=a', 'pass'],
    [{ types: 'json', read: false }, 'application/json', 'pass'],
    ['any', undefined, 'pass'],
    ['any', 'nonsense', 'pass'],
  ]
  for (const [setting, type, expected] of types) {
    test(`CSR-06: ${JSON.stringify(setting)} and the type ${type}: ${expected}`, () => {
      const fields: Fields = type === undefined ? [length(2)] : [length(2), ['Content-Type', type]]
      assert.equal(told(declared(setting, fields)), expected)
    })
  }

  test('CSR-06: two Content-Type fields are none, whichever comes first', () => {
    const fields: Fields = [length(2), JSON_TYPE, ['Content-Type', 'text/plain']]
    assert.equal(told(declared('json', fields)), TYPE)
  })

  test('CSR-06: a refused type says what would have been taken', () => {
    const missing = declared(['json', 'image/PNG'], [length(2)]) as Refusal
    const another = declared(['json', 'image/PNG'], [length(2), ['Content-Type', 'text/plain']]) as Refusal
    for (const { fields } of [missing, another])
      assert.deepEqual(fields, ['Accept', 'application/json, image/png'])
    assert.equal(missing.reason, 'there is no Content-Type; the rule takes application/json, image/png')
    assert.equal(another.reason, 'the Content-Type is none that the rule takes: application/json, image/png')
  })

  const CODING = 'content.coding-refused 415'
  const codings: readonly (readonly [encodings: readonly string[], coding: string, told: string])[] = [
    [[], 'gzip', CODING],
    [[], 'identity', 'pass'],
    [[], 'IDENTITY', 'pass'],
    [['gzip'], 'gzip', 'pass'],
    [['gzip'], 'GZip', 'pass'],
    [['gzip'], 'x-gzip', 'pass'],
    [['gzip'], 'br', CODING],
    [['gzip'], 'gzip, gzip', CODING],
    [['gzip'], 'gzip, identity', CODING],
    [['gzip', 'br'], 'zstd', CODING],
    [['gzip'], '', CODING],
    [['gzip'], 'constructor', CODING],
  ]
  for (const [encodings, coding, expected] of codings) {
    test(`REQ-13: the coding ${JSON.stringify(coding)} where ${encodings.join() || 'none'} is taken: ${expected}`, () => {
      const fields: Fields = [length(2), ['Content-Encoding', coding]]
      assert.equal(told(declared({ types: 'any', encodings }, fields)), expected)
    })
  }

  test('REQ-13: a refused coding says which are taken (RFC 9110 §12.5.3)', () => {
    const fields: Fields = [length(2), ['Content-Encoding', 'zstd']]
    const says = (encodings: readonly string[]): unknown =>
      (declared({ types: 'any', encodings }, fields) as Refusal).fields
    assert.deepEqual(says(['gzip', 'br']), ['Accept-Encoding', 'gzip, br'])
    assert.deepEqual(says([]), ['Accept-Encoding', 'identity'])
  })

  test('REQ-16: a declared length beyond the limit is refused at once, and the connection ends', () => {
    const setting = { types: 'any', maxBytes: 10 }
    const verdict = declared(setting, [length(11)]) as Refusal
    assert.equal(told(verdict), 'content.too-large 413')
    assert.equal(verdict.closes, true)
    assert.equal(told(declared(setting, [length(10)])), 'pass')
  })

  test('a request without content passes, unless the rule needs some', () => {
    for (const fields of [[], [length(0)], [length(0), ['Content-Type', 'text/plain']]] as Fields[]) {
      assert.equal(told(declared('json', fields)), 'pass')
      assert.equal(told(declared({ types: 'json', required: true }, fields)), 'content.missing 400')
    }
  })

  test('REQ-16: what the handler reads is bounded', () => {
    const { bounds } = declared({ types: 'any', maxBytes: 10, deadline: '1m' }, [length(2)]) as Passed
    assert.deepEqual([bounds?.maxBytes, bounds?.deadlineMs], [10, 60_000])
    assert.deepEqual(
      [bounds && told(bounds.tooLarge), bounds && told(bounds.late)],
      ['content.too-large 413', 'content.late 408'],
    )
  })

  test('DEP-04: in shadow mode it looks at what is declared, and leaves the content to the handler', () => {
    assert.equal(told(declared('json', [length(2), JSON_TYPE], true)), 'pass')
    assert.equal((declared('any', [length(2)], true) as Passed).bounds, undefined)
    assert.equal(told(declared('json', [length(2)], true)), TYPE)
  })
})

describe('content: what the gate reads', () => {
  const MALFORMED = 'content.malformed 400'
  const HAZARDOUS = 'content.hazardous 400'

  test('REQ-16: it asks for no more than the limits, in the coding that was declared', async () => {
    const asked: ReadLimits[] = []
    const fields: Fields = [JSON_TYPE, ['Content-Encoding', 'x-gzip']]
    await content({ types: 'json', encodings: ['gzip'] }, '{}', fields, (limits) => asked.push(limits))
    assert.deepEqual(asked, [{ maxBytes: 102_400, deadlineMs: 10_000, coding: 'gzip', maxRatio: 100 }])
  })

  const values: readonly (readonly [text: string, value: unknown])[] = [
    ['{"a":[1,null]}', { a: [1, null] }],
    ['[]', []],
    [' {}\n', {}],
  ]
  for (const [text, value] of values) {
    test(`REQ-11: the JSON ${JSON.stringify(text)} is handed on`, async () => {
      assert.deepEqual(((await content('json', text)) as Passed).content, { value })
    })
  }

  const json: readonly (readonly [name: string, text: string | Buffer, told: string, setting?: unknown])[] = [
    ['that is none', '{', MALFORMED],
    ['with something after it', '{}{}', MALFORMED],
    ['with a byte order mark', '\ufeff{}', MALFORMED],
    ['that is no UTF-8', Buffer.from('{"a":"\u00e9"}', 'latin1'), MALFORMED],
    ['in UTF-16', Buffer.from('{"a":1}', 'utf16le'), MALFORMED],
    ['that is a number', '1', MALFORMED],
    ['that is null', 'null', MALFORMED],
    ['that is a number, where that will do', '1', 'pass', { types: 'json', json: { scalars: true } }],
    ['with a name twice', '{"a":1,"a":1}', HAZARDOUS],
    ['with __proto__', '{"__proto__":1}', HAZARDOUS],
    ['with half a character', '{"a":"\\ud800"}', HAZARDOUS],
    ['at the depth', `${'['.repeat(32)}${']'.repeat(32)}`, 'pass'],
    ['beyond the depth', `${'['.repeat(33)}${']'.repeat(33)}`, HAZARDOUS],
    ['beyond a depth of its own', '[[]]', HAZARDOUS, { types: 'json', json: { maxDepth: 1 } }],
    ['with too many names', '{"a":1,"b":2}', HAZARDOUS, { types: 'json', json: { maxKeys: 1 } }],
    ['with too many elements', '[1,2]', HAZARDOUS, { types: 'json', json: { maxItems: 1 } }],
  ]
  for (const [name, text, expected, setting = 'json'] of json) {
    test(`REQ-11: JSON ${name}: ${expected}`, async () => {
      assert.equal(told(await content(setting, text)), expected)
    })
  }

  test('REQ-11: another type in JSON is read, where it is listed', async () => {
    const fields: Fields = [['Content-Type', 'Application/Merge-Patch+JSON']]
    const verdict = await content('application/merge-patch+json', '{"a":null}', fields)
    assert.deepEqual((verdict as Passed).content, { value: { a: null } })
  })

  test('REQ-11: a form is an object that has no prototype, and its fields alone', async () => {
    const verdict = (await content('form', 'a=1&constructor=2', [FORM_TYPE])) as Passed
    const value = verdict.content?.value as object
    assert.equal(Object.getPrototypeOf(value), null)
    assert.deepEqual(Object.entries(value), [
      ['a', '1'],
      ['constructor', '2'],
    ])
  })

  for (const text of ['a=1&a=2', 'a=%', '__proto__=1', '%5F_proto__=1', 'a=1&b=2&c=3']) {
    test(`REQ-11: the form ${text} is refused`, async () => {
      const setting = { types: 'form', form: { maxFields: 2 } }
      assert.equal(told(await content(setting, text, [FORM_TYPE])), MALFORMED)
    })
  }

  test('content in chunks that has no bytes is none', async () => {
    assert.deepEqual(await content('json', ''), await content('form', '', [FORM_TYPE]))
    assert.equal(((await content('json', '')) as Passed).content, undefined)
    assert.equal(told(await content({ types: 'json', required: true }, '')), 'content.missing 400')
  })

  const unread: readonly (readonly [why: string, told: string, closes: boolean])[] = [
    ['too-large', 'content.too-large 413', true],
    ['too-dense', 'content.too-dense 413', true],
    ['late', 'content.late 408', true],
    ['cut', 'content.cut 400', false],
    ['undecodable', 'content.malformed 400', false],
  ]
  for (const [why, expected, closes] of unread) {
    test(`REQ-10, REQ-16: content that is ${why}: ${expected}`, async () => {
      const verdict = (await content('json', why)) as Refusal
      assert.equal(told(verdict), expected)
      assert.equal(verdict.closes === true, closes)
    })
  }

  test('a request whose content nobody can read is not let through', async () => {
    await assert.rejects(
      async () => compiled('json').decide(facts({ fields: [length(2), JSON_TYPE] })),
      TypeError,
    )
  })
})

describe('content: options', () => {
  const rows: readonly (readonly [setting: unknown, mistakes: readonly string[]])[] = [
    ['json', []],
    [['json', 'form', 'image/png'], []],
    [{ types: ['json'], json: {}, form: undefined }, []],
    [{}, ['missing_option content.types']],
    [true, ['wrong_type content']],
    ['JSON', ['malformed_value content.types']],
    ['image/*', ['malformed_value content.types']],
    ['application/json; charset=utf-8', ['malformed_value content.types']],
    [[], ['out_of_range content.types']],
    [['json', 'json'], ['duplicate_value content.types[1]']],
    [['json', 'any'], ['contradiction content.types']],
    [{ types: 'form', json: { maxDepth: 1 } }, ['contradiction content.json']],
    [{ types: 'json', form: { maxFields: 1 } }, ['contradiction content.form']],
    [{ types: 'json', read: false, json: {} }, ['contradiction content.json']],
    [{ types: 'json', maxBytes: 0 }, ['out_of_range content.maxBytes']],
    [{ types: 'json', maxBytes: '1kb' }, ['wrong_type content.maxBytes']],
    [{ types: 'json', deadline: '1ms' }, ['out_of_range content.deadline']],
    [{ types: 'json', encodings: ['zstd'] }, ['malformed_value content.encodings[0]']],
    [{ types: 'json', maxRatio: 2000 }, ['out_of_range content.maxRatio']],
    [{ types: 'json', json: { depth: 1 } }, ['unknown_option content.json.depth']],
  ]
  for (const [setting, mistakes] of rows) {
    test(`ERR-03: ${JSON.stringify(setting)}: ${mistakes.join() || 'no mistake'}`, () => {
      assert.deepEqual(
        mistakesOf('content', (where) => compileContent(where, setting, false)),
        mistakes,
      )
    })
  }
})
