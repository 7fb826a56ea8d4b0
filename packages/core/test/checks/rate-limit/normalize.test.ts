import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Principal } from '../../../src/contract/principal.ts'
import type { RequestFacts } from '../../../src/contract/request.ts'
import { parseIp } from '../../../src/lib/ip.ts'
import { facts } from '../../support/facts.ts'
import { caller, limitsOf, pass, refusal } from '../../support/limits.ts'

const ONE = { limit: 1, window: '1m' }
const account = (request: RequestFacts): string | undefined => request.params['account']
const called = (name: string): RequestFacts =>
  facts({ client: parseIp('203.0.113.1'), params: { account: name } })
const withKey = (keyId: string): RequestFacts => facts({ principal: { ...caller('a'), keyId } as Principal })
const ofTenant = (tenant: string): RequestFacts =>
  facts({ principal: { ...caller('a'), tenant } as Principal })
const tenant = (principal: Principal): string | undefined =>
  (principal as Principal & { readonly tenant?: string }).tenant

const COUNTED: readonly (readonly [name: string, by: unknown, request: (text: string) => RequestFacts])[] = [
  ['a function', account, called],
  ['a key', 'key', withKey],
  ['a tenant', 'tenant', ofTenant],
  ['one word of several', ['client', account], called],
]

test('RL-10: spellings of one name share a counter where the limit says so, and only there', () => {
  for (const [name, by, request] of COUNTED) {
    for (const normalize of [true, (text: string) => text.toLowerCase()]) {
      const { caller: guard } = limitsOf({ ...ONE, by, normalize }, { tenant }).rule()
      pass(guard, request('alice'))
      assert.equal(refusal(guard, request('ALICE')).kind, 'limit.exceeded', name)
      pass(guard, request('bob'))
    }
    const { caller: guard } = limitsOf({ ...ONE, by }, { tenant }).rule()
    pass(guard, request('alice'))
    pass(guard, request('ALICE'))
  }
})

test('RL-10: what counts is what the function gives, and the function is asked once', () => {
  const asked: string[] = []
  const normalize = (text: string): string => {
    asked.push(text)
    return text.replace(/\+.*@/, '@')
  }
  const { caller: guard } = limitsOf({ ...ONE, by: account, normalize }).rule()
  pass(guard, called('a+1@example.com'))
  refusal(guard, called('a+2@example.com'))
  assert.deepEqual(asked, ['a+1@example.com', 'a+2@example.com'])
})

test('RL-10: a limit by name counts by the same spelling', async () => {
  for (const [name, by, request] of COUNTED.slice(0, 3)) {
    const limits = limitsOf({ ...ONE, name: 'login', by, normalize: true }, { tenant })
    const { caller: guard } = limits.rule()
    pass(guard, request('alice'))
    assert.equal((await limits.limit('login').of(' ALICE').peek()).remaining, 0, name)
    await limits.limit('login').of('Alice').reset()
    pass(guard, request('alice'))
  }
})

test('RL-28: a text of which nothing is left has no counter', () => {
  for (const [name, by, request] of COUNTED) {
    const { caller: guard } = limitsOf({ ...ONE, by, normalize: true }, { tenant }).rule()
    assert.equal(refusal(guard, request(' \t')).kind, 'limit.address-unknown', name)
  }
  const limits = limitsOf({ ...ONE, name: 'login', by: account, normalize: true })
  limits.rule()
  assert.throws(() => limits.limit('login').of(' '), TypeError)
})

test('RL-21: a function that throws, or gives no text, is a failed dependency, and nothing is counted', () => {
  const boom = new Error('boom')
  const rows: readonly (readonly [name: string, normalize: () => unknown])[] = [
    [
      'throws',
      () => {
        throw boom
      },
    ],
    ['nothing', () => undefined],
    ['a number', () => 7],
    ['a promise', () => Promise.resolve('alice')],
    ['a promise that is rejected', () => Promise.reject(boom)],
  ]
  for (const [name, normalize] of rows) {
    const { caller: guard } = limitsOf({ ...ONE, by: account, normalize }).rule()
    for (let i = 0; i < 3; i++) {
      const refused = refusal(guard, called('alice'))
      assert.equal(refused.kind, 'dependency.failed', name)
      if (name === 'throws') assert.equal(refused.error, boom)
    }
  }
})

test('RL-25: rules that share a name say the same of spellings', () => {
  const limits = limitsOf()
  const shared = { ...ONE, name: 'login', by: account }
  limits.rule('/a', { ...shared, normalize: true })
  limits.rule('/b', { ...shared, normalize: true })
  assert.deepEqual(limits.mistakes(), [])
  limits.rule('/c', shared)
  const [mistake] = limits.mistakes()
  assert.equal(`${mistake?.code} ${mistake?.path}`, 'contradiction routes["/c"].rateLimit.name')
})

test('ERR-03: spellings of what is no text, and by no function, are mistakes', () => {
  const rows: readonly (readonly [name: string, value: unknown, mistakes: readonly string[]])[] = [
    ['of an address', { ...ONE, normalize: true }, ['contradiction rateLimit.normalize']],
    [
      'of a caller and a route',
      { ...ONE, by: ['principal', 'route'], normalize: true },
      ['contradiction rateLimit.normalize'],
    ],
    ['false', { ...ONE, by: account, normalize: false }, ['wrong_type rateLimit.normalize']],
    ['a form', { ...ONE, by: account, normalize: 'NFKC' }, ['wrong_type rateLimit.normalize']],
    ['of a text among others', { ...ONE, by: ['client', 'key'], normalize: true }, []],
  ]
  for (const [name, value, mistakes] of rows) {
    const limits = limitsOf(value)
    limits.rule()
    const found = limits.mistakes().map((mistake) => `${mistake.code} ${mistake.path}`)
    assert.deepEqual(found, mistakes, name)
  }
})
