import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { type Case, CASES, HEADS, LATE } from './adapter/cases.ts'
import { bind, type Bound, type Mount, type Serving } from './adapter/bound.ts'
import { ANSWERED, caught, CUT, type Ending, ENDINGS } from './adapter/endings.ts'
import { fixture } from './adapter/fixture.ts'
import { assertRefused, bytesOf, get, LAWFUL, MALFORMED, type Malformed } from './adapter/malformed.ts'
import { later } from './adapter/later.ts'
import { nodeHttp } from './adapter/reference.ts'
import { turn } from './adapter/witness.ts'
import {
  CHANGES,
  isOver,
  serveOver,
  serverFor,
  type TlsSettings,
  type Transport,
  UNSENDABLE,
} from './adapter/transport.ts'
import type { Received, Running, Sent } from './http.ts'

export type { Mount } from './adapter/bound.ts'

/** Options for {@link adapterConformance}. */
export interface AdapterConformanceOptions {
  /** Stands in every title. */
  readonly name: string
  /** Builds the app; called once for each server that the suite starts. */
  readonly mount: Mount
  /**
   * Serves and asks over HTTP/2. Then the requests that are written as bytes are left out.
   *
   * @default false
   */
  readonly http2?: boolean
  /** Serves and asks over TLS: a certificate that vouches for itself, and its key. A server of the app's own has it already. */
  readonly tls?: TlsSettings
  /** Names of cases that do not come to the app: they need a test of their own. */
  readonly unsendable?: readonly string[]
  /**
   * Whether requests that are no HTTP are written as bytes, too, to a server that the gate is attached to.
   *
   * @default true, but with `http2`
   */
  readonly malformed?: boolean
  /** More requests as bytes, for a server whose parser is lenient (`insecureHTTPParser`). */
  readonly lenient?: readonly Malformed[]
  /**
   * Whether a stream that fails before its first piece ends the connection, and not in a problem: a framework that has
   * begun the answer by then, or has given it up, leaves nothing else.
   *
   * @default false
   */
  readonly cutsFailed?: boolean
  /**
   * How long to wait for what must come, in milliseconds: a piece of a stream, the end of an answer, the signal of a pass.
   *
   * @default 5000
   */
  readonly patience?: number
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
 * to the byte. With HEAD the fields are those of GET. No handler runs where the gate refuses, and one runs once where it does
 * not. Some cases come again with a gate whose decisions are all promises, and two callers at once. Streams come as they are
 * made, or are cut where they fail, and a client may go away. Malformed requests are written as bytes, to an attached server.
 *
 * The app has these routes, each for all that the framework does by itself to a response. Every handler calls
 * `witness.ran(pass)` first, with the pass as the adapter hands it on.
 *
 * | Route | Does |
 * | --- | --- |
 * | `GET /open`, `/limited`, `/admin/x`, `/forgotten`, `/office`, `/partner`, `/shed` | answers `{ "ok": true }` as JSON |
 * | `POST /open`, `/keyed`, `/needed` | answers `{ "ok": true }` |
 * | `GET /secure` | answers `{ "for": <subject of the pass> }` |
 * | `GET /route-rule` | answers `{ "ok": true }` under a rule of its own: `allow(gate, { scopes: ['data:read'] })` |
 * | `GET /throws` | sets the field `X-Leak`, then throws `new Error('secret detail')` |
 * | `GET /throws-401`, `/teapot` | throws `new StatusError(401, 'secret detail')`, and 418 |
 * | `GET /rejects` | rejects with `new Error('secret detail')` |
 * | `GET /write-head` | answers 201 and `made` with the fields `X-Own: yes` and `Server: secret/1.0` |
 * | `GET /empty`, `/unchanged` | answers 204, and 304 |
 * | `GET /late` | never answers |
 * | `GET /waiting` | waits for `witness.wait(pass)`, and rejects with it |
 * | `GET /stream`, `/stream/broken`, `/stream/failed`, `/stream/endless` | answers with `witness.stream(pass)`, and does with its errors as is usual |
 * | `POST /noted` | answers `{ "content": <what the framework has as parsed content> }` |
 *
 * Over TLS and HTTP/2 the bytes are the same but for a few fields, which the README of the package lists.
 *
 * @example
 * adapterConformance({ name: 'Koa 3', mount: (gate, witness) => appBehind(gate, witness).callback() })
 * @example
 * adapterConformance({ name: 'Koa 3 over HTTP/2', mount, http2: true, tls })
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
 * needed, so they run one after the other.
 *
 * @example
 * const { checks, close } = adapterChecks({ name: 'mine', mount })
 * for (const { title, run } of checks) it(title, run)
 * afterAll(close)
 */
export function adapterChecks(options: AdapterConformanceOptions): {
  /** In the order in which {@link adapterConformance} registers them. */
  readonly checks: readonly AdapterCheck[]
  /** Ends all servers that the tests have started. */
  readonly close: () => Promise<void>
} {
  const { name, mount, http2 = false, tls, unsendable = [], lenient = [] } = options
  const { malformed = !http2, cutsFailed = false, patience = 5000 } = options
  const transport = { http2, tls }
  const open: Promise<Serving>[] = []
  const close = async (): Promise<void> => {
    await Promise.all(open.splice(0).map(async (each) => (await each).close()))
  }
  const opened = <S extends Serving>(server: Promise<S>): Promise<S> => {
    open.push(server)
    return server
  }
  const bound = once(() => bind(mount, (app) => opened(serveOver(transport, app)), patience))
  const lateBound = once(() =>
    bind(
      (gate, witness) => mount(later(gate), witness),
      (app) => opened(serveOver(transport, app)),
      patience,
    ),
  )
  const reference = once(() => bind(nodeHttp, (app) => opened(serveOver({}, app)), patience))
  const attached = (insecureHTTPParser: boolean) => () =>
    bind(mount, (app, { gate }) => {
      const server = gate.attach(serverFor(transport, app, { insecureHTTPParser }))
      return opened(serveOver(transport, server) as Promise<Running>)
    })
  const strict = once(attached(false))
  const loose = once(attached(true))

  const left = new Set(unsendable)
  for (const [row, over] of UNSENDABLE) if (isOver(transport, over)) left.add(row)
  const sendable = ({ name: each }: { readonly name: string }): boolean => !left.has(each)
  const asked = (to: () => Promise<Bound>, how: string) => (row: Case) => ({
    title: `DEP-02: ${name}: ${how}${row.name}`,
    async run() {
      const received = await play(await to(), row)
      expect(row, received, transport)
      await assertRan(await to(), row)
      if (row.code !== undefined || received.status === 204)
        assert.deepEqual(
          comparable(received, transport),
          comparable(await play(await reference(), row), transport),
        )
    },
  })
  const cases = [
    ...CASES.filter(sendable).map(asked(bound, '')),
    ...CASES.filter((row) => LATE.has(row.name) && sendable(row)).map(asked(lateBound, 'decided later: ')),
    ...(http2
      ? [
          {
            title: `REQ-06: ${name}: a method that nobody knows is 405`,
            run: async () => assertNoMethod(await bound()),
          },
        ]
      : [
          {
            title: `DEP-02: ${name}: of two callers at once each has the pass of his own request`,
            run: async () => assertApart((await lateBound()) as Bound<Running>),
          },
        ]),
  ]
  const heads = HEADS.filter(sendable).map((row) => ({
    title: `DEP-02: ${name}: AZ-06: HEAD: ${row.name} (${row.status}): the fields of GET and no content`,
    run: async () => assertHead(await bound(), await reference(), row, transport),
  }))
  const endings = [...ENDINGS, cutsFailed ? CUT : ANSWERED].filter(sendable).map((each: Ending) => ({
    title: `DEP-02: ${name}: ${each.name}`,
    run: async () => {
      const to = await bound()
      await caught(() => each.run(to, patience))
    },
  }))
  const certified = certificateChecks(name, mount, transport, opened)
  const answering = [...cases, ...heads, ...endings, ...certified]
  if (!malformed) return { checks: answering, close }
  const refused = (
    rows: readonly Malformed[],
    server: () => Promise<Bound<Running>>,
    how: string,
  ): readonly AdapterCheck[] =>
    rows.map(([id, what, bytes, code]) => ({
      title: `${id}: ${name}${how}: ${what}`,
      async run() {
        assertRefused(await write(await server(), bytes), code)
        assertRuns(await server(), 0)
      },
    }))
  const answered = [...LAWFUL, ['REQ-09', 'what comes after all that', get()] as const].map(
    ([id, what, bytes]) => ({
      title: `${id}: ${name}: ${what} is answered`,
      async run() {
        assert.match(await write(await strict(), bytes), /^HTTP\/1\.1 200 /)
        assertRuns(await strict(), 1)
      },
    }),
  )
  return {
    checks: [
      ...answering,
      ...refused(MALFORMED, strict, ''),
      ...answered,
      ...refused(lenient, loose, ' with a lenient parser'),
    ],
    close,
  }
}

/** RFC 8705 §3: a token that is bound to a certificate, where the server asks for them. */
function certificateChecks(
  name: string,
  mount: Mount,
  transport: Transport,
  opened: (server: Promise<Serving>) => Promise<Serving>,
): readonly AdapterCheck[] {
  const { tls } = transport
  if (tls?.requestCert !== true) return []
  const own = Buffer.from(new X509Certificate(tls.cert).fingerprint256.replaceAll(':', ''), 'hex')
  const rows = [
    ['of the client opens what it should', own, true, 200],
    ['of another opens nothing', Buffer.alloc(32), true, 401],
    ['opens nothing for a client without one', own, false, 401],
  ] as const
  return rows.map(([what, thumbprint, presents, status]) => ({
    title: `MTL-01: ${name}: a token that is bound to the certificate ${what}`,
    async run() {
      const made = fixture(undefined, thumbprint.toString('base64url'))
      const app = await mount(made.gate, made.watch.witness)
      const server = await opened(serveOver(transport, app, presents))
      const fields = ['Host', 'api.example.com', 'Authorization', `Bearer ${made.tokens.reader}`]
      const received = await server.send({ path: '/secure', fields })
      assert.equal(received.status, status, received.body)
      assert.match(received.body, status === 200 ? /"for":"alice"/ : /"code":"invalid_token"/)
    },
  }))
}

/** Makes it when it is first asked for, and gives the same from then on. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

/** Sends the request of a case, after those that come before it. */
export async function play(
  { server, fixture: { tokens, watch } }: Bound,
  row: Case,
  method?: 'HEAD',
): Promise<Received> {
  const sent = row.sent(tokens)
  const fields = fieldsOf(sent)
  if (row.prior !== undefined) await server.send({ ...row.prior, fields: fieldsOf(row.prior) })
  for (let i = 0; i < (row.before ?? 0); i++) await server.send({ ...sent, fields })
  watch.reset()
  return server.send({ ...sent, fields, onPiece: watch.arrived, ...(method && { method }) })
}

/** Writes a request as bytes. */
async function write({ server, fixture: { watch } }: Bound<Running>, bytes: string): Promise<string> {
  watch.reset()
  return server.raw(bytes)
}

/** The handler of a case ran as often as it must. */
async function assertRan(to: Bound, { code, runs = code === undefined ? 1 : 0 }: Case): Promise<void> {
  await turn()
  assertRuns(to, runs)
}

/** Over HTTP/1.1 the parser of node:http refuses it, before there is a request. */
async function assertNoMethod(to: Bound): Promise<void> {
  to.fixture.watch.reset()
  const { status, body } = await to.server.send({ method: 'NONE', path: '/open', fields: fieldsOf({}) })
  assert.equal(status, 405, body)
  assert.match(body, /"code":"method_not_allowed"/)
  assertRuns(to, 0)
}

/** The second request comes with the same bytes as the first, and is let in before the handler of the first runs. */
async function assertApart(to: Bound<Running>): Promise<void> {
  const { reader, other } = to.fixture.tokens
  const line = 'GET /route-rule HTTP/1.1'
  const linesFor = (token: string): readonly string[] => [
    ...linesOf(fieldsOf({})),
    `Authorization: Bearer ${token}`,
  ]
  const first = [line, ...linesFor(reader)].join('\r\n')
  const answers = await write(to, `${first}\r\n\r\n${bytesOf(line, linesFor(other))}`)
  assert.equal(answers.match(/HTTP\/1\.1 200 /g)?.length, 2, answers)
  assert.deepEqual(to.fixture.watch.callers(), ['alice', 'bob'], 'a handler has the pass of another request')
}

function assertRuns({ fixture: { watch } }: Bound, runs: number): void {
  const how = runs === 0 ? 'a handler ran, and must not' : 'the handler must run, and call "ran", once'
  assert.equal(watch.runs(), runs, how)
}

/** The fields of a request, with the host of the cases where it names none. */
export function fieldsOf({ fields = [] }: Sent): readonly string[] {
  return fields.includes('Host') ? fields : ['Host', 'api.example.com', ...fields]
}

function expect(row: Case, received: Received, transport: Transport): void {
  assert.equal(received.status, row.status, received.body)
  const changes = changesOf(transport)
  for (const [name, becomes] of changes) {
    if (becomes === 'perhaps') continue
    assert.equal(received.headers[name], becomes === 'never' ? undefined : becomes.text, name)
  }
  for (const [name, wanted] of Object.entries(row.fields ?? {})) {
    const value = received.headers[name]
    const becomes = changes.get(name)
    if (becomes !== undefined && (becomes !== 'perhaps' || value === undefined)) continue
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

/** With HEAD a case has the fields that it has with GET, those of plain node:http, and no byte of content. */
async function assertHead(to: Bound, reference: Bound, row: Case, transport: Transport): Promise<void> {
  const received = await play(to, row, 'HEAD')
  await assertRan(to, row)
  const asGet = await play(to, row)
  expect(row, { ...asGet, headers: received.headers }, transport)
  // RFC 9110 §8.6: what it takes to make the content to know, HEAD may leave out.
  const mayLack = row.code === undefined && received.headers['content-length'] === undefined
  assert.deepEqual(
    comparable(received, transport, mayLack).lines,
    comparable(asGet, transport, mayLack).lines,
  )
  assert.equal(received.body, '')
  if (row.code !== undefined)
    assert.deepEqual(
      comparable(received, transport),
      comparable(await play(reference, row, 'HEAD'), transport),
    )
  if (to.server.raw === undefined) return
  // A client of node:http drops what comes after the head.
  const sent = row.sent(to.fixture.tokens)
  const text = await to.server.raw(bytesOf(`HEAD ${sent.path} HTTP/1.1`, linesOf(fieldsOf(sent))))
  assert.match(text, new RegExp(`^HTTP/1\\.1 ${row.status} [^]*\r\n\r\n$`))
  assert.equal(text.indexOf('\r\n\r\n'), text.length - 4, text)
}

/** Fields of a request as lines. */
function linesOf(fields: readonly string[]): readonly string[] {
  return fields.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${fields[i + 1]}`] : []))
}

function changesOf(transport: Transport): ReadonlyMap<string, (typeof CHANGES)[number][2]> {
  return new Map(
    CHANGES.filter(([, over]) => isOver(transport, over)).map(([name, , becomes]) => [name, becomes]),
  )
}

/**
 * What must be equal: all but the date, the request's id (and with it the length), what the limits had left, and the fields
 * that the transport changes, which were looked at for themselves.
 */
function comparable(
  received: Received,
  transport: Transport,
  lacksLength = false,
): { readonly status: number; readonly lines: readonly string[]; readonly body: string } {
  const changes = changesOf(transport)
  const lines: string[] = []
  for (let i = 0; i + 1 < received.raw.length; i += 2) {
    const name = (received.raw[i] ?? '').toLowerCase()
    if ((changes.get(name) ?? 'perhaps') !== 'perhaps') continue
    if (lacksLength && ['content-length', 'transfer-encoding'].includes(name)) continue
    const value = ['date', 'ratelimit', 'content-length'].includes(name) ? '' : received.raw[i + 1]
    lines.push(`${name}: ${value}`)
  }
  // RFC 9110 §5.3: only the order of lines of one name means something. Over HTTP/1.1 it is the same all the same; node:http2
  // has them in the order in which they were set.
  if (transport.http2 === true) lines.sort(byName)
  return {
    status: received.status,
    lines,
    body: received.body.replace(/"requestId":"[^"]+"/, '"requestId":"-"'),
  }
}

/** Lines of one name stay in their order. */
function byName(a: string, b: string): number {
  const [first = '', second = ''] = [a.split(':', 1)[0], b.split(':', 1)[0]]
  return first === second ? 0 : first < second ? -1 : 1
}
