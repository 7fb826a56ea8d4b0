import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Answer, call, type Call } from './call.ts'
import { type Child, run } from './child.ts'
import { freePort } from './ports.ts'

/** Starts the example of a framework, and tries what all of them promise. */
export function smoke(framework: string): void {
  describe(`the example for ${framework}`, () => {
    let child: Child
    let base: string
    let tokens: Readonly<Record<string, string>>

    before(async () => {
      const port = await freePort()
      base = `http://127.0.0.1:${port}`
      child = run(framework, [], { PORT: String(port) })
      await child.printed(/Ctrl\+C/)
      const printed = [...child.output().matchAll(/^ {2}(ALICE|ROOT)=(\S+)$/gm)]
      tokens = Object.fromEntries(printed.map((match) => [match[1], match[2]]))
    })
    after(() => child?.stop())

    const json = (body: string): Call => ({ body, headers: { 'Content-Type': 'application/json' } })
    const rows: readonly Row[] = [
      { name: 'the open route', path: '/health', status: 200, holds: /"ok"/ },
      { name: 'no token', path: '/secure-data', status: 401, holds: /authentication_required/ },
      {
        name: 'a token with the scope',
        as: 'ALICE',
        path: '/secure-data',
        status: 200,
        holds: /Secure data/,
      },
      { name: 'a token without', as: 'ROOT', path: '/secure-data', status: 403, holds: /insufficient_scope/ },
      { name: 'a caller without the role', as: 'ALICE', path: '/admin/events', status: 403, holds: /denied/ },
      { name: 'no route', as: 'ALICE', path: '/nowhere', status: 404, holds: /not_found/ },
      { name: 'no route, no token', path: '/nowhere', status: 401, holds: /authentication_required/ },
      { name: 'another host', path: '/health', sent: { headers: { Host: 'evil.example' } }, status: 421 },
      {
        name: 'a note',
        as: 'ALICE',
        path: '/notes',
        sent: json('{"text":"hi"}'),
        status: 201,
        holds: /alice/,
      },
      {
        name: 'a note of the wrong form',
        as: 'ALICE',
        path: '/notes',
        sent: json('{"text":1}'),
        status: 422,
      },
      { name: 'a null', as: 'ALICE', path: '/notes', sent: json('[null]'), status: 422 },
      { name: 'no JSON', as: 'ALICE', path: '/notes', sent: json('{bad'), status: 400, holds: /malformed/ },
      { name: 'a huge body', as: 'ALICE', path: '/notes', sent: json('"'.padEnd(99_999)), status: 413 },
    ]
    for (const { name, as, path, sent, status, holds } of rows) {
      test(`${name} is ${status}`, async () => {
        const token = as === undefined ? undefined : tokens[as]
        const answer = await call(`${base}${path}`, { ...sent, ...(token === undefined ? {} : { token }) })
        assert.equal(answer.status, status, answer.text)
        if (holds !== undefined) assert.match(answer.text, holds)
        assertGuarded(answer)
      })
    }

    test('the admin sees what was refused', async () => {
      const answer = await call(`${base}/admin/events`, { token: tokens['ROOT'] ?? '' })
      assert.equal(answer.status, 200)
      assert.match(answer.text, /"kind":"authorization\.role-missing"/)
    })

    test('nothing of it was a 500, or left a stack on the terminal', () => {
      assert.doesNotMatch(child.output(), /refused +5\d\d|^\s+at .+:\d+:\d+\)?$/m)
    })

    test('SIGTERM ends it with 0', async () => {
      assert.deepEqual(await child.stop('SIGTERM'), { code: 0, signal: null })
    })
  })
}

interface Row {
  readonly name: string
  readonly as?: 'ALICE' | 'ROOT'
  readonly path: string
  readonly sent?: Call
  readonly status: number
  readonly holds?: RegExp
}

/** Whoever answers, the gate has the last word about the fields. */
function assertGuarded({ headers }: Answer): void {
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.equal(headers['x-powered-by'], undefined)
}
