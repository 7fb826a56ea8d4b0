import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { type Received, type Sent, start } from '../support/http.ts'
import { type Case, CASES } from './cases.ts'
import { type Fixture, fixture } from './gate.ts'
import { nodeHttp } from './node-http.ts'

/** Builds an app of some framework behind the gate of a fixture. */
export type Mount = (gate: Fixture['gate']) => RequestListener

/**
 * Runs every case through a binding and through plain node:http side by side: what the case asks must hold, and status,
 * fields and body of every refusal must be equal to the byte (DEP-02).
 */
export function conform(
  name: string,
  mount: Mount,
  { serve = start, unsendable = [], lacks = [] }: Over = {},
): void {
  describe(`${name} conforms`, () => {
    let binding: Binding
    let reference: Binding
    before(async () => {
      binding = await bind(mount, serve)
      reference = await bind(nodeHttp)
    })
    after(async () => {
      await binding.server.close()
      await reference.server.close()
    })
    for (const row of CASES.filter((each) => !unsendable.includes(each.name))) {
      test(`DEP-02: ${name}: ${row.name}`, async () => {
        const received = await play(binding, row)
        expect(row, received, lacks)
        if (row.code !== undefined || received.status === 204) {
          assert.deepEqual(comparable(received), comparable(await play(reference, row)))
        }
      })
    }
  })
}

/** What the requests go over, where that is not HTTP/1.1 over TCP. */
export interface Over {
  readonly serve?: (listener: RequestListener) => Promise<Server>
  /** Names of cases that its client refuses to send: they need a test of their own. */
  readonly unsendable?: readonly string[]
  /** Fields that node:http adds by itself, and this does not. */
  readonly lacks?: readonly string[]
}

interface Server {
  readonly send: (sent: Sent) => Promise<Received>
  readonly close: () => Promise<void>
}

export interface Binding {
  readonly server: Server
  readonly fixture: Fixture
}

async function bind(mount: Mount, serve: NonNullable<Over['serve']> = start): Promise<Binding> {
  const made = fixture()
  return { server: await serve(mount(made.gate)), fixture: made }
}

/** Sends the request of a case, after those that come before it. */
export async function play({ server, fixture: { tokens } }: Binding, row: Case): Promise<Received> {
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
