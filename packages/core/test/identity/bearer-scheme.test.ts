import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileAuthenticate } from '../../src/checks/authenticate.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import { bearer, type BearerOptions, type VerifyBearer } from '../../src/identity/bearer-scheme.ts'
import { facts } from '../support/facts.ts'
import { compiled, decide, outcome, outcomeOf, refusal, schemeMistakes } from '../support/schemes.ts'

const TOKEN = 'mF_9.B5f-4.1JqM'
const ACCOUNT = { subject: 'u-1' }
const verify = (token: string): { subject: string } | undefined => (token === TOKEN ? ACCOUNT : undefined)

function sending(...values: readonly string[]): RequestFacts {
  return facts({ fields: values.map((value) => ['Authorization', value] as const) })
}

describe('a token', () => {
  test('AUT-06: of an account gives its principal, with what is known and nothing else', () => {
    const account = {
      subject: 'u-1',
      issuer: 'https://id.example.com',
      scopes: ['data:read'],
      roles: ['reader'],
      permissions: ['refund'],
      claims: { tenant: 't' },
      acr: 'high',
      authTime: 1_800_000_000,
    }
    const scheme = bearer({ verify: () => ({ ...account, password: 'hash' }) })
    const found = compiled(scheme).identify(sending(`Bearer ${TOKEN}`))
    assert.deepEqual(found, { type: 'authenticated', principal: { scheme: 'bearer', ...account } })
    assert.ok('type' in found && found.type === 'authenticated')
    const tenant: string = found.principal.claims.tenant
    assert.equal(tenant, 't')
  })

  test('AUT-06: of an account that has but a subject has no rights, and no claims', () => {
    assert.deepEqual(compiled(bearer({ verify })).identify(sending(`bearer ${TOKEN}`)), {
      type: 'authenticated',
      principal: { scheme: 'bearer', subject: 'u-1', issuer: undefined, scopes: [], roles: [], claims: {} },
    })
  })

  const rows: readonly (readonly [name: string, values: readonly string[], expected: string])[] = [
    ['AUT-02: no credentials are none', [], 'none'],
    ['AUT-13: another scheme is none of this one', [`BearerX ${TOKEN}`], 'none'],
    ['AUT-13: Basic is none of this one', ['Basic YTpi'], 'none'],
    ['AUT-06: no token is malformed', ['Bearer'], 'credentials.malformed'],
    ['AUT-06: two spaces are malformed', [`Bearer  ${TOKEN}`], 'credentials.malformed'],
    ['AUT-13: two fields are refused', [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`], 'credentials.repeated'],
    ['AUT-15: an unknown token is not active', ['Bearer other'], 'token.inactive'],
  ]
  for (const [name, values, expected] of rows) {
    test(name, () => {
      assert.equal(outcome(compiled(bearer({ verify })).identify(sending(...values))), expected)
    })
  }

  test('AUT-05: in the query it is no token, unless the policy dares', () => {
    const request = facts({ query: `?access_token=${TOKEN}`, fields: [] })
    assert.equal(outcome(compiled(bearer({ verify })).identify(request)), 'none')
    const dared = compiled(bearer({ verify, dangerouslyAllowQueryToken: true }))
    assert.equal(outcome(dared.identify(request)), 'u-1')
    assert.deepEqual(dared.queryFields, ['access_token'])
  })

  test('AUT-04: in two places it is refused', () => {
    const request = facts({
      query: `?access_token=${TOKEN}`,
      fields: [['Authorization', `Bearer ${TOKEN}`]],
    })
    const dared = compiled(bearer({ verify, dangerouslyAllowQueryToken: true }))
    assert.equal(outcome(dared.identify(request)), 'credentials.repeated')
  })

  test('DPP-16: that is bound to a key is none that anybody may bear', () => {
    const bound = (): object => ({ ...ACCOUNT, claims: { cnf: { jkt: 'x' } } })
    const scheme = compiled(bearer({ verify: bound as VerifyBearer }))
    assert.equal(outcome(scheme.identify(sending(`Bearer ${TOKEN}`))), 'token.unbound')
  })

  test('DPP-16: that is bound by a getter of a class is bound', () => {
    class Row {
      readonly tenant = 't'
      get cnf(): object {
        return { jkt: 'x' }
      }
    }
    const scheme = compiled(bearer({ verify: () => ({ ...ACCOUNT, claims: new Row() }) }))
    assert.equal(outcome(scheme.identify(sending(`Bearer ${TOKEN}`))), 'token.unbound')
  })

  test('AUT-03: that is unknown is an invalid_token, and one that is malformed an invalid_request', () => {
    const guard = compileAuthenticate(compiled(bearer({ verify, realm: 'orders' })))
    const challenge = (value: string): unknown => refusal(decide(guard, sending(value))).fields?.[1]
    assert.equal(challenge('Bearer other'), 'Bearer realm="orders", error="invalid_token"')
    assert.equal(challenge('Bearer'), 'Bearer realm="orders", error="invalid_request"')
    assert.equal(refusal(decide(guard, sending())).fields?.[1], 'Bearer realm="orders"')
  })
})

describe('a verify callback', () => {
  const rows: readonly (readonly [name: string, account: unknown, expected: string])[] = [
    ['an account', ACCOUNT, 'u-1'],
    ['nothing', undefined, 'token.inactive'],
    ['null', null, 'token.inactive'],
    ['false', false, 'token.inactive'],
    ['true', true, 'dependency.failed'],
    ['the subject alone', 'u-1', 'dependency.failed'],
    ['an empty list of a database', [], 'dependency.failed'],
    ['an empty result of a database', { rows: [] }, 'dependency.failed'],
    ['an empty subject', { subject: '' }, 'dependency.failed'],
    ['a subject that is a number', { subject: 7 }, 'dependency.failed'],
    ['claims as a text', { ...ACCOUNT, claims: '{}' }, 'dependency.failed'],
    ['claims as a list', { ...ACCOUNT, claims: [] }, 'dependency.failed'],
    ['claims that are null', { ...ACCOUNT, claims: null }, 'u-1'],
    ['permissions as a text', { ...ACCOUNT, permissions: 'all' }, 'dependency.failed'],
    ['an acr that is a number', { ...ACCOUNT, acr: 3 }, 'dependency.failed'],
    ['an authTime that is a text', { ...ACCOUNT, authTime: '7' }, 'dependency.failed'],
    ['an authTime that is no number', { ...ACCOUNT, authTime: NaN }, 'dependency.failed'],
  ]
  for (const [name, account, expected] of rows) {
    test(`AUT-15: one that gives ${name} gives ${expected}, at once or later`, async () => {
      const identify = (given: unknown): ReturnType<ReturnType<typeof compiled>['identify']> =>
        compiled(bearer({ verify: given as VerifyBearer })).identify(sending(`Bearer ${TOKEN}`))
      assert.equal(outcome(identify(() => account)), expected)
      const later = identify(() => Promise.resolve(account))
      assert.ok(later instanceof Promise)
      assert.equal(outcomeOf(await later), expected)
    })
  }

  const broken: readonly (readonly [name: string, account: object])[] = [
    ['scopes as one text', { scopes: 'admin:read' }],
    ['roles that are no texts', { roles: [7] }],
    ['an issuer that is a number', { issuer: 7 }],
  ]
  for (const [name, account] of broken) {
    test(`AUT-15: an account with ${name} lets nobody pass`, () => {
      const scheme = compiled(bearer({ verify: () => ({ ...ACCOUNT, ...account }) }))
      const verdict = decide(compileAuthenticate(scheme), sending(`Bearer ${TOKEN}`))
      assert.equal(refusal(verdict).kind, 'dependency.failed')
    })
  }

  test('AUT-10, AUT-15: one that throws or rejects is a failure of what the gate depends on, without its words', async () => {
    const failing: readonly VerifyBearer[] = [
      () => {
        throw new Error(TOKEN)
      },
      () => Promise.reject(new Error(TOKEN)),
    ]
    for (const one of failing) {
      const found = await compiled(bearer({ verify: one })).identify(sending(`Bearer ${TOKEN}`))
      assert.equal(outcomeOf(found), 'dependency.failed')
      assert.doesNotMatch(JSON.stringify(found), /mF_9/)
    }
  })

  test('AUT-06: one gets the token and the request, and nothing that cannot be a token', () => {
    const asked: unknown[] = []
    const scheme = compiled(bearer({ verify: (...args) => void asked.push(args) }))
    for (const value of ['Bearer', 'Bearer a b', 'Bearer é', `Bearer ${TOKEN},`, 'Basic YTpi'])
      void scheme.identify(sending(value))
    assert.deepEqual(asked, [])
    const request = sending(`Bearer ${TOKEN}`)
    void scheme.identify(request)
    assert.deepEqual(asked, [[TOKEN, request]])
  })
})

describe('the scheme', () => {
  test('AUT-14: has a name of its own where it is given one', () => {
    const scheme = bearer({ verify, name: 'session' })
    assert.equal(scheme.name, 'session')
    const found = compiled(scheme).identify(sending(`Bearer ${TOKEN}`))
    assert.ok('type' in found && found.type === 'authenticated')
    const name: 'session' = found.principal.scheme
    assert.equal(name, 'session')
  })

  test('AUT-06: is described as http bearer', () => {
    assert.deepEqual(compiled(bearer({ verify })).describe?.(), {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      alternatives: [['bearer']],
    })
  })

  const A = 'authenticate'
  const rows: readonly (readonly [name: string, options: unknown, expected: readonly string[]])[] = [
    ['nothing', undefined, [`wrong_type ${A}`]],
    ['no verify', {}, [`missing_option ${A}.verify`]],
    ['a text for verify', { verify: 'x' }, [`wrong_type ${A}.verify`]],
    ['a realm with a line break', { verify, realm: 'a\nb' }, [`malformed_value ${A}.realm`]],
    ['a name with a space', { verify, name: 'a b' }, [`malformed_value ${A}.name`]],
    ['a name that is no text', { verify, name: 7 }, [`wrong_type ${A}.name`]],
    ['a misspelled option', { verify, relm: 'x' }, [`unknown_option ${A}.relm`]],
    [
      'a query token without its danger',
      { verify, allowQueryToken: true },
      [`unknown_option ${A}.allowQueryToken`],
    ],
  ]
  for (const [name, options, expected] of rows) {
    test(`AUT-15: ${name} does not build`, () => {
      assert.deepEqual(schemeMistakes(bearer(options as BearerOptions)), expected)
    })
  }
})
