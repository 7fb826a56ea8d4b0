import assert from 'node:assert/strict'
import type { IncomingMessage, RequestListener } from 'node:http'
import { describe, test } from 'node:test'
import type { CompiledScheme } from '../../src/contract/scheme.ts'
import { introspection, type IntrospectionOptions } from '../../src/identity/introspection.ts'
import { type MovableClock, movableClock } from '../support/clock.ts'
import { endpoint, json } from '../support/endpoint.ts'
import { facts } from '../support/facts.ts'
import { compiled, outcomeOf } from '../support/schemes.ts'
import { AUDIENCE, claims, ISSUER, NOW } from '../support/tokens.ts'

/*
 * The attacker has a token that is good for nothing, and hopes for an answer about it that is nearly a yes: of a server
 * that is broken, old or not the one that it seems, by a question that asks for something else, or out of a memory that
 * takes one token for another.
 */

const YES = claims({ active: true, token_type: 'Bearer' })
const { active: _, ...REST } = YES

let answer: RequestListener
/** The questions, as they came. */
const forms: string[] = []
const server = await endpoint((req, res) => {
  void bodyOf(req).then((body) => {
    forms.push(body)
    answer(req, res)
  })
})

async function bodyOf(req: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of req) text += String(chunk)
  return text
}

describe('attack: an answer about a token that is nearly a yes', () => {
  function asking(
    changes: Partial<IntrospectionOptions> = {},
    clock: MovableClock = movableClock(),
  ): (token: string) => Promise<string> {
    const scheme: CompiledScheme = compiled(
      introspection({
        issuer: ISSUER,
        url: `${server.url}/introspect`,
        clientId: 'api',
        clientSecret: 'a secret that nobody needs to know',
        audience: AUDIENCE,
        allowPrivateAddresses: true,
        dangerouslyAllowHttp: true,
        ...changes,
      }),
      clock,
    )
    return async (token) =>
      outcomeOf(await scheme.identify(facts({ fields: [['Authorization', `Bearer ${token}`]] })))
  }

  const says =
    (value: unknown, fields: Readonly<Record<string, string>> = {}): RequestListener =>
    (_req, res) =>
      json(res, value, fields)

  test('INT-01: a yes is a yes', async () => {
    answer = says(YES)
    assert.equal(await asking()('opaque'), 'alice')
  })

  const text = JSON.stringify(YES)
  const rows: readonly (readonly [name: string, listener: RequestListener, expected?: string])[] = [
    ['the text "true"', says({ ...YES, active: 'true' })],
    ['1', says({ ...YES, active: 1 })],
    ['a list with true in it', says({ ...YES, active: [true] })],
    ['an object', says({ ...YES, active: { active: true } })],
    ['null', says({ ...YES, active: null })],
    ['nothing', says(REST)],
    ['true by another name', says({ ...REST, Active: true, ACTIVE: true, is_active: true })],
    ['true in a member of a member', says({ ...REST, token: YES })],
    ['true in a list', says([YES])],
    ['true in a text', says(JSON.stringify(text))],
    ['true, after false', says(`{"active":false,${text.slice(1)}`)],
    ['true, before false', says(`${text.slice(0, -1)},"active":false}`)],
    ['true, of a prototype', says(`{"__proto__":${text},${JSON.stringify(REST).slice(1)}`)],
    ['true, and more behind it', says(`${text}{}`)],
    ['true, in a page', says(text, { 'Content-Type': 'text/html' })],
    ['true, in a form', says('active=true&sub=alice', { 'Content-Type': 'application/json' })],
    ['true, signed by nobody knows whom', says(text, { 'Content-Type': 'application/token-introspection+jwt' })],
    ['true, and the status of an error', (_req, res) => void res.writeHead(401, { 'Content-Type': 'application/json' }).end(text)],
    ['true, and a redirect', (_req, res) => void res.writeHead(307, { 'Content-Type': 'application/json', Location: '/introspect' }).end(text)],
    ['true, and no content', (_req, res) => void res.writeHead(204).end()],
    ['no', says({ active: false }), 'token.inactive'],
    ['no, with all that a yes has', says({ ...YES, active: false }), 'token.inactive'],
    ['yes, for another API', says({ ...YES, aud: 'https://else.example.com' }), 'token.wrong-audience'],
    ['yes, for an API of nearly this name', says({ ...YES, aud: `${AUDIENCE}.evil.example` }), 'token.wrong-audience'],
    ['yes, for this API in another case', says({ ...YES, aud: AUDIENCE.toUpperCase() }), 'token.wrong-audience'],
    ['yes, of another issuer', says({ ...YES, iss: 'https://else.example.com' }), 'token.wrong-issuer'],
    ['yes, of a token that is over', says({ ...YES, exp: NOW }), 'token.expired'],
    ['yes, of a token whose end is a text', says({ ...YES, exp: String(NOW + 300) }), 'token.claim-malformed'],
    ['yes, of a refresh token', says({ ...YES, token_type: 'refresh_token' }), 'token.wrong-type'],
    ['yes, of an ID token', says({ ...YES, token_use: 'id' }), 'token.wrong-type'],
    ['yes, about nobody', says({ ...YES, sub: undefined }), 'token.claim-malformed'],
    ['yes, about a list of people', says({ ...YES, sub: ['alice'] }), 'token.claim-malformed'],
    ['yes, of a token that is bound to a key', says({ ...YES, cnf: { jkt: 'x' } }), 'token.unbound'],
    ['yes, of a token that is bound to nobody knows what', says({ ...YES, cnf: null }), 'token.unbound'],
  ] // prettier-ignore
  for (const [name, listener, expected = 'dependency.failed'] of rows) {
    test(`INT-01: it says ${name}`, async () => {
      answer = listener
      assert.equal(await asking()('opaque'), expected)
    })
  }

  test('INT-01: a token says nothing in the question but itself', async () => {
    answer = says({ active: false })
    const say = asking()
    const before = server.asked.length
    const hostile = ['a&token=good', 'a%26token=good', 'a;b', 'a b', 'a\r\nX: y', 'a"', 'ä', 'a=b']
    for (const token of hostile) assert.equal(await say(token), 'credentials.malformed', token)
    assert.equal(server.asked.length, before, 'what is no token is not asked about')
    for (const token of ['a+b/c==', '~._-', 'a=']) {
      assert.equal(await say(token), 'token.inactive')
      const form = new URLSearchParams(forms.at(-1))
      assert.deepEqual(Object.fromEntries(form), { token, token_type_hint: 'access_token' })
      assert.equal(form.size, 2)
    }
  })

  test('INT-01: what is remembered of a token is of no other, however alike', async () => {
    const good = 'abcdefgh'
    answer = (_req, res) =>
      json(res, new URLSearchParams(forms.at(-1)).get('token') === good ? YES : { active: false })
    const say = asking({ maxAge: '1m' })
    assert.equal(await say(good), 'alice')
    for (const other of ['abcdefgH', 'abcdefgh=', 'abcdefg', 'abcdefghi', 'ABCDEFGH', '.abcdefgh']) {
      assert.equal(await say(other), 'token.inactive', other)
    }
    assert.equal(await say(good), 'alice')
  })

  test('INT-01: a yes is not remembered past the end of its token, nor a failure at all', async () => {
    const clock = movableClock()
    const say = asking({ maxAge: '1m' }, clock)
    answer = says({ ...YES, exp: NOW + 5 })
    assert.equal(await say('a'), 'alice')
    answer = says({ ...YES, active: 'true' })
    clock.advance(4_999)
    assert.equal(await say('a'), 'alice')
    clock.advance(1)
    assert.equal(await say('a'), 'dependency.failed')
    answer = says({ active: false })
    assert.equal(await say('a'), 'token.inactive')
  })

  test('INT-01: a flood of made-up tokens asks no more at once than it may, and fills no memory', async () => {
    let waiting = 0
    let most = 0
    answer = (_req, res) => {
      most = Math.max(most, ++waiting)
      setImmediate(() => {
        waiting--
        json(res, { active: false })
      })
    }
    const say = asking({ maxConcurrent: 4 })
    const said = await Promise.all(Array.from({ length: 200 }, (_each, i) => say(`made-up-${i}`)))
    assert.equal(said.filter((one) => one === 'token.inactive').length, 4)
    assert.equal(said.filter((one) => one === 'dependency.failed').length, 196)
    assert.ok(most <= 4, String(most))
  })
})
