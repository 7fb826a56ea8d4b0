import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { EngineFailure, type PolicyEngine, type Principal, type SecurityEvent } from '@gatehouse/core'
import { type Answer, call } from '../../../packages/core/test/support/call.ts'
import { run } from '../../../packages/core/test/support/child.ts'
import { Articles } from '../src/articles.ts'
import { type EngineName, ENGINES } from '../src/engines.ts'
import { type CallerName, CALLERS, type Running, serve } from '../src/serve.ts'
import { Mistake, readSettings } from '../src/settings.ts'

/** One question, and what every engine has to say to it. */
interface Row {
  readonly name: string
  readonly as: CallerName
  readonly action: 'read' | 'edit' | 'delete'
  /** `launch` is published and by alice, `plans` a draft by alice, `diary` a draft by bob. */
  readonly id: 'launch' | 'plans' | 'diary'
  readonly allowed: boolean
  /** The policies of which the decision names one, or all; none where nothing allows. */
  readonly by: readonly string[]
}

const READ = 'published-are-read'
const OWN = 'authors-own'
const EDITOR = 'editors-edit'
const ADMIN = 'admins-all'
const STAY = 'published-stay'

const ROWS: readonly Row[] = [
  {
    name: 'anyone reads a published one',
    as: 'bob',
    action: 'read',
    id: 'launch',
    allowed: true,
    by: [READ],
  },
  { name: 'an author reads a draft', as: 'alice', action: 'read', id: 'plans', allowed: true, by: [OWN] },
  {
    name: 'nobody reads the draft of another',
    as: 'bob',
    action: 'read',
    id: 'plans',
    allowed: false,
    by: [],
  },
  { name: 'no author reads all drafts', as: 'alice', action: 'read', id: 'diary', allowed: false, by: [] },
  { name: 'an editor reads a draft', as: 'edith', action: 'read', id: 'diary', allowed: true, by: [EDITOR] },
  { name: 'an admin reads a draft', as: 'root', action: 'read', id: 'diary', allowed: true, by: [ADMIN] },
  { name: 'an author edits a draft', as: 'alice', action: 'edit', id: 'plans', allowed: true, by: [OWN] },
  {
    name: 'an author edits what is out',
    as: 'alice',
    action: 'edit',
    id: 'launch',
    allowed: true,
    by: [OWN],
  },
  {
    name: 'nobody edits what another wrote',
    as: 'alice',
    action: 'edit',
    id: 'diary',
    allowed: false,
    by: [],
  },
  { name: 'to read is not to edit', as: 'bob', action: 'edit', id: 'launch', allowed: false, by: [] },
  { name: 'an editor edits a draft', as: 'edith', action: 'edit', id: 'plans', allowed: true, by: [EDITOR] },
  {
    name: 'an editor edits what is out',
    as: 'edith',
    action: 'edit',
    id: 'launch',
    allowed: true,
    by: [EDITOR],
  },
  { name: 'an admin edits', as: 'root', action: 'edit', id: 'launch', allowed: true, by: [ADMIN] },
  { name: 'an author deletes a draft', as: 'bob', action: 'delete', id: 'diary', allowed: true, by: [OWN] },
  { name: 'a stranger deletes nothing', as: 'alice', action: 'delete', id: 'diary', allowed: false, by: [] },
  { name: 'an editor deletes no draft', as: 'edith', action: 'delete', id: 'plans', allowed: false, by: [] },
  {
    name: 'an author deletes nothing published',
    as: 'alice',
    action: 'delete',
    id: 'launch',
    allowed: false,
    by: [STAY],
  },
  {
    name: 'an editor deletes nothing published',
    as: 'edith',
    action: 'delete',
    id: 'launch',
    allowed: false,
    by: [STAY],
  },
  {
    name: 'an admin deletes a published one',
    as: 'root',
    action: 'delete',
    id: 'launch',
    allowed: true,
    by: [ADMIN],
  },
  { name: 'an admin deletes a draft', as: 'root', action: 'delete', id: 'plans', allowed: true, by: [ADMIN] },
]

const REQUEST = {
  read: { method: 'GET', suffix: '', done: 200 },
  edit: { method: 'PUT', suffix: '/published', done: 200 },
  delete: { method: 'DELETE', suffix: '', done: 204 },
} as const

function principal(subject: CallerName): Principal {
  return { scheme: 'jwt', subject, issuer: 'https://id.example.com', scopes: [], roles: CALLERS[subject] }
}

for (const name of Object.keys(ENGINES) as EngineName[]) {
  describe(`${name} decides`, () => {
    let engine: PolicyEngine
    before(async () => {
      engine = await ENGINES[name]()
    })

    for (const { name: what, as, action, id, allowed, by } of ROWS) {
      test(`AZ-08: ${what}, and the decision names its policy`, async () => {
        const attributes = { ...(await new Articles().find(id)) }
        const said = await engine.decide({
          principal: principal(as),
          action,
          resource: { type: 'Article', id, attributes },
        })
        const { policy, ...decided } = typeof said === 'boolean' ? { allowed: said } : said
        assert.equal(decided.allowed, allowed)
        const named = policy?.split(', ') ?? []
        // Where two policies allow, an engine may name either, or both.
        if (by.length > 0)
          assert.ok(
            by.some((each) => named.includes(each)),
            `it named ${policy}`,
          )
        else assert.deepEqual(named, [])
      })
    }

    const author = 'alice'
    const odd: readonly (readonly [
      name: string,
      type: string,
      action: string,
      attributes: Readonly<Record<string, unknown>> | undefined,
    ])[] = [
      ['a kind of thing that it does not know', 'Invoice', 'read', { author, published: true }],
      ['an action that it does not know', 'Article', 'print', { author, published: true }],
      ['an action with another case', 'Article', 'Read', { author, published: true }],
      ['no attributes', 'Article', 'read', undefined],
      ['to delete what may be published', 'Article', 'delete', { author }],
      ['to read what is published by the word', 'Article', 'read', { author: 'bob', published: 'true' }],
      ['an author that is nobody', 'Article', 'edit', { author: undefined, published: false }],
    ]
    for (const [what, type, action, attributes] of odd) {
      test(`AZ-03: asked about ${what}, it does not allow`, async () => {
        const resource = { type, id: 'x', ...(attributes === undefined ? {} : { attributes }) }
        let said: unknown
        try {
          said = await engine.decide({ principal: principal('alice'), action, resource })
        } catch {
          said = false // a refusal, at the gate
        }
        assert.notEqual(
          typeof said === 'object' && said !== null && 'allowed' in said ? said.allowed : said,
          true,
        )
      })
    }
  })

  describe(`the gate asks ${name}`, () => {
    const events: SecurityEvent[] = []
    let engine: PolicyEngine
    let running: Running
    before(async () => {
      engine = await ENGINES[name]()
    })

    async function send(row: Pick<Row, 'as' | 'action'> & { readonly id: string }): Promise<Answer> {
      const { method, suffix } = REQUEST[row.action]
      return call(`${running.url}/articles/${row.id}${suffix}`, { method, token: running.tokens[row.as] })
    }

    for (const row of ROWS) {
      test(`AZ-08, AZ-10: ${row.name}, over the wire, and the log says by which policy`, async (t) => {
        events.length = 0
        running = await serve(engine, 0, (event) => events.push(event))
        t.after(running.close)
        const { status, json, text } = await send(row)
        assert.equal(status, row.allowed ? REQUEST[row.action].done : 404, text)
        // The client of a refusal learns nothing but that there is nothing here.
        if (!row.allowed) {
          assert.equal(json['code'], 'not_found')
          assert.doesNotMatch(text, new RegExp([name, ...row.by].join('|')))
        }
        await running.close()
        const [event] = events
        assert.equal(events.length, 1)
        assert.equal(event?.kind, row.allowed ? 'request.allowed' : 'authorization.hidden')
        assert.equal(event?.principal?.subject, row.as)
        const reason = event?.reason ?? ''
        const named = row.by.length > 0 ? row.by : [name]
        assert.ok(
          named.some((each) => reason.includes(each)),
          `the log says: ${reason}`,
        )
      })
    }

    test('AZ-10: what does not exist and what is hidden look the same', async (t) => {
      running = await serve(engine, 0, () => undefined)
      t.after(running.close)
      const [hidden, missing] = [
        await send({ as: 'bob', action: 'read', id: 'plans' }),
        await send({ as: 'bob', action: 'read', id: 'nowhere' }),
      ]
      const { requestId: one, ...first } = hidden.json
      const { requestId: other, ...second } = missing.json
      assert.equal(hidden.status, 404)
      assert.deepEqual(first, second)
      assert.notEqual(one, other)
      assert.deepEqual(Object.keys(hidden.headers), Object.keys(missing.headers))
    })

    test('AZ-03: nobody without a token is asked about', async (t) => {
      running = await serve({ name, decide: () => assert.fail('it was asked') }, 0, () => undefined)
      t.after(running.close)
      assert.equal((await call(`${running.url}/articles/launch`)).status, 401)
    })
  })
}

describe('an engine that fails', () => {
  test('AZ-03: is a refusal, and the client learns nothing of it', async (t) => {
    const engine: PolicyEngine = {
      name: 'broken',
      decide: () => Promise.reject(new EngineFailure('connect ECONNREFUSED 10.0.0.7')),
    }
    const events: SecurityEvent[] = []
    const running = await serve(engine, 0, (event) => events.push(event))
    t.after(running.close)
    const { status, text } = await call(`${running.url}/articles/launch`, { token: running.tokens.root })
    assert.equal(status, 404)
    assert.doesNotMatch(text, /broken|ECONNREFUSED/)
    await running.close()
    assert.deepEqual(
      events.map(({ outcome }) => outcome),
      ['refused'],
    )
    assert.doesNotMatch(JSON.stringify(events), /ECONNREFUSED/)
  })
})

describe('the example', () => {
  test('AZ-08: it runs with the engine that the command line names', async (t) => {
    const child = run('policy-engines', ['--engine', 'casbin'])
    t.after(() => child.stop())
    await child.printed(/Ctrl\+C/)
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(child.output())?.[0] ?? ''
    const token = /^ {2}BOB=(\S+)$/m.exec(child.output())?.[1] ?? ''
    assert.match(child.output(), /guarded by casbin/)
    assert.equal((await call(`${url}/articles/launch`, { token })).status, 200)
    assert.equal((await call(`${url}/articles/plans`, { token })).status, 404)
    assert.deepEqual(await child.stop('SIGTERM'), { code: 0, signal: null })
  })

  test('its settings are read', () => {
    assert.deepEqual(readSettings([], {}), { engine: 'cedar', port: 3000 })
    assert.deepEqual(readSettings(['--engine', 'casl'], { PORT: '0' }), { engine: 'casl', port: 0 })
  })

  const wrong: readonly (readonly [args: readonly string[], env: NodeJS.ProcessEnv, says: RegExp])[] = [
    [['--engine', 'opa'], {}, /no engine "opa": write one of casl, casbin, cedar/],
    [['--engine', 'toString'], {}, /no engine/],
    [['--engine'], {}, /--engine and one of/],
    [['cedar'], {}, /--engine and one of/],
    [[], { PORT: '70000' }, /not a port/],
  ]
  for (const [args, env, says] of wrong) {
    test(`${JSON.stringify(env)} ${args.join(' ')} is a mistake that says what to do`, () => {
      assert.throws(
        () => readSettings(args, env),
        (error) => error instanceof Mistake && says.test(error.message),
      )
    })
  }
})
