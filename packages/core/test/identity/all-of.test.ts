import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileAuthenticate } from '../../src/checks/authenticate.ts'
import type { SchemeDescription } from '../../src/contract/description.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import { authenticated, bad, NO_CREDENTIALS, type Scheme } from '../../src/contract/scheme.ts'
import { allOf } from '../../src/identity/all-of.ts'
import { anyOf } from '../../src/identity/any-of.ts'
import { hashApiKey } from '../../src/identity/api-key-format.ts'
import { apiKey } from '../../src/identity/api-key.ts'
import { basic } from '../../src/identity/basic.ts'
import { bearer } from '../../src/identity/bearer-scheme.ts'
import { facts } from '../support/facts.ts'
import {
  caller,
  compiled,
  decide,
  headerScheme,
  outcome,
  outcomeOf,
  refusal,
  schemeMistakes,
  stubScheme,
} from '../support/schemes.ts'

type Fields = readonly (readonly [name: string, value: string])[]

function sending(...fields: Fields): RequestFacts {
  return facts({ fields: [['Host', 'api.example.com'], ...fields] })
}

/** The same scheme, answering later. */
function later(scheme: Scheme): Scheme {
  return {
    name: scheme.name,
    compile(context) {
      const one = scheme.compile(context)
      return { ...one, identify: async (request) => one.identify(request) }
    },
  }
}

/** A scheme that answers the same to every request. */
function answering(name: string, identify: (request: RequestFacts) => unknown): Scheme {
  return {
    name,
    compile: () => stubScheme(identify, { name, fields: [`x-${name}`], challenges: () => [name] }),
  }
}

const A = headerScheme('a', 'x-a')
const B = headerScheme('b', 'x-b')
const C = headerScheme('c', 'x-c')

const good = (name: string): readonly [string, string] => [`x-${name}`, 'good']
const wrong = (name: string): readonly [string, string] => [`x-${name}`, 'wrong']

describe('credentials of every scheme', () => {
  const rows: readonly (readonly [name: string, fields: Fields, expected: string])[] = [
    ['none of them is none', [], 'none'],
    ['all of them, good, pass', [good('a'), good('b'), good('c')], 'alice'],
    ['the first alone is not enough', [good('a')], 'credentials.missing'],
    ['the last alone is not enough', [good('c')], 'credentials.missing'],
    ['all but the first are not enough', [good('b'), good('c')], 'credentials.missing'],
    ['all but the second are not enough', [good('a'), good('c')], 'credentials.missing'],
    ['all but the last are not enough', [good('a'), good('b')], 'credentials.missing'],
    ['the first is wrong', [wrong('a'), good('b'), good('c')], 'credentials.wrong'],
    ['the last is wrong', [good('a'), good('b'), wrong('c')], 'credentials.wrong'],
    ['the first is wrong and the others are missing', [wrong('a')], 'credentials.wrong'],
    ['one is missing, and a later one is wrong', [good('a'), wrong('c')], 'credentials.missing'],
    ['the first is missing, and a later one is wrong', [wrong('b')], 'credentials.missing'],
  ]
  const mixes: readonly (readonly [name: string, schemes: readonly [Scheme, Scheme, Scheme]])[] = [
    ['all at once', [A, B, C]],
    ['the first later', [later(A), B, C]],
    ['the second later', [A, later(B), C]],
    ['the last later', [A, B, later(C)]],
    ['all later', [later(A), later(B), later(C)]],
  ]
  for (const [name, fields, expected] of rows) {
    for (const [mix, schemes] of mixes) {
      test(`AUT-14: ${name}, ${mix}`, async () => {
        const found = compiled(allOf(...schemes)).identify(sending(...fields))
        if (mix === 'all at once') assert.ok(!(found instanceof Promise))
        assert.equal(outcomeOf(await found), expected)
      })
    }
  }

  test('AUT-08: without the first credential nobody learns whether the second is good', () => {
    const guard = compileAuthenticate(compiled(allOf(A, B)))
    const answers = [sending(good('b')), sending(wrong('b'))].map((request) =>
      refusal(decide(guard, request)),
    )
    assert.deepEqual(answers[0], answers[1])
  })

  test('AUT-14: schemes are asked in their order, up to the first that refuses', () => {
    const asked: string[] = []
    const asking = (name: string, scheme: Scheme): Scheme => ({
      name,
      compile(context) {
        const one = scheme.compile(context)
        return { ...one, identify: (request) => (asked.push(name), one.identify(request)) }
      },
    })
    const scheme = compiled(allOf(asking('a', A), asking('b', B), asking('c', C)))
    outcome(scheme.identify(sending(good('a'), wrong('b'), good('c'))))
    assert.deepEqual(asked.splice(0), ['a', 'b'])
    outcome(scheme.identify(sending(wrong('a'), good('b'))))
    assert.deepEqual(asked.splice(0), ['a'])
    outcome(scheme.identify(sending(good('a'), good('c'))))
    assert.deepEqual(asked.splice(0), ['a', 'b'])
    outcome(scheme.identify(sending()))
    assert.deepEqual(asked, ['a', 'b', 'c'])
  })

  test('AUT-10: what is not enough is no anonymous caller, where credentials are optional', () => {
    const guard = compileAuthenticate(compiled(allOf(A, B)), 'optional')
    assert.equal(refusal(decide(guard, sending(good('a')))).kind, 'credentials.missing')
    assert.equal(refusal(decide(guard, sending(good('b')))).kind, 'credentials.missing')
    const nobody = decide(guard, sending())
    assert.ok(!(nobody instanceof Promise) && nobody.type === 'pass')
    assert.equal(nobody.principal, undefined)
  })

  test('AUT-01: a refusal carries the challenges of all, in their order', () => {
    const guard = compileAuthenticate(compiled(allOf(A, B, C)))
    const challenges = ['a', 'b', 'c'].flatMap((name) => ['WWW-Authenticate', name])
    for (const fields of [[], [good('a')], [wrong('a')], [good('a'), wrong('b')]] as Fields[]) {
      assert.deepEqual(refusal(decide(guard, sending(...fields))).fields, challenges)
    }
  })
})

describe('who is calling', () => {
  const first = caller({
    scheme: 'a',
    issuer: 'https://id.example.com',
    scopes: ['a:read'],
    roles: ['r'],
    permissions: ['p'],
    acr: 'high',
    authTime: 7,
  })
  const second = caller({
    scheme: 'b',
    subject: 'machine',
    scopes: ['b:admin'],
    roles: ['admin'],
    permissions: ['q'],
  })

  test('AUT-11: is what the first scheme says, and nothing that the second found adds to it', () => {
    const scheme = allOf(
      answering('a', () => authenticated(first)),
      answering('b', () => authenticated(second)),
    )
    assert.deepEqual(compiled(scheme).identify(sending()), {
      type: 'authenticated',
      principal: { ...first, scheme: 'allOf', principals: [first, second] },
    })
    const turned = allOf(
      answering('b', () => authenticated(second)),
      answering('a', () => authenticated(first)),
    )
    assert.deepEqual(compiled(turned).identify(sending()), {
      type: 'authenticated',
      principal: { ...second, scheme: 'allOf', principals: [second, first] },
    })
  })

  test('AUT-14: the principals are a tuple, each of the type of its scheme', async () => {
    const scheme = allOf(
      apiKey({ keys: [{ id: 'k1', hash: hashApiKey('k'), subject: 'billing' }] }),
      basic({ verify: (name) => ({ subject: name }) }),
    )
    const found = await compiled(scheme).identify(
      sending(['X-API-Key', 'k'], ['Authorization', `Basic ${btoa('alice:x')}`]),
    )
    assert.ok(found.type === 'authenticated')
    const [key, user] = found.principal.principals
    const keyId: string = key.keyId
    const username: string = user.username
    assert.deepEqual([found.principal.subject, keyId, username], ['billing', 'k1', 'alice'])
    // @ts-expect-error the first is a key, and has no user name
    assert.equal(key.username, undefined)
    assert.throws(() => (found.principal.principals as readonly unknown[] as unknown[]).push(1), TypeError)
  })
})

describe('fields and warnings', () => {
  const renewing = (name: string, more: object = {}): Scheme =>
    answering(name, () => ({ ...authenticated(caller()), fields: [`X-${name}`, '1'], ...more }))
  const warning = { kind: 'dependency.failed', reason: 'keys are stale' } as const

  test('AUT-14: those of all schemes are those of the answer', () => {
    const scheme = compiled(allOf(renewing('a'), renewing('b', { warning })))
    const found = scheme.identify(sending())
    assert.ok('type' in found && found.type === 'authenticated')
    assert.deepEqual(found.fields, ['X-a', '1', 'X-b', '1'])
    assert.deepEqual(found.warning, warning)
  })

  test('AUT-14: what an earlier scheme renews is sent with the refusal of a later one', () => {
    const refusing = answering('c', () => ({ ...bad('login.limited', 'x'), fields: ['Retry-After', '1'] }))
    const refused = compiled(allOf(renewing('a'), refusing)).identify(sending())
    assert.ok('type' in refused && refused.type === 'bad')
    assert.deepEqual(refused.fields, ['X-a', '1', 'Retry-After', '1'])
    const lacking = compiled(
      allOf(
        renewing('a'),
        answering('d', () => NO_CREDENTIALS),
      ),
    ).identify(sending())
    assert.ok('type' in lacking && lacking.type === 'bad')
    assert.deepEqual(lacking.fields, ['X-a', '1'])
  })
})

describe('a scheme that fails', () => {
  const failing: readonly (readonly [name: string, identify: () => unknown])[] = [
    [
      'throws',
      () => {
        throw new Error('x')
      },
    ],
    ['rejects', () => Promise.reject(new Error('x'))],
    ['gives nothing', () => undefined],
    ['promises nothing', () => Promise.resolve()],
    ['gives something else', () => 'authenticated'],
    ['gives another type', () => ({ type: 'yes' })],
    ['authenticates nobody', () => ({ type: 'authenticated' })],
    ['authenticates an empty subject', () => authenticated(caller({ subject: '' }))],
    ['authenticates a number', () => authenticated(caller({ subject: 7 as never }))],
  ]
  for (const [name, identify] of failing) {
    for (const position of ['first', 'last'] as const) {
      test(`AUT-10, AUT-15: when the ${position} scheme ${name}, nobody passes`, async () => {
        const broken = answering('broken', identify)
        const scheme = compiled(position === 'first' ? allOf(broken, A) : allOf(A, broken))
        const verdict = await decide(compileAuthenticate(scheme), sending(good('a')))
        assert.equal(refusal(verdict).kind, 'dependency.failed')
      })
    }
  }
})

describe('what is read and said', () => {
  test('TLS-01: the fields and parameters of all carry credentials, each named once', () => {
    const keys = [{ id: 'k', hash: hashApiKey('k'), subject: 's' }]
    const scheme = compiled(
      allOf(
        A,
        apiKey({ keys, dangerouslyQueryParameter: 'key' }),
        apiKey({ keys, name: 'other', header: 'X-A' }),
        bearer({ verify: () => undefined, dangerouslyAllowQueryToken: true }),
      ),
    )
    assert.deepEqual(scheme.fields, ['x-a', 'authorization'])
    assert.deepEqual(scheme.queryFields, ['key', 'access_token'])
    assert.deepEqual(scheme.authSchemes, ['bearer'])
    assert.equal(scheme.fresh, false)
  })

  test('AUT-01: a challenge that is good once alone stays so', () => {
    const once: Scheme = { ...A, compile: () => ({ ...compiled(A), name: 'once', fresh: true }) }
    assert.equal(compiled(allOf(B, once)).fresh, true)
  })

  const keys = [{ id: 'k', hash: hashApiKey('k'), subject: 's' }]
  const KEY = { type: 'apiKey', in: 'header', name: 'X-API-Key' } as const
  const PARTNER = { type: 'apiKey', in: 'header', name: 'X-Partner' } as const
  const BASIC = { type: 'http', scheme: 'basic' } as const
  const one = apiKey({ keys })
  const partner = apiKey({ keys, name: 'partner', header: 'X-Partner' })
  const user = basic({ verify: () => undefined })
  const namesake: Scheme = {
    name: 'namesake',
    compile: (context) => ({ ...apiKey({ keys, header: 'X-Partner' }).compile(context), name: 'namesake' }),
  }
  const rows: readonly (readonly [name: string, scheme: Scheme, expected: SchemeDescription])[] = [
    [
      'all of two needs both',
      allOf(one, user),
      { securitySchemes: { apiKey: KEY, basic: BASIC }, alternatives: [['apiKey', 'basic']] },
    ],
    [
      'any of two needs one',
      anyOf(one, user),
      { securitySchemes: { apiKey: KEY, basic: BASIC }, alternatives: [['apiKey'], ['basic']] },
    ],
    [
      'all of alternatives has each combination',
      allOf(anyOf(one, partner), user),
      {
        securitySchemes: { apiKey: KEY, partner: PARTNER, basic: BASIC },
        alternatives: [
          ['apiKey', 'basic'],
          ['partner', 'basic'],
        ],
      },
    ],
    [
      'any of a combination and another',
      anyOf(allOf(one, partner), user),
      {
        securitySchemes: { apiKey: KEY, partner: PARTNER, basic: BASIC },
        alternatives: [['apiKey', 'partner'], ['basic']],
      },
    ],
    [
      'a scheme that says nothing is an http scheme of its name',
      anyOf(A, user),
      {
        securitySchemes: { a: { type: 'http', scheme: 'a' }, basic: BASIC },
        alternatives: [['a'], ['basic']],
      },
    ],
    [
      'one name for two things becomes two',
      anyOf(one, namesake),
      { securitySchemes: { apiKey: KEY, apiKey2: PARTNER }, alternatives: [['apiKey'], ['apiKey2']] },
    ],
    [
      'one thing that is said twice stays one',
      anyOf(anyOf(one, user), allOf(one, partner)),
      {
        securitySchemes: { apiKey: KEY, basic: BASIC, partner: PARTNER },
        alternatives: [['apiKey'], ['basic'], ['apiKey', 'partner']],
      },
    ],
  ]
  for (const [name, scheme, expected] of rows) {
    test(`AUT-14: described, ${name}`, () => {
      assert.deepEqual(compiled(scheme).describe?.(), expected)
    })
  }
})

describe('schemes with mistakes', () => {
  const list = (...schemes: readonly unknown[]): Scheme => allOf(...(schemes as readonly Scheme[]))
  const verify = (): undefined => undefined
  const rows: readonly (readonly [name: string, scheme: Scheme, expected: readonly string[]])[] = [
    ['none', list(), ['out_of_range authenticate']],
    ['one', list(A), ['out_of_range authenticate']],
    ['two of one name', list(A, B, A), ['duplicate_value authenticate[2]']],
    ['nothing for a scheme', list(A, undefined), ['wrong_type authenticate[1]']],
    [
      'two that take Bearer',
      list(bearer({ verify }), bearer({ verify, name: 'other' })),
      ['contradiction authenticate[1]'],
    ],
    [
      'two that read Authorization, which a request has once',
      list(bearer({ verify }), A, basic({ verify })),
      ['contradiction authenticate[2]'],
    ],
    [
      'one that may read Authorization, beside one that must',
      list(anyOf(A, basic({ verify })), bearer({ verify })),
      ['contradiction authenticate[1]'],
    ],
    [
      'two with mistakes of their own',
      list(basic({}), apiKey({ keys: [] })),
      ['missing_option authenticate[0]', 'out_of_range authenticate[1].keys'],
    ],
  ]
  for (const [name, scheme, expected] of rows) {
    test(`AUT-14: ${name} does not build`, () => {
      assert.deepEqual(schemeMistakes(scheme), expected)
    })
  }

  test('AUT-14: two that take Bearer do not build with anyOf either', () => {
    const scheme = anyOf(bearer({ verify }), bearer({ verify, name: 'other' }))
    assert.deepEqual(schemeMistakes(scheme), ['contradiction authenticate[1]'])
    assert.deepEqual(schemeMistakes(anyOf(bearer({ verify }), basic({ verify }))), [])
  })
})
