import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileCors, type CorsSetting } from '../../../src/checks/cors.ts'
import { PASS, type Verdict } from '../../../src/contract/check.ts'
import { mistakesOf } from '../../support/compile.ts'
import { answered, byName, cors, from, preflight, refused, sent } from '../../support/cors.ts'

const APP = 'https://app.example.com'
const PARTNER = 'https://x.partner.example'
const EVIL = 'https://evil.example'
const ASKED = 'Access-Control-Request-Method, Access-Control-Request-Headers'

/** Its own page with cookies, partners that read, everybody else for public data. */
const LIST = [
  { origins: [APP], credentials: true, methods: ['PUT'], headers: ['x-app'], expose: ['ETag'], maxAge: '1h' },
  { origins: ['https://*.partner.example'], expose: ['Link'] },
  { origins: '*', headers: '*', maxAge: false },
] as const satisfies CorsSetting

describe('a list of settings', () => {
  test('COR-02: a preflight is answered by the first entry that names the origin', () => {
    const policy = cors(LIST)
    const vary = `Origin, ${ASKED}`
    assert.deepEqual(byName(answered(policy.decide(preflight(APP, 'PUT', 'x-app'))).fields), {
      'Access-Control-Allow-Origin': APP,
      'Access-Control-Allow-Credentials': 'true',
      'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT',
      'Access-Control-Allow-Headers': 'x-app',
      'Access-Control-Max-Age': '3600',
      Vary: vary,
    })
    assert.deepEqual(byName(answered(policy.decide(preflight(PARTNER))).fields), {
      'Access-Control-Allow-Origin': PARTNER,
      'Access-Control-Allow-Methods': 'GET, HEAD, POST',
      'Access-Control-Allow-Headers': 'authorization, content-type',
      'Access-Control-Max-Age': '600',
      Vary: vary,
    })
    assert.deepEqual(byName(answered(policy.decide(preflight(EVIL, 'GET', 'x-any'))).fields), {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Methods': 'GET, HEAD, POST',
      'Access-Control-Allow-Headers': '*',
      Vary: vary,
    })
  })

  test('COR-03: what its entry does not allow is denied, though another entry would', () => {
    const policy = cors(LIST)
    for (const request of [
      preflight(PARTNER, 'PUT'),
      preflight(EVIL, 'PUT'),
      preflight(APP, 'PUT', 'x-any'),
      preflight(PARTNER, 'GET', 'x-app'),
      preflight(EVIL, 'GET', 'authorization'),
    ]) {
      assert.deepEqual(refused(policy.decide(request)).fields, ['Vary', `Origin, ${ASKED}`])
    }
  })

  test('COR-11: only who is named gets credentials, and * never does', () => {
    const policy = cors(LIST)
    assert.deepEqual(sent(policy, from(APP)), {
      'Access-Control-Allow-Origin': APP,
      'Access-Control-Allow-Credentials': 'true',
      'Access-Control-Expose-Headers': 'ETag',
    })
    assert.deepEqual(sent(policy, from(PARTNER)), {
      'Access-Control-Allow-Origin': PARTNER,
      'Access-Control-Expose-Headers': 'Link',
    })
    for (const origin of [EVIL, 'null', 'rubbish', 'https://partner.example']) {
      assert.deepEqual(sent(policy, from(origin)), { 'Access-Control-Allow-Origin': '*' })
    }
  })

  test('COR-05: Vary is there always: even * depends on who asks', () => {
    const policy = cors(LIST)
    assert.equal(policy.response.vary, 'Origin')
    assert.deepEqual(policy.response.fields(from(undefined)), [])
    // Two exact origins of one entry each are no fixed answer, either.
    assert.equal(cors([{ origins: [APP] }, { origins: [PARTNER] }]).response.vary, 'Origin')
  })

  test('COR-06: a list of one is what its entry is alone', () => {
    const one = cors([{ origins: [APP] }])
    assert.equal(one.response.vary, undefined)
    assert.equal(sent(one, from(undefined))['Access-Control-Allow-Origin'], APP)
  })

  test('COR-07: the Vary of a preflight names the private network when any entry looks at it', () => {
    const policy = cors([{ origins: [APP], allowPrivateNetwork: true }, { origins: [PARTNER] }])
    for (const origin of [APP, PARTNER, EVIL]) {
      const verdict = policy.decide(preflight(origin))
      assert.ok(!(verdict instanceof Promise) && verdict.type !== 'pass')
      assert.match(byName(verdict.fields ?? [])['Vary'] ?? '', /, Access-Control-Request-Private-Network$/)
    }
  })

  test('COR-22: a private network is open to the origins of its entry alone', () => {
    const policy = cors([{ origins: [APP], allowPrivateNetwork: true }, { origins: '*' }])
    const ask = (origin: string) =>
      from(
        origin,
        'OPTIONS',
        ['Access-Control-Request-Method', 'GET'],
        ['Access-Control-Request-Private-Network', 'true'],
      )
    const field = (origin: string) =>
      byName(answered(policy.decide(ask(origin))).fields)['Access-Control-Allow-Private-Network']
    assert.deepEqual([field(APP), field(EVIL)], ['true', undefined])
  })

  test('COR-12: null is for the entry that says so, or for *', () => {
    const policy = cors([
      { origins: [APP], credentials: true },
      { origins: [PARTNER], dangerouslyAllowNullOrigin: true },
    ])
    assert.deepEqual(sent(policy, from('null')), { 'Access-Control-Allow-Origin': 'null' })
    assert.deepEqual(cors([{ origins: [APP] }, { origins: [PARTNER] }]).response.fields(from('null')), [])
  })

  test('COR-04: one entry that blocks blocks whom no entry names', () => {
    const policy = cors([{ origins: [APP], block: true }, { origins: [PARTNER] }])
    assert.equal(refused(policy.decide(from(EVIL))).kind, 'cors.origin-denied')
    for (const origin of [APP, PARTNER, undefined]) assert.equal(policy.decide(from(origin)), PASS)
  })
})

/** Of a verdict, its type and the warning that comes with it. */
async function warned(verdict: Verdict | Promise<Verdict>): Promise<readonly unknown[]> {
  const { type, ...rest } = await verdict
  return [type, 'warning' in rest ? rest.warning?.kind : undefined]
}

describe('resolvers in a list', () => {
  const asked: string[] = []
  const resolver = (name: string, answer: unknown) =>
    ((origin: string) => {
      asked.push(`${name} ${origin}`)
      if (answer instanceof Error) throw answer
      return answer
    }) as (origin: string) => boolean | Promise<boolean>

  test('COR-21: are asked in order, one after the other, until one says yes', async () => {
    for (const late of [false, true]) {
      const say = (value: boolean) => (late ? Promise.resolve(value) : value)
      asked.length = 0
      const policy = cors([
        { origins: resolver('first', say(false)) },
        { origins: ['https://b.example'], methods: ['PUT'] },
        { origins: resolver('second', say(true)), credentials: true },
        { origins: '*' },
      ])
      const request = from('https://c.example')
      assert.equal(await policy.decide(request), PASS)
      assert.deepEqual(sent(policy, request), {
        'Access-Control-Allow-Origin': 'https://c.example',
        'Access-Control-Allow-Credentials': 'true',
      })
      assert.deepEqual(asked, ['first https://c.example', 'second https://c.example'])
      asked.length = 0
      const verdict = await policy.decide(preflight('https://b.example', 'PUT'))
      assert.equal(verdict.type, 'answer')
      assert.deepEqual(asked, ['first https://b.example'])
    }
  })

  test('COR-21: of one that fails nobody knows what it would say: no later entry stands in for it', async () => {
    for (const broken of [
      new Error('down'),
      'yes',
      Promise.reject(new Error('down')),
      Promise.resolve('yes'),
    ]) {
      if (broken instanceof Promise) broken.catch(() => undefined)
      const policy = cors([{ origins: resolver('broken', broken) }, { origins: '*' }])
      const request = from(EVIL)
      assert.deepEqual(await warned(policy.decide(request)), ['pass', 'dependency.failed'])
      assert.deepEqual(policy.response.fields(request), [])
      const denied = await policy.decide(preflight(EVIL))
      assert.match(refused(denied).reason, /the resolver threw/)
    }
  })

  test('COR-21: one that is late is not overtaken by the entry after it', async () => {
    let ring: (() => void) | undefined
    const policy = cors([{ origins: () => new Promise<boolean>(() => undefined) }, { origins: '*' }], {
      startTimer: (_ms, fire) => {
        ring = fire
        return () => undefined
      },
    })
    const request = from(EVIL)
    const verdict = policy.decide(request)
    ring?.()
    assert.deepEqual(await warned(verdict), ['pass', 'dependency.failed'])
    assert.deepEqual(policy.response.fields(request), [])
  })

  test('COR-21: a response that leaves before they were asked has no field of a later entry', () => {
    const policy = cors([{ origins: () => true, credentials: true }, { origins: '*' }])
    assert.deepEqual(policy.response.fields(from(APP)), [])
  })

  test('COR-21: junk is denied without asking, and a later * says what it says to everybody', () => {
    asked.length = 0
    const policy = cors([{ origins: resolver('first', true), credentials: true }, { origins: '*' }])
    for (const origin of ['null', 'rubbish', 'https://A.example', `https://${'a'.repeat(70_000)}.example`]) {
      const request = from(origin)
      assert.equal(policy.decide(request), PASS)
      assert.deepEqual(sent(policy, request), { 'Access-Control-Allow-Origin': '*' })
    }
    assert.deepEqual(asked, [])
  })
})

describe("'none'", () => {
  test('COR-03: denies every preflight, and depends on no origin', () => {
    const policy = cors('none')
    for (const origin of [APP, EVIL, 'null', 'https://api.example.com']) {
      assert.deepEqual(refused(policy.decide(preflight(origin))).fields, ['Vary', ASKED])
      assert.equal(policy.decide(from(origin, 'POST')), PASS)
      assert.deepEqual(policy.response.fields(from(origin)), [])
    }
    assert.equal(policy.response.vary, undefined)
    assert.ok(policy.response.names.includes('access-control-allow-origin'))
  })

  test('COR-04: blocks where it is to block, but for the origin of the API itself', () => {
    const policy = cors('none', { denying: { blocks: true, shows: false } })
    assert.equal(refused(policy.decide(from(EVIL, 'POST'))).kind, 'cors.origin-denied')
    assert.equal(policy.decide(from('https://api.example.com', 'POST')), PASS)
    assert.equal(policy.response.vary, 'Origin')
  })
})

describe('mistakes of a list', () => {
  const resolver = (): boolean => true
  const rows: readonly (readonly [what: string, setting: unknown, mistakes: readonly string[]])[] = [
    ['no entry', [], ['out_of_range cors']],
    ['false', false, ['wrong_type cors']],
    ['another word', 'all', ['wrong_type cors']],
    ['an entry that is none', [{ origins: [APP] }, 'none'], ['wrong_type cors[1]']],
    ['an entry without origins', [{ credentials: true }], ['missing_option cors[0].origins']],
    [
      'an entry after *',
      [{ origins: '*' }, { origins: [APP], credentials: true }],
      ['contradiction cors[1]'],
    ],
    ['two of *', [{ origins: '*' }, { origins: '*' }], ['contradiction cors[1]']],
    [
      'one origin in two entries',
      [{ origins: [APP] }, { origins: ['https://b.example', APP] }],
      ['duplicate_value cors[1].origins[1]'],
    ],
    [
      'one pattern in two entries',
      [{ origins: ['https://*.a.example'] }, { origins: ['https://*.a.example'] }],
      ['duplicate_value cors[1].origins[0]'],
    ],
    [
      'one expression in two entries',
      [{ origins: [/^https:\/\/a\.example$/] }, { origins: [/^https:\/\/a\.example$/] }],
      ['duplicate_value cors[1].origins[0]'],
    ],
    [
      'one resolver in two entries',
      [{ origins: resolver }, { origins: resolver }],
      ['duplicate_value cors[1].origins'],
    ],
    [
      'null in two entries',
      [
        { origins: [APP], dangerouslyAllowNullOrigin: true },
        { origins: [PARTNER], dangerouslyAllowNullOrigin: true },
      ],
      ['duplicate_value cors[1].dangerouslyAllowNullOrigin'],
    ],
    [
      'an origin that an earlier pattern takes',
      [{ origins: ['https://*.a.example'] }, { origins: ['https://x.a.example'], credentials: true }],
      ['contradiction cors[1].origins[0]'],
    ],
    [
      'an origin that an earlier expression takes',
      [{ origins: [/^https:\/\/x\.a\.example$/] }, { origins: ['https://x.a.example'] }],
      ['contradiction cors[1].origins[0]'],
    ],
    [
      'a pattern that an earlier one takes',
      [{ origins: ['https://*.a.example'] }, { origins: ['https://*.b.a.example'] }],
      ['contradiction cors[1].origins[0]'],
    ],
    [
      'a port that an earlier pattern takes',
      [{ origins: ['http://localhost:*'] }, { origins: ['http://localhost:3000'] }],
      ['contradiction cors[1].origins[0]'],
    ],
    ['block beside *', [{ origins: [APP], block: true }, { origins: '*' }], ['contradiction cors[0].block']],
    [
      'mistakes of each entry',
      [
        { origins: [APP], maxAge: '2d' },
        { origins: '*', credentials: true },
      ],
      ['out_of_range cors[0].maxAge', 'contradiction cors[1].origins'],
    ],
  ]
  for (const [what, setting, mistakes] of rows) {
    test(`COR-09: ${what} does not build`, () => {
      assert.deepEqual(
        mistakesOf('cors', (where) => compileCors(where, setting, { exposed: [] })),
        mistakes,
      )
    })
  }

  const lawful: readonly (readonly [what: string, setting: CorsSetting])[] = [
    ['credentials for one, and * after it', [{ origins: [APP], credentials: true }, { origins: '*' }]],
    [
      'the narrower pattern first',
      [{ origins: ['https://*.b.a.example'] }, { origins: ['https://*.a.example'] }],
    ],
    [
      'an origin, and the names below it',
      [{ origins: ['https://a.example'] }, { origins: ['https://*.a.example'] }],
    ],
    [
      'the names below an origin, and it',
      [{ origins: ['https://*.a.example'] }, { origins: ['https://a.example'] }],
    ],
    ['one port, and then all', [{ origins: ['http://localhost:3000'] }, { origins: ['http://localhost:*'] }]],
    [
      'the names on one port, and then on another',
      [{ origins: ['https://*.a.example:8443'] }, { origins: ['https://*.a.example'] }],
    ],
    [
      'the names on all ports after those on one',
      [{ origins: ['https://*.a.example'] }, { origins: ['https://*.a.example:*'] }],
    ],
    [
      'one name on all ports, and then those beside it',
      [{ origins: ['https://a.a.example:*'] }, { origins: ['https://*.a.example'] }],
    ],
    ['two resolvers', [{ origins: () => false }, { origins: () => true }]],
    ['an origin after a resolver', [{ origins: resolver }, { origins: [APP] }]],
  ]
  for (const [what, setting] of lawful) {
    test(`COR-13: ${what} builds`, () => {
      cors(setting)
    })
  }
})
