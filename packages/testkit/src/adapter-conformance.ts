import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { after, describe, test } from 'node:test'
import type { Gate, JwtPrincipal } from '@gatehouse/core'
import { type Case, CASES } from './adapter/cases.ts'
import { type Fixture, fixture } from './adapter/fixture.ts'
import { assertRefused, get, LAWFUL, MALFORMED, type Malformed } from './adapter/malformed.ts'
import { nodeHttp } from './adapter/reference.ts'
import { type Received, type Running, type Sent, start } from './http.ts'

/** Builds an app of some framework behind a gate, with the routes of {@link adapterConformance}. */
export type Mount = (gate: Gate<JwtPrincipal>) => RequestListener | Promise<RequestListener>

/** A server that requests can be sent to. */
export interface Serving {
  /** Sends a request, and gives what came back. */
  readonly send: (sent: Sent) => Promise<Received>
  readonly close: () => Promise<void>
}

/** Options for {@link adapterConformance}. */
export interface AdapterConformanceOptions {
  /** Stands in every title. */
  readonly name: string
  readonly mount: Mount
  /**
   * Serves the app over something else than HTTP/1.1 on a TCP connection. Then the requests that are written as bytes are
   * left out.
   *
   * @default a server of node:http on a loopback port of its own
   */
  readonly serve?: (listener: RequestListener) => Promise<Serving>
  /** Names of cases that the client of `serve` refuses to send: they need a test of their own. */
  readonly unsendable?: readonly string[]
  /** Fields of responses, in lower case, that node:http adds by itself and `serve` does not. */
  readonly lacks?: readonly string[]
  /**
   * Whether requests that are no HTTP are written as bytes, too, to a server that the gate is attached to.
   *
   * @default true, but with `serve`
   */
  readonly malformed?: boolean
  /** More requests as bytes, for a server whose parser is lenient (`insecureHTTPParser`). */
  readonly lenient?: readonly Malformed[]
}

/** One thing that an adapter must do. */
export interface AdapterCheck {
  /** Begins with the requirement, and has the name of the adapter. */
  readonly title: string
  /** Sends a request, and rejects when something else comes back than must. */
  readonly run: () => Promise<void>
}

/**
 * Registers the tests that every adapter passes, with `node:test`: each case is sent to an app behind the adapter and to
 * plain node:http side by side. What the case asks must hold, and status, fields and content of every refusal must be equal
 * to the byte. Malformed requests are written as bytes, to an attached server.
 *
 * The app has these routes, each for all that the framework does by itself to a response:
 *
 * | Route | Does |
 * | --- | --- |
 * | `GET /open`, `/limited`, `/admin/x`, `/forgotten` | answers `{ "ok": true }` as JSON |
 * | `GET /secure` | answers `{ "for": <subject of the pass> }` |
 * | `GET /route-rule` | answers `{ "ok": true }` under a rule of its own: `allow(gate, { scopes: ['data:read'] })` |
 * | `GET /throws` | sets the field `X-Leak`, then throws `new Error('secret detail')` |
 * | `GET /throws-401`, `/teapot` | throws `new StatusError(401, 'secret detail')`, and 418 |
 * | `GET /rejects` | rejects with `new Error('secret detail')` |
 * | `GET /write-head` | answers 201 and `made` with the fields `X-Own: yes` and `Server: secret/1.0` |
 * | `GET /empty`, `/unchanged` | answers 204, and 304 |
 * | `GET /late` | never answers |
 * | `GET /stream` | answers `abc` in three pieces |
 * | `POST /keyed` | answers `{ "ok": true }` |
 * | `POST /noted` | answers `{ "content": <what the framework has as parsed content> }` |
 *
 * @example
 * adapterConformance({ name: 'Koa 3', mount: (gate) => appBehind(gate).callback() })
 */
export function adapterConformance(options: AdapterConformanceOptions): void {
  const { checks, close } = adapterChecks(options)
  describe(`${options.name} conforms`, () => {
    after(close)
    for (const { title, run } of checks) test(title, run)
  })
}

/**
 * The same tests as plain functions, for another runner, or to see one fail. They share servers, which start when they are
 * needed.
 *
 * @example
 * const { checks, close } = adapterChecks({ name: 'mine', mount })
 * for (const { title, run } of checks) it(title, run)
 * afterAll(close)
 */
export function adapterChecks(options: AdapterConformanceOptions): {
  readonly checks: readonly AdapterCheck[]
  readonly close: () => Promise<void>
} {
  const { name, mount, serve = start, unsendable = [], lacks = [], lenient = [] } = options
  const { malformed = serve === start } = options
  const open: Promise<Serving>[] = []
  const close = async (): Promise<void> => {
    await Promise.all(open.splice(0).map(async (each) => (await each).close()))
  }
  const opened = <S extends Serving>(server: Promise<S>): Promise<S> => {
    open.push(server)
    return server
  }
  const bound = once(() => bind(mount, (listener) => opened(serve(listener))))
  const reference = once(() => bind(nodeHttp, (listener) => opened(start(listener))))
  const attached = (insecureHTTPParser: boolean) => (): Promise<Running> =>
    opened(startAttached(mount, insecureHTTPParser))
  const strict = once(attached(false))
  const loose = once(attached(true))

  const cases = CASES.filter((row) => !unsendable.includes(row.name)).map((row) => ({
    title: `DEP-02: ${name}: ${row.name}`,
    async run() {
      const received = await play(await bound(), row)
      expect(row, received, lacks)
      if (row.code !== undefined || received.status === 204)
        assert.deepEqual(comparable(received), comparable(await play(await reference(), row)))
    },
  }))
  if (!malformed) return { checks: cases, close }
  const refused = (
    rows: readonly Malformed[],
    server: () => Promise<Running>,
    how: string,
  ): readonly AdapterCheck[] =>
    rows.map(([id, what, bytes, code]) => ({
      title: `${id}: ${name}${how}: ${what}`,
      run: async () => assertRefused(await (await server()).raw(bytes), code),
    }))
  const answered = [...LAWFUL, ['REQ-09', 'what comes after all that', get()] as const].map(
    ([id, what, bytes]) => ({
      title: `${id}: ${name}: ${what} is answered`,
      run: async () => assert.match(await (await strict()).raw(bytes), /^HTTP\/1\.1 200 /),
    }),
  )
  return {
    checks: [
      ...cases,
      ...refused(MALFORMED, strict, ''),
      ...answered,
      ...refused(lenient, loose, ' with a lenient parser'),
    ],
    close,
  }
}

/** An app behind a gate of its own. */
export interface Bound {
  readonly server: Serving
  readonly fixture: Fixture
}

async function bind(mount: Mount, serve: (listener: RequestListener) => Promise<Serving>): Promise<Bound> {
  const made = fixture()
  return { server: await serve(await mount(made.gate)), fixture: made }
}

async function startAttached(mount: Mount, insecureHTTPParser: boolean): Promise<Running> {
  const { gate } = fixture()
  return start(gate.attach(createServer({ insecureHTTPParser }, await mount(gate))))
}

/** Makes it when it is first asked for, and gives the same from then on. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

/** Sends the request of a case, after those that come before it. */
export async function play({ server, fixture: { tokens } }: Bound, row: Case): Promise<Received> {
  const sent = row.sent(tokens)
  const fields = fieldsOf(sent)
  if (row.prior !== undefined) await server.send({ ...row.prior, fields: fieldsOf(row.prior) })
  for (let i = 0; i < (row.before ?? 0); i++) await server.send({ ...sent, fields })
  return server.send({ ...sent, fields })
}

/** The fields of a request, with the host of the cases where it names none. */
export function fieldsOf({ fields = [] }: Sent): readonly string[] {
  return fields.includes('Host') ? fields : ['Host', 'api.example.com', ...fields]
}

function expect(row: Case, received: Received, lacks: readonly string[]): void {
  assert.equal(received.status, row.status, received.body)
  for (const [name, wanted] of Object.entries(row.fields ?? {})) {
    if (lacks.includes(name)) continue
    const value = received.headers[name]
    if (wanted instanceof RegExp) assert.match(String(value), wanted, name)
    else assert.equal(value, wanted, name)
  }
  if (row.code === undefined) return
  assert.equal(received.headers['content-type'], 'application/problem+json')
  assert.equal(received.headers['content-length'], String(Buffer.byteLength(received.body)))
  const problem = JSON.parse(received.body) as Record<string, unknown>
  assert.equal(problem['code'], row.code)
  assert.equal(problem['status'], row.status)
  assert.doesNotMatch(received.body, /secret detail|at .*\.[jt]s|node_modules/)
}

/** What must be equal: all but the date, the request's id (and with it the length), and what the limits had left. */
function comparable(received: Received): unknown {
  const lines: string[] = []
  for (let i = 0; i + 1 < received.raw.length; i += 2) {
    const name = (received.raw[i] ?? '').toLowerCase()
    // RFC 9113 §8.2.2: HTTP/2 has no such field.
    if (name === 'connection') continue
    const value = ['date', 'ratelimit', 'content-length'].includes(name) ? '' : received.raw[i + 1]
    lines.push(`${name}: ${value}`)
  }
  return {
    status: received.status,
    lines,
    body: received.body.replace(/"requestId":"[^"]+"/, '"requestId":"-"'),
  }
}
