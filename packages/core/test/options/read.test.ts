import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError, type Mistake } from '../../src/contract/mistakes.ts'
import type { CompiledScheme } from '../../src/contract/scheme.ts'
import { anyOf } from '../../src/identity/any-of.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { memberOf } from '../../src/options/read.ts'
import { mistakesAt, place } from '../support/compile.ts'
import { testPolicy } from '../support/gate.ts'
import type { testScheme } from '../support/scheme.ts'
import { headerScheme, stubScheme } from '../support/schemes.ts'

function mistakes(policy: object): readonly Mistake[] {
  try {
    gatehouse(testPolicy(policy))
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error.mistakes
  }
}

function told(policy: object): readonly string[] {
  return [...new Set(mistakes(policy).map(({ code, path }) => `${code} ${path}`))]
}

class Written {
  get roles(): readonly string[] {
    return ['admin']
  }
}

/** Objects that mean something, and have no members of their own that say it. */
const NOT_PLAIN: readonly (readonly [name: string, value: unknown])[] = [
  ['a promise', Promise.resolve({ roles: ['admin'] })],
  ['a Map', new Map([['roles', ['admin']]])],
  ['a Date', new Date(0)],
  ['a RegExp', /admin/],
  ['an object that inherits its members', Object.create({ roles: ['admin'] })],
  ['an instance with getters', new Written()],
  ['Headers', new Headers({ roles: 'admin' })],
  ['null', null],
]

const PLACES: readonly (readonly [path: string, within: (value: unknown) => object])[] = [
  ['routes', (routes) => ({ routes })],
  ['routes["/a"]', (rule) => ({ routes: { '/a': rule } })],
  ['routes["/a"].headers', (headers) => ({ routes: { '/a': { headers } } })],
  ['routes["/a"].rateLimit', (rateLimit) => ({ routes: { '/a': { rateLimit } } })],
  ['headers', (headers) => ({ headers })],
  ['headers.set', (set) => ({ headers: { set } })],
  ['https', (https) => ({ https })],
  ['roles', (roles) => ({ roles })],
  ['cors', (cors) => ({ cors })],
  ['rateLimit', (rateLimit) => ({ rateLimit })],
]

describe('an object of options', () => {
  for (const [path, within] of PLACES) {
    for (const [name, value] of NOT_PLAIN) {
      test(`ERR-03: ${path} is not ${name}`, () => {
        assert.deepEqual(told(within(value)), [`wrong_type ${path}`])
      })
    }
  }

  test('ERR-03: proxy is not null, nor is what lets in every host', () => {
    assert.deepEqual(told({ proxy: null }), ['wrong_type proxy'])
    assert.notDeepEqual(told({ hosts: null }), [])
    assert.notDeepEqual(told({ dangerouslyAnyHost: null }), [])
  })

  const names: readonly (readonly [policy: object, instead: string])[] = [
    [{ cros: {} }, 'Did you mean "cors"?'],
    [{ helmet: true }, 'Did you mean "headers"?'],
    [{ csrf: true }, 'Did you mean "crossSite"?'],
    [{ cors: { origins: '*', allowedHeaders: ['a'] } }, 'Did you mean "headers"?'],
    [{ cors: { origins: '*', exposedHeaders: ['a'] } }, 'Did you mean "expose"?'],
    [{ content: { types: 'json', limit: '1mb' } }, 'Did you mean "maxBytes"?'],
    [{ shed: { maxDelay: '1s', limit: 1 } }, 'Known here: maxDelay'],
    [{ shed: { maxDelay: '1s', toString: 1 } }, 'Known here: maxDelay'],
  ]
  for (const [policy, instead] of names) {
    test(`ERR-03: ${JSON.stringify(policy)}: ${instead}`, () => {
      assert.ok(mistakes(policy)[0]?.instead.startsWith(instead))
    })
  }

  test('ERR-03: a promise is told of as a forgotten await', () => {
    for (const policy of [
      { routes: Promise.resolve({}) },
      { roles: Promise.resolve({}) },
      { routes: { '/a': Promise.resolve({}) } },
    ]) {
      const [mistake] = mistakes(policy)
      assert.match(mistake?.instead ?? '', /await/)
    }
  })

  test('ERR-03: it may be without a prototype, as the namespace of a module is', async () => {
    const source = 'data:text/javascript,export const preset = "page"'
    const namespace: unknown = await import(source)
    assert.deepEqual(told({ headers: namespace }), [])
    const bare: object = Object.assign(Object.create(null), { '/a': { roles: ['admin'] } }) as object
    assert.deepEqual(told({ routes: bare }), [])
  })
})

const SECRET = 'hunter2'

function throwing(key: string): object {
  return Object.defineProperty({}, key, {
    enumerable: true,
    get() {
      throw new Error(SECRET)
    },
  })
}

describe('what throws while a policy is read', () => {
  const rows: readonly (readonly [path: string, policy: object])[] = [
    ['deadline', throwing('deadline')],
    ['https.mode', { https: throwing('mode') }],
    ['routes["/a"]', { routes: throwing('/a') }],
    ['routes["/a"].scopes', { routes: { '/a': throwing('scopes') } }],
    ['roles.admin', { roles: throwing('admin') }],
    ['headers.set.Server', { headers: { set: throwing('Server') } }],
    ['proxy.trustedHops', { proxy: throwing('trustedHops') }],
    ['cors.origins', { cors: throwing('origins') }],
    ['store', { store: throwing('take') }],
  ]
  for (const [path, policy] of rows) {
    test(`ERR-03, AUT-07: a getter of ${path} is a mistake, and its text stays unsaid`, () => {
      // Spread would read the getters of the policy itself.
      const whole: object = Object.defineProperties(testPolicy(), Object.getOwnPropertyDescriptors(policy))
      assert.throws(
        () => gatehouse(whole),
        (error) => {
          assert.ok(error instanceof ConfigError, String(error))
          assert.ok(!error.message.includes(SECRET))
          assert.equal(error.mistakes.filter((mistake) => mistake.path === path).length, 1)
          return error.mistakes.some((each) => each.code === 'wrong_type' && each.path === path)
        },
      )
    })
  }

  test('ERR-03: a member of a list is read with the same care', () => {
    const where = place('list[0]')
    assert.equal(memberOf(where, throwing('0'), 0), undefined)
    assert.deepEqual(
      mistakesAt(where).map(({ code, path }) => `${code} ${path}`),
      ['wrong_type list[0]'],
    )
    const scopes = Object.assign([], { length: 1 })
    Object.defineProperty(scopes, 0, Object.getOwnPropertyDescriptor(throwing('0'), '0') ?? {})
    assert.deepEqual(told({ routes: { '/a': { scopes } } }), ['wrong_type routes["/a"].scopes[0]'])
  })

  const good = stubScheme(() => undefined)
  const compiles: readonly (readonly [name: string, compile: () => unknown])[] = [
    ['null', () => null],
    ['an empty object', () => ({})],
    ['a promise', () => Promise.resolve(good)],
    ['fields that are no list', () => ({ ...good, fields: 'authorization' })],
    ['no challenges', (): Partial<CompiledScheme> => ({ ...good, challenges: () => undefined as never })],
    [
      'an error',
      () => {
        throw new Error(SECRET)
      },
    ],
  ]
  for (const [name, compile] of compiles) {
    test(`ERR-03, AUT-07: a scheme that compiles to ${name} is a mistake`, () => {
      const authenticate = { name: 'own', compile } as ReturnType<typeof testScheme>
      assert.deepEqual(told({ authenticate }), ['wrong_type authenticate'])
      assert.deepEqual(told({ authenticate: anyOf(headerScheme('a', 'x-a'), authenticate) }), [
        'wrong_type authenticate[1]',
      ])
      assert.ok(!JSON.stringify(mistakes({ authenticate })).includes(SECRET))
    })
  }

  test('ERR-03: the mistakes of a scheme that throws them are mistakes of the policy', () => {
    const mistake = {
      code: 'out_of_range',
      path: 'own.limit',
      message: 'is 0.',
      instead: 'Write 1.',
    } as const
    const compile = (): never => {
      throw new ConfigError([mistake])
    }
    assert.deepEqual(mistakes({ authenticate: { name: 'own', compile } }), [mistake])
  })

  const clocks: readonly (readonly [name: string, clock: unknown, expected: string])[] = [
    ['gives NaN', { now: () => NaN, monotonic: () => 0 }, 'malformed_value clock'],
    ['gives a Date', { now: () => new Date(), monotonic: () => 0 }, 'malformed_value clock'],
    ['has no steady time', { now: () => 0, monotonic: () => Infinity }, 'malformed_value clock'],
    ['throws', { now: (): number => assert.fail(SECRET), monotonic: () => 0 }, 'malformed_value clock'],
    ['is a number', 5, 'wrong_type clock'],
  ]
  for (const [name, clock, expected] of clocks) {
    test(`ERR-03: a clock that ${name} is a mistake`, () => assert.deepEqual(told({ clock }), [expected]))
  }
})
