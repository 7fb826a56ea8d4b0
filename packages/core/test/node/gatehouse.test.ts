import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { guarded, testPolicy } from '../support/gate.ts'
import { as, testScheme } from '../support/scheme.ts'

/** The mistakes of a policy, as `code path`. */
function mistakes(policy: unknown): readonly string[] {
  try {
    gatehouse(policy as Parameters<typeof gatehouse>[0])
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error.mistakes.map((mistake) => `${mistake.code} ${mistake.path}`)
  }
}

const rows: readonly (readonly [name: string, policy: unknown, expected: readonly string[]])[] = [
  ['nothing at all', undefined, ['wrong_type policy']],
  ['an empty policy', {}, ['missing_option authenticate', 'missing_option hosts']],
  [
    'an unknown option',
    testPolicy({ ratelimit: { limit: 1, window: '1m' } } as object),
    ['unknown_option ratelimit'],
  ],
  ['authenticate and public', testPolicy({ public: 'everybody' }), ['contradiction public']],
  [
    'an authenticate that is no scheme',
    testPolicy({ authenticate: {} as never }),
    ['wrong_type authenticate'],
  ],
  [
    'a policy that is public without a reason',
    testPolicy({ authenticate: undefined as never, public: '' }),
    ['malformed_value public'],
  ],
  ['routes that are a list', testPolicy({ routes: [] as never }), ['wrong_type routes']],
  [
    'an unknown option of a rule',
    testPolicy({ routes: { '/a': { scope: ['a'] } as object } }),
    ['unknown_option routes["/a"].scope'],
  ],
  [
    'a public rule without a reason',
    testPolicy({ routes: { '/a': { public: '' } } }),
    ['malformed_value routes["/a"].public'],
  ],
  [
    'a public rule without a reason, where nobody is authenticated',
    testPolicy({ authenticate: undefined as never, public: 'a test', routes: { '/a': { public: '' } } }),
    ['malformed_value routes["/a"].public'],
  ],
  [
    'a public rule with scopes',
    testPolicy({ routes: { '/a': { public: 'a', scopes: ['a'] } } }),
    ['contradiction routes["/a"].scopes'],
  ],
  [
    'an optional rule with scopes',
    testPolicy({ routes: { '/a': { optional: 'a', scopes: ['a'] } } }),
    ['contradiction routes["/a"].scopes'],
  ],
  ['a deadline of nothing', testPolicy({ deadline: 0 }), ['out_of_range deadline']],
  [
    'two rules for the same requests',
    testPolicy({ routes: { '/a': { scopes: ['a'] }, '/A/': { scopes: ['b'] } } }),
    ['duplicate_value routes["/A/"]'],
  ],
  ['an unknown check in shadow', testPolicy({ shadow: ['cros'] as never }), ['malformed_value shadow[0]']],
  ['an observer that is no function', testPolicy({ observe: {} as never }), ['wrong_type observe']],
  ['a store that is none', testPolicy({ store: {} as never }), ['wrong_type store']],
  [
    'a store that keeps no records',
    testPolicy({ store: Object.assign(memoryStore(), { add: undefined as never }) }),
    ['wrong_type store'],
  ],
  ['PRX-10: proxy true', testPolicy({ proxy: true as never }), ['unsafe_value proxy']],
]

describe('a policy that cannot be right', () => {
  for (const [name, policy, expected] of rows) {
    test(`ERR-03: ${name}`, () => {
      assert.deepEqual([...mistakes(policy)].sort(), [...expected].sort())
    })
  }

  test('ERR-03: every mistake comes at once, each with what to write instead', () => {
    const policy = {
      hosts: ['https://api.example.com'],
      https: 'sometimes',
      cors: { origins: '*', credentials: true },
      rateLimit: { limit: 0, window: 'soon' },
      headers: 'pages',
      routes: { 'get /a': { scopes: [] } },
    }
    try {
      gatehouse(policy as never)
      assert.fail('it was built')
    } catch (error) {
      assert.ok(error instanceof ConfigError)
      const paths = new Set(error.mistakes.map((mistake) => mistake.path.replace(/[[.].*$/, '')))
      for (const path of ['hosts', 'https', 'cors', 'rateLimit', 'headers', 'routes', 'authenticate']) {
        assert.ok(paths.has(path), path)
      }
      for (const mistake of error.mistakes) assert.ok(mistake.instead.length > 5, mistake.path)
      assert.match(error.message, /mistakes:\n {2}/)
    }
  })

  test('AZ-01: in a policy that authenticates nobody each rule says that it is public', () => {
    const policy = { hosts: ['a.example'], public: 'open data', routes: { '/a': { headers: 'page' } } }
    assert.deepEqual(mistakes(policy), ['missing_option routes["/a"].public'])
    assert.deepEqual(mistakes({ ...policy, routes: { '/a': { public: 'open data' } } }), [])
  })

  test('AZ-01: a rule that asks for a caller in a policy that authenticates nobody is a mistake', () => {
    const policy = { hosts: ['a.example'], public: 'open data', routes: { '/a': { scopes: ['a'] } } }
    assert.deepEqual(
      mistakes(policy).filter((each) => each.startsWith('contradiction')),
      ['contradiction routes["/a"].scopes'],
    )
  })

  test("AZ-01: a rule of a framework's route cannot open what the policy guards, nor say nothing", () => {
    const gate = gatehouse(testPolicy())
    const paths = (rule: unknown): readonly string[] => {
      try {
        gate.allow(rule as never)
        return []
      } catch (error) {
        assert.ok(error instanceof ConfigError)
        return error.mistakes.map((mistake) => `${mistake.code} ${mistake.path}`)
      }
    }
    assert.deepEqual(paths({ public: 'why' }), ['contradiction rule.public'])
    assert.deepEqual(paths({ optional: 'why' }), ['contradiction rule.optional'])
    assert.deepEqual(paths({}), ['missing_option rule'])
    assert.deepEqual(paths({ rateLimit: 'exempt' }), ['contradiction rule.rateLimit'])
    assert.deepEqual(paths({ scopes: ['a'] }), [])
  })
})

describe('a gate', () => {
  test('AZ-01: a request that no rule binds needs authentication', async () => {
    const server = await guarded({ routes: { '/open': { public: 'a test' } } })
    assert.equal((await server.send({ path: '/open' })).status, 200)
    assert.equal((await server.send({ path: '/other' })).status, 401)
    await server.close()
  })

  test('the pass carries the client, the rule, the parts of the path and the caller', async () => {
    const server = await guarded({ routes: { '/users/:id': { authenticated: true } } }, (_req, res, pass) =>
      res.end(
        JSON.stringify([pass.client, pass.rule, pass.params, pass.principal.subject, pass.authenticated]),
      ),
    )
    const { body } = await server.send({ path: '/users/a%20b', fields: as('alice') })
    assert.deepEqual(JSON.parse(body), ['127.0.0.1', '/users/:id', { id: 'a b' }, 'alice', true])
    await server.close()
  })

  test('a handler that asks for the caller of a public route fails, and does not run on without one', async () => {
    const server = await guarded({ routes: { '/': { public: 'a test' } } }, (_req, res, pass) =>
      res.end(pass.principal.subject),
    )
    assert.equal((await server.send({})).status, 500)
    await server.close()
  })

  test('REQ-14: the signal of the pass aborts when the client goes away, and only then', async () => {
    let aborted: Promise<unknown> | undefined
    let kept: AbortSignal | undefined
    const server = await guarded({ routes: { '/*': { public: 'a test' } } }, (req, res, pass) => {
      if (req.url === '/kept') {
        kept = pass.signal
        return res.end()
      }
      aborted = new Promise((resolve) => pass.signal.addEventListener('abort', resolve))
      return req.socket.destroy()
    })
    await assert.rejects(server.send({ path: '/gone' }))
    await aborted
    await server.send({ path: '/kept' })
    assert.equal(kept?.aborted, false)
    await server.close()
  })

  test('a request that the gate did not admit has no pass', () => {
    const gate = gatehouse(testPolicy())
    assert.throws(() => gate.passOf({} as never), TypeError)
  })

  test('REQ-17: close delivers the events that wait, and closes the store once', async () => {
    let closed = 0
    const heard: string[] = []
    const store = Object.assign(memoryStore(), { close: () => void closed++ })
    const gate = gatehouse(testPolicy({ store, observe: (event) => heard.push(event.kind) }))
    const server = await guarded()
    await server.close()
    await gate.close()
    await gate.close()
    assert.equal(closed, 1)
    assert.deepEqual(heard, [])
  })

  test('a policy may change after it was compiled, and the gate does not', async () => {
    const routes: Record<string, { public: string }> = { '/open': { public: 'a test' } }
    const server = await guarded({ routes, authenticate: testScheme() })
    routes['/other'] = { public: 'too late' }
    assert.equal((await server.send({ path: '/other' })).status, 401)
    await server.close()
  })
})
