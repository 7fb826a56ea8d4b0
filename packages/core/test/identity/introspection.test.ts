import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { CompiledScheme } from '../../src/contract/scheme.ts'
import { introspection, type IntrospectionOptions } from '../../src/identity/introspection.ts'
import { type AnswerRules, judgeAnswer } from '../../src/identity/introspection/answer.ts'
import { type MovableClock, movableClock } from '../support/clock.ts'
import { mistakesOf, place, schemeContext } from '../support/compile.ts'
import { facts } from '../support/facts.ts'
import { compiled, NOW } from '../support/tokens.ts'

const ISSUER = 'https://id.example.com'
const AUDIENCE = 'https://api.example.com'
const RULES: AnswerRules = {
  issuer: ISSUER,
  audience: [AUDIENCE],
  clockSkew: 30_000,
  requiredClaims: [],
  allowMissingTokenType: false,
}
const ACTIVE = {
  active: true,
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'alice',
  token_type: 'Bearer',
  scope: 'a b',
  exp: NOW + 300,
}

describe('what an authorization server says of a token', () => {
  const rows: readonly [name: string, answer: unknown, expected: string, rules?: Partial<AnswerRules>][] = [
    ['active, for us', ACTIVE, 'alice'],
    ['not active', { active: false }, 'token.inactive'],
    ['active as a text', { ...ACTIVE, active: 'true' }, 'dependency.failed'],
    ['active as a number', { ...ACTIVE, active: 1 }, 'dependency.failed'],
    ['no active', { ...ACTIVE, active: undefined }, 'dependency.failed'],
    ['active that is inherited', Object.create({ active: true }), 'dependency.failed'],
    ['a list', [ACTIVE], 'dependency.failed'],
    ['null', null, 'dependency.failed'],
    ['at its end', { ...ACTIVE, exp: NOW }, 'token.expired'],
    ['a moment before its end', { ...ACTIVE, exp: NOW + 0.001 }, 'alice'],
    ['an end that is a text', { ...ACTIVE, exp: '1' }, 'token.claim-malformed'],
    ['an end that never comes', { ...ACTIVE, exp: Infinity }, 'token.claim-malformed'],
    ['no end', { ...ACTIVE, exp: undefined }, 'alice'],
    ['not yet', { ...ACTIVE, nbf: NOW + 31 }, 'token.not-yet-valid'],
    ['not yet, within the skew', { ...ACTIVE, nbf: NOW + 30 }, 'alice'],
    ['another issuer', { ...ACTIVE, iss: 'https://else.example' }, 'token.wrong-issuer'],
    ['no issuer', { ...ACTIVE, iss: undefined }, 'alice'],
    ['another audience', { ...ACTIVE, aud: 'else' }, 'token.wrong-audience'],
    ['a list with our audience', { ...ACTIVE, aud: ['else', AUDIENCE] }, 'alice'],
    ['no audience', { ...ACTIVE, aud: undefined }, 'token.wrong-audience'],
    ['no audience, where none is asked for', { ...ACTIVE, aud: undefined }, 'alice', { audience: undefined }],
    ['a DPoP token', { ...ACTIVE, token_type: 'DPoP', cnf: { jkt: 'x' } }, 'alice'],
    ['a DPoP token that is bound to nothing', { ...ACTIVE, token_type: 'dpop' }, 'token.unbound'],
    ['a DPoP token with a binding of null', { ...ACTIVE, token_type: 'DPoP', cnf: null }, 'token.unbound'],
    ['a refresh token', { ...ACTIVE, token_type: 'Refresh' }, 'token.wrong-type'],
    ['a refresh token by its use', { ...ACTIVE, token_use: 'refresh_token' }, 'token.wrong-type'],
    ['a refresh token by its claim', { ...ACTIVE, typ: 'Refresh' }, 'token.wrong-type'],
    [
      'a refresh token by its claim alone',
      { ...ACTIVE, token_type: undefined, typ: 'Offline' },
      'token.wrong-type',
      { allowMissingTokenType: true },
    ],
    ['a bearer token by its claim', { ...ACTIVE, typ: 'Bearer' }, 'alice'],
    ['a type that is a list', { ...ACTIVE, token_type: ['Bearer'] }, 'token.wrong-type'],
    ['no type', { ...ACTIVE, token_type: undefined }, 'token.wrong-type'],
    [
      'no type, where that is allowed',
      { ...ACTIVE, token_type: undefined },
      'alice',
      { allowMissingTokenType: true },
    ],
    ['a client of its own', { ...ACTIVE, sub: undefined, client_id: 'job' }, 'job'],
    ['nobody', { ...ACTIVE, sub: undefined }, 'token.claim-malformed'],
    ['an empty subject', { ...ACTIVE, sub: '' }, 'token.claim-malformed'],
    ['without a claim that is needed', ACTIVE, 'token.claim-malformed', { requiredClaims: ['tenant'] }],
  ]
  for (const [name, answer, expected, rules] of rows) {
    test(`INT-01: ${name}`, () => {
      const judged = judgeAnswer(answer, { ...RULES, ...rules }, NOW * 1000)
      assert.equal(judged.ok ? judged.subject : judged.kind, expected)
    })
  }
})

describe('asking the server', () => {
  let server: Server
  let url: string
  let asked: { readonly form: URLSearchParams; readonly authorization: string | undefined }[] = []
  let answer: (token: string) => { readonly status?: number; readonly body: unknown } | 'hang' = () => ({
    body: ACTIVE,
  })

  before(async () => {
    server = createServer((req, res) => {
      void read(req).then((form) => {
        asked.push({ form, authorization: req.headers.authorization })
        const said = answer(form.get('token') ?? '')
        if (said === 'hang') return
        res
          .writeHead(said.status ?? 200, { 'Content-Type': 'application/json' })
          .end(JSON.stringify(said.body))
      })
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/introspect`
  })
  after(() => {
    server.close()
    server.closeAllConnections()
  })
  beforeEach(() => {
    asked = []
    answer = () => ({ body: ACTIVE })
  })

  async function read(req: IncomingMessage): Promise<URLSearchParams> {
    let text = ''
    for await (const chunk of req) text += String(chunk)
    return new URLSearchParams(text)
  }

  function scheme(
    clock: MovableClock = movableClock(),
    changes: Partial<IntrospectionOptions> = {},
  ): CompiledScheme {
    return compiled(
      introspection({
        issuer: ISSUER,
        url,
        clientId: 'api:1',
        clientSecret: 'pä ss',
        audience: AUDIENCE,
        allowPrivateAddresses: true,
        dangerouslyAllowHttp: true,
        timeout: '5s',
        ...changes,
      }),
      clock,
    )
  }

  async function say(one: CompiledScheme, token: string): Promise<string> {
    const found = await one.identify(facts({ fields: [['Authorization', `Bearer ${token}`]] }))
    if (found.type === 'authenticated')
      return `${found.principal.subject} ${found.principal.scopes.join(' ')}`
    return found.type === 'bad' ? found.kind : 'none'
  }

  test('INT-01: a token, with who asks in the Authorization field', async () => {
    assert.equal(await say(scheme(), 'opaque'), 'alice a b')
    assert.deepEqual(
      asked.map(({ form, authorization }) => [Object.fromEntries(form), authorization]),
      [
        [
          { token: 'opaque', token_type_hint: 'access_token' },
          `Basic ${Buffer.from('api%3A1:p%C3%A4+ss').toString('base64')}`,
        ],
      ],
    )
  })

  test('INT-01: or in the form', async () => {
    await say(scheme(movableClock(), { clientAuthentication: 'post' }), 'opaque')
    assert.equal(asked[0]?.authorization, undefined)
    assert.equal(asked[0]?.form.get('client_secret'), 'pä ss')
  })

  test('INT-01: an answer is remembered for its time, and not past the end of the token', async () => {
    const clock = movableClock()
    const one = scheme(clock, { maxAge: '1h' })
    for (let i = 0; i < 3; i++) await say(one, 'opaque')
    assert.equal(asked.length, 1)
    clock.advance(300_000)
    assert.equal(await say(one, 'opaque'), 'token.expired')
    assert.equal(asked.length, 2)
  })

  test('INT-01: what the server takes back is refused after maxAge', async () => {
    const clock = movableClock()
    const one = scheme(clock)
    assert.equal(await say(one, 'opaque'), 'alice a b')
    answer = () => ({ body: { active: false } })
    clock.advance(29_999)
    assert.equal(await say(one, 'opaque'), 'alice a b')
    clock.advance(1)
    assert.equal(await say(one, 'opaque'), 'token.inactive')
  })

  test('INT-01: that a token is not active is remembered for a short time', async () => {
    answer = () => ({ body: { active: false } })
    const clock = movableClock()
    const one = scheme(clock)
    await say(one, 'opaque')
    clock.advance(4_999)
    await say(one, 'opaque')
    assert.equal(asked.length, 1)
    clock.advance(1)
    await say(one, 'opaque')
    assert.equal(asked.length, 2)
  })

  test('INT-01: many requests with one token ask once', async () => {
    const one = scheme()
    const said = await Promise.all(Array.from({ length: 50 }, () => say(one, 'opaque')))
    assert.equal(new Set(said).size, 1)
    assert.equal(asked.length, 1)
  })

  test('INT-01: what is remembered is bounded, and so are the questions at once', async () => {
    const one = scheme(movableClock(), { maxConcurrent: 2 })
    const said = await Promise.all(['a', 'b', 'c'].map((token) => say(one, token)))
    assert.deepEqual(said, ['alice a b', 'alice a b', 'dependency.failed'])
  })

  const failing: readonly [name: string, said: ReturnType<typeof answer>][] = [
    ['an error', { status: 500, body: {} }],
    ['our own credentials refused', { status: 401, body: { error: 'invalid_client' } }],
    ['no object', { body: 'yes' }],
    ['nothing in time', 'hang'],
  ]
  for (const [name, said] of failing) {
    test(`INT-01, AUT-10: ${name} is a 503, told to come back, and not remembered`, async () => {
      answer = () => said
      const one = scheme(movableClock(), said === 'hang' ? { timeout: '300ms' } : {})
      const found = await one.identify(facts({ fields: [['Authorization', 'Bearer opaque']] }))
      assert.ok(found.type === 'bad')
      assert.equal(found.kind, 'dependency.failed')
      assert.deepEqual(found.fields, ['Retry-After', '5'])
      answer = () => ({ body: ACTIVE })
      assert.equal(await say(one, 'opaque'), 'alice a b')
    })
  }

  test('AUT-10: a token that is too long costs no question', async () => {
    assert.equal(await say(scheme(), 'x'.repeat(4097)), 'token.malformed')
    assert.equal(asked.length, 0)
  })

  test('DPP-16: a bound token is refused as a bearer token', async () => {
    answer = () => ({ body: { ...ACTIVE, cnf: { jkt: 'x' } } })
    assert.equal(await say(scheme(), 'opaque'), 'token.unbound')
  })

  test('REQ-17: once the gate is closed, nothing is asked any more', async () => {
    const releases: (() => void)[] = []
    const where = schemeContext(place('x'))
    const one = introspection({
      issuer: ISSUER,
      url,
      clientId: 'a',
      clientSecret: 'b',
      audience: AUDIENCE,
      allowPrivateAddresses: true,
      dangerouslyAllowHttp: true,
    }).compile({ ...where, onClose: (release) => releases.push(release) })
    for (const release of releases) release()
    assert.equal(await say(one, 'opaque'), 'dependency.failed')
    assert.equal(asked.length, 0)
  })
})

describe('options', () => {
  const options: IntrospectionOptions = {
    issuer: ISSUER,
    clientId: 'api',
    clientSecret: 'secret',
    audience: AUDIENCE,
  }
  const rows: readonly [name: string, options: unknown, mistakes: readonly string[]][] = [
    ['all that is needed', options, []],
    [
      'nothing',
      {},
      [
        'missing_option at.issuer',
        'missing_option at.clientId',
        'missing_option at.clientSecret',
        'missing_option at.audience',
      ],
    ],
    ['http', { ...options, url: 'http://id.example.com/x' }, ['unsafe_value at.url']],
    ['a private address', { ...options, url: 'https://10.0.0.1/x' }, ['unsafe_value at.url']],
    ['an issuer that is no URL, to be asked', { ...options, issuer: 'me' }, ['malformed_value at.issuer']],
    [
      'an issuer that is no URL, with a URL',
      { ...options, issuer: 'me', url: 'https://id.example.com/x' },
      [],
    ],
    [
      'any audience, and one',
      { ...options, dangerouslyAnyAudience: true },
      ['contradiction at.dangerouslyAnyAudience'],
    ],
    ['answers remembered for a day', { ...options, maxAge: '1d' }, ['out_of_range at.maxAge']],
  ]
  for (const [name, given, mistakes] of rows) {
    test(`ERR-03: ${name}`, () => {
      const scheme = introspection(given as IntrospectionOptions)
      assert.deepEqual(
        mistakesOf('at', (where) => scheme.compile(schemeContext(where))),
        mistakes,
      )
    })
  }
})
