import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Policy } from '../../src/chain/policy.ts'
import { type Guarded, guarded } from '../support/gate.ts'
import type { Sent } from '../support/http.ts'
import { as, type TestPrincipal } from '../support/scheme.ts'

/**
 * What a policy gets without saying so, as it was when somebody last looked. A change of it is seen in defaults.json by
 * whoever reviews it, and belongs into CHANGELOG.md: what an upgrade takes away from a policy that stays as it is must be
 * told. `GATEHOUSE_WRITE_DEFAULTS=1 npm test -- house/defaults` writes the file.
 */
const RECORD = new URL('defaults.json', import.meta.url)
const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url))

interface Defaults {
  /** What the options say of themselves. */
  readonly documented: Readonly<Record<string, string>>
  /** What policies that say little are compiled to. */
  readonly compiled: Readonly<Record<string, unknown>>
  /** What they answer. */
  readonly answers: Readonly<Record<string, unknown>>
}

/** Policies that name an option, and leave all that is within it as it comes. */
const POLICIES: Readonly<Record<string, Policy<TestPrincipal>>> = {
  'as little as there can be': {},
  'each guard, and nothing of it': {
    cors: { origins: ['https://app.example.com'], credentials: true },
    rateLimit: { limit: 20, window: '1m' },
    concurrency: { limit: 20 },
    content: 'json',
    timeout: '30s',
    shed: {},
    routes: {
      'GET /open': { public: 'a test' },
      'POST /open': { public: 'a test' },
      'GET /scoped': { scopes: ['a'] },
      '/admin/*': { roles: ['admin'] },
      'POST /pay': { authenticated: true, idempotency: true },
    },
  },
  pages: { headers: 'page', routes: { '/open': { public: 'a test' } } },
  // The proxy is the test: over https is what it says came over https.
  https: {
    https: 'redirect',
    proxy: { trustedRanges: ['loopback'] },
    routes: { '/open': { public: 'a test' } },
  },
}

const REQUESTS: Readonly<Record<string, Sent>> = {
  'a caller': { path: '/', fields: as('alice') },
  nobody: { path: '/' },
  'somebody who is not': { path: '/', fields: as('bad') },
  'without the scope': { path: '/scoped', fields: as('alice') },
  'without the role': { path: '/admin/x', fields: as('alice') },
  'an open route': { path: '/open' },
  'another host': { path: '/open', fields: ['Host', 'evil.example'] },
  'a made up address': { path: '/open', fields: ['X-Forwarded-For', '203.0.113.9'] },
  'a scheme that the proxy would say': {
    path: '/open',
    fields: ['Host', 'api.example.com', 'X-Forwarded-Proto', 'https', 'X-Forwarded-For', '203.0.113.9'],
  },
  TRACE: { method: 'TRACE', path: '/open' },
  'another method': { path: '/open', fields: ['X-HTTP-Method-Override', 'DELETE'] },
  'dots in the path': { path: '/admin/%2e%2e/open' },
  'a slash that is none': { path: '/admin%2fx' },
  'two slashes': { path: '//open' },
  'a page of another origin': { path: '/open', fields: ['Origin', 'https://evil.example'] },
  'a page of an allowed one': { path: '/open', fields: ['Origin', 'https://app.example.com'] },
  'a preflight of another': {
    method: 'OPTIONS',
    path: '/open',
    fields: ['Origin', 'https://evil.example', 'Access-Control-Request-Method', 'POST'],
  },
  'a preflight of an allowed one': {
    method: 'OPTIONS',
    path: '/open',
    fields: ['Origin', 'https://app.example.com', 'Access-Control-Request-Method', 'POST'],
  },
  'a form of another site': {
    method: 'POST',
    path: '/open',
    fields: ['Sec-Fetch-Site', 'cross-site', 'Origin', 'https://evil.example', 'Cookie', 'a=b'],
    body: '{}',
  },
  'content of another type': {
    method: 'POST',
    path: '/open',
    fields: ['Content-Type', 'text/plain'],
    body: 'a',
  },
  'content that is too long': {
    method: 'POST',
    path: '/open',
    fields: ['Content-Type', 'application/json'],
    body: `"${'a'.repeat(102_400)}"`,
  },
  'a failure': { path: '/', fields: [...as('alice'), 'X-Fail', '1'] },
}

/** What differs from one run to the next, or is of the connection. */
const PASSING: ReadonlySet<string> = new Set([
  'date',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'x-request-id',
])

describe('defaults', () => {
  test('DEP-05: what a policy gets without saying so is as it is on record', async (t) => {
    const found = await defaults(t)
    if (process.env['GATEHOUSE_WRITE_DEFAULTS'] === '1')
      writeFileSync(RECORD, `${JSON.stringify(found, undefined, 2)}\n`)
    const recorded = JSON.parse(readFileSync(RECORD, 'utf8')) as Defaults
    for (const part of ['documented', 'compiled', 'answers'] as const)
      assert.deepEqual(
        found[part],
        recorded[part],
        `A default has changed (${part}). Where it is meant, write the record anew, and say it in CHANGELOG.md.`,
      )
  })

  test('DEP-05: the record says something', () => {
    const { documented, compiled, answers } = JSON.parse(readFileSync(RECORD, 'utf8')) as Defaults
    assert.ok(Object.keys(documented).length > 80, String(Object.keys(documented).length))
    assert.deepEqual(Object.keys(compiled), Object.keys(POLICIES))
    assert.deepEqual(Object.keys(answers), Object.keys(POLICIES))
    for (const { each } of Object.values(answers as Readonly<Record<string, { readonly each: object }>>))
      assert.deepEqual(Object.keys(each), Object.keys(REQUESTS))
  })
})

async function defaults(t: TestContext): Promise<Defaults> {
  const compiled: Record<string, unknown> = {}
  const answers: Record<string, unknown> = {}
  for (const [name, policy] of Object.entries(POLICIES)) {
    // oxlint-disable-next-line no-await-in-loop -- one server at a time
    const server = await guarded(policy, (req, res) => {
      if (req.headers['x-fail'] !== undefined) throw new Error('a failure')
      res.setHeader('content-type', 'application/json')
      res.end('{}')
    })
    t.after(() => server.close())
    compiled[name] = JSON.parse(JSON.stringify(server.gate.describe()))
    const seen: Record<string, Answer> = {}
    for (const [what, sent] of Object.entries(REQUESTS))
      // oxlint-disable-next-line no-await-in-loop -- each counts after the one before
      seen[what] = await answerOf(server, sent)
    answers[name] = besidesUsual(seen)
  }
  return { documented: whatOptionsSay(), compiled, answers }
}

interface Answer {
  readonly status: number
  readonly fields: Readonly<Record<string, unknown>>
  readonly body: unknown
}

async function answerOf(server: Guarded, sent: Sent): Promise<Answer> {
  const { status, headers, body } = await server.send(sent)
  const fields = Object.entries(headers).filter(([name]) => !PASSING.has(name))
  return {
    status,
    fields: Object.fromEntries(fields.sort(([one], [other]) => (one < other ? -1 : 1))),
    body: codeOf(body),
  }
}

/** The fields that all have in common once, and of each answer what is there besides. */
function besidesUsual(seen: Readonly<Record<string, Answer>>): object {
  const all = Object.values(seen)
  const isUsual = (name: string, value: unknown): boolean => all.every(({ fields }) => fields[name] === value)
  const usual = Object.entries(all[0]?.fields ?? {}).filter(([name, value]) => isUsual(name, value))
  const each = Object.entries(seen).map(([what, { status, fields, body }]) => {
    const besides = Object.entries(fields).filter(([name, value]) => !isUsual(name, value))
    return [what, [status, body, Object.fromEntries(besides)]]
  })
  return { fields: Object.fromEntries(usual), each: Object.fromEntries(each) as unknown }
}

/** Of a problem its code: the rest of its text may be said better one day. */
function codeOf(body: string): unknown {
  const { code } = (body.startsWith('{') ? JSON.parse(body) : {}) as { readonly code?: unknown }
  return code ?? body
}

/** `@default` of every option: the file and its name, and what stands there. */
function whatOptionsSay(): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const file of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!file.endsWith('.ts')) continue
    const text = readFileSync(join(SOURCES, file), 'utf8')
    for (const [comment, name = ''] of text.matchAll(
      /\/\*\*(?:[^*]|\*(?!\/))*\*\/\s*(?:readonly )?(\w+)\??:/g,
    )) {
      const [, said] = /@default ((?:[^@*]|\*(?!\/)|@(?!\w)|(?<=`)@\w)*)/.exec(comment) ?? []
      if (said !== undefined)
        found[`${file.split('\\').join('/')}: ${name}`] = said.replace(/\s*\n\s*\*?\s*/g, ' ').trim()
    }
  }
  return found
}
