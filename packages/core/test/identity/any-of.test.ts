import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileAuthenticate } from '../../src/checks/authenticate.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import { authenticated, bad, NO_CREDENTIALS, type Scheme } from '../../src/contract/scheme.ts'
import { anyOf } from '../../src/identity/any-of.ts'
import { hashApiKey } from '../../src/identity/api-key-format.ts'
import { apiKey, type ApiKeyRecord } from '../../src/identity/api-key.ts'
import { basic } from '../../src/identity/basic.ts'
import { facts } from '../support/facts.ts'
import {
  caller,
  compiled,
  decide,
  headerScheme,
  outcomeOf,
  refusal,
  schemeMistakes,
  stubScheme,
} from '../support/schemes.ts'

function sending(...fields: readonly (readonly [name: string, value: string])[]): RequestFacts {
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
function answering(name: string, identify: () => unknown): Scheme {
  return {
    name,
    compile: () => stubScheme(identify, { name, fields: [`x-${name}`], challenges: () => [name] }),
  }
}

const A = headerScheme('a', 'x-a')
const B = headerScheme('b', 'x-b')
const C = headerScheme('c', 'x-c')

describe('one credential per request', () => {
  const rows: readonly (readonly [
    name: string,
    fields: readonly (readonly [string, string])[],
    expected: string,
  ])[] = [
    ['AUT-14: no credential is none', [], 'none'],
    ['AUT-14: a good one of the first scheme passes', [['x-a', 'good']], 'alice'],
    ['AUT-14: a good one of the last scheme passes', [['x-c', 'good']], 'alice'],
    [
      'AUT-14: a bad one of the first is refused, though others have nothing',
      [['x-a', 'bad']],
      'credentials.wrong',
    ],
    ['AUT-14: a bad one of the last is refused', [['x-c', 'bad']], 'credentials.wrong'],
    [
      'AUT-13: two good ones are refused',
      [
        ['x-a', 'good'],
        ['x-b', 'good'],
      ],
      'credentials.repeated',
    ],
    [
      'AUT-14: a bad one before a good one is refused',
      [
        ['x-a', 'bad'],
        ['x-b', 'good'],
      ],
      'credentials.repeated',
    ],
    [
      'AUT-14: a bad one after a good one is refused',
      [
        ['x-a', 'good'],
        ['x-c', 'bad'],
      ],
      'credentials.repeated',
    ],
    [
      'AUT-13: three are refused',
      [
        ['x-a', 'good'],
        ['x-b', 'good'],
        ['x-c', 'good'],
      ],
      'credentials.repeated',
    ],
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
      test(`${name}, ${mix}`, async () => {
        const found = compiled(anyOf(...schemes)).identify(sending(...fields))
        if (mix === 'all at once') assert.ok(!(found instanceof Promise))
        assert.equal(outcomeOf(await found), expected)
      })
    }
  }
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
    ['gives something else', () => 'none'],
    ['authenticates nobody', () => ({ type: 'authenticated' })],
  ]
  for (const [name, identify] of failing) {
    for (const position of ['first', 'last'] as const) {
      test(`AUT-10, AUT-14: when the ${position} scheme ${name}, nobody falls through to anonymous`, async () => {
        const broken = answering('broken', identify)
        const scheme = compiled(position === 'first' ? anyOf(broken, A) : anyOf(A, broken))
        const verdict = await decide(compileAuthenticate(scheme), sending())
        assert.equal(refusal(verdict).kind, 'dependency.failed')
      })

      test(`AUT-10, AUT-14: when the ${position} scheme ${name}, a good credential of the other passes nobody`, async () => {
        const broken = answering('broken', identify)
        const scheme = compiled(position === 'first' ? anyOf(broken, A) : anyOf(A, broken))
        const verdict = await decide(compileAuthenticate(scheme), sending(['x-a', 'good']))
        assert.ok(['dependency.failed', 'credentials.repeated'].includes(refusal(verdict).kind))
      })
    }
  }

  test('AUT-14: what one scheme says of its dependency is the answer', () => {
    const down = answering('down', () => bad('dependency.failed', 'the key set'))
    const verdict = decide(compileAuthenticate(compiled(anyOf(A, down))), sending())
    assert.equal(refusal(verdict).kind, 'dependency.failed')
  })

  test('AUT-10: schemes are asked one after the other, so that no rejection is left unheard', async () => {
    let asked = 0
    const first = answering('first', () => Promise.reject(new Error('x')))
    const second = answering('second', () => {
      asked++
      return Promise.reject(new Error('y'))
    })
    await assert.rejects(async () => compiled(anyOf(first, second)).identify(sending()), /x/)
    assert.equal(asked, 0)
  })
})

describe('an Authorization that no scheme knows', () => {
  const KEYS: readonly ApiKeyRecord[] = [{ id: 'k', hash: hashApiKey('key'), subject: 'billing' }]
  const verify = (): { subject: string } => ({ subject: 'alice' })
  const key = ['X-API-Key', 'key'] as const
  const other = ['Authorization', 'Digest username="mallory"'] as const

  test('AUT-13: alone, it is a 401', () => {
    const guard = compileAuthenticate(compiled(anyOf(basic({ verify }), apiKey({ keys: KEYS }))))
    assert.equal(refusal(decide(guard, sending(other))).kind, 'credentials.wrong-scheme')
  })

  test('AUT-13: beside a good key it is a second credential', async () => {
    for (const schemes of [
      anyOf(basic({ verify }), apiKey({ keys: KEYS })),
      anyOf(apiKey({ keys: KEYS }), basic({ verify })),
      anyOf(later(apiKey({ keys: KEYS })), basic({ verify })),
    ]) {
      assert.equal(outcomeOf(await compiled(schemes).identify(sending(key, other))), 'credentials.repeated')
    }
  })

  test('AUT-13: beside a good key it is nothing to schemes that never read it', async () => {
    const schemes = anyOf(apiKey({ keys: KEYS }), headerScheme('b', 'x-b'))
    assert.equal(outcomeOf(await compiled(schemes).identify(sending(key, other))), 'billing')
  })

  test('AUT-13: two Authorization fields are refused, whichever comes first', async () => {
    const scheme = compiled(anyOf(basic({ verify }), apiKey({ keys: KEYS })))
    const good = ['Authorization', 'Basic YTpi'] as const
    assert.equal(outcomeOf(await scheme.identify(sending(good))), 'alice')
    assert.equal(outcomeOf(await scheme.identify(sending(good, other))), 'credentials.repeated')
    assert.equal(outcomeOf(await scheme.identify(sending(other, good))), 'credentials.repeated')
  })
})

describe('challenges', () => {
  test('AUT-01: a refusal carries one challenge for each scheme, in the order of the policy', () => {
    const scheme = compiled(anyOf(A, basic({ verify: () => undefined }), apiKey({ keys: () => undefined })))
    assert.deepEqual(refusal(decide(compileAuthenticate(scheme), sending())).fields, [
      'WWW-Authenticate',
      'a',
      'WWW-Authenticate',
      'Basic realm="api", charset="UTF-8"',
      'WWW-Authenticate',
      'ApiKey realm="api", header="X-API-Key"',
    ])
  })

  test('TLS-01: the fields of all schemes carry credentials, each named once', () => {
    const scheme = compiled(
      anyOf(A, basic({ verify: () => undefined }), {
        ...A,
        name: 'other',
        compile: () => ({ ...compiled(A), name: 'other' }),
      }),
    )
    assert.deepEqual(scheme.fields, ['x-a', 'authorization'])
  })
})

describe('schemes with mistakes', () => {
  const list = (...schemes: readonly unknown[]): Scheme => anyOf(...(schemes as readonly Scheme[]))
  const rows: readonly (readonly [name: string, scheme: Scheme, expected: readonly string[]])[] = [
    ['none', list(), ['out_of_range authenticate']],
    ['one', list(A), ['out_of_range authenticate']],
    ['two of one name', list(A, B, A), ['duplicate_value authenticate[2]']],
    ['nothing for a scheme', list(A, undefined), ['wrong_type authenticate[1]']],
    ['a function for a scheme', list(A, () => A), ['wrong_type authenticate[1]']],
    ['a compiled scheme', list(A, compiled(B)), ['wrong_type authenticate[1]']],
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
})

test('AUT-14: the principal is one of a union, told apart by its scheme', () => {
  const partner = apiKey({
    name: 'partner',
    keys: [{ id: 'p1', hash: hashApiKey('p'), subject: 'x' }],
    header: 'X-Partner',
  })
  const scheme = compiled(anyOf(partner, basic({ verify: () => ({ subject: 'y' }) })))
  const found = scheme.identify(sending(['X-Partner', 'p']))
  assert.ok(!(found instanceof Promise) && found.type === 'authenticated')
  const { principal } = found
  if (principal.scheme === 'partner') {
    const keyId: string = principal.keyId
    assert.equal(keyId, 'p1')
  } else {
    const username: string = principal.username
    assert.fail(username)
  }
  // @ts-expect-error a key has no user name, and a user no key: each must be asked for by scheme
  assert.equal(principal.username, undefined)
})

test('AUT-14: schemes can be nested', () => {
  const scheme = compiled(anyOf(anyOf(A, B), C))
  const pass = scheme.identify(sending(['x-b', 'good']))
  assert.ok(!(pass instanceof Promise))
  assert.equal(outcomeOf(pass), 'alice')
  const both = scheme.identify(sending(['x-b', 'good'], ['x-c', 'bad']))
  assert.ok(!(both instanceof Promise))
  assert.equal(outcomeOf(both), 'credentials.repeated')
})

test('AUT-15: an answer that is none of the three is handed on for the check to refuse', () => {
  const odd = answering('odd', () => authenticated(caller({ subject: '' })))
  const verdict = decide(
    compileAuthenticate(
      compiled(
        anyOf(
          odd,
          answering('quiet', () => NO_CREDENTIALS),
        ),
      ),
    ),
    sending(),
  )
  assert.equal(refusal(verdict).kind, 'dependency.failed')
})
