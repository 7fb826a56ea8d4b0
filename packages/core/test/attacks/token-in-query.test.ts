import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { Policy } from '../../src/chain/policy.ts'
import type { SecurityEvent } from '../../src/contract/event.ts'
import type { Scheme } from '../../src/contract/scheme.ts'
import { anyOf } from '../../src/identity/any-of.ts'
import { generateApiKey } from '../../src/identity/api-key-format.ts'
import { apiKey } from '../../src/identity/api-key.ts'
import { bearer } from '../../src/identity/bearer-scheme.ts'
import { jwt } from '../../src/identity/jwt.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { movableClock } from '../support/clock.ts'
import { type Received, start } from '../support/http.ts'
import { AUDIENCE, HS256, ISSUER, token } from '../support/tokens.ts'

/*
 * The attacker makes a victim's browser follow a link with a token of the attacker's, so that the victim works in the
 * attacker's account; hides a second token where only one part of the house looks; or reads tokens where URLs are kept:
 * in logs, histories, redirects and Referer fields.
 */

const TOKEN = token()
const OTHER = token({ sub: 'mallory' })
const KEY = generateApiKey('acme')
const base = { issuer: ISSUER, audience: AUDIENCE, keys: HS256 } as const

interface Api {
  readonly call: (target: string, ...fields: readonly string[]) => Promise<Received>
  /** Sends a form. */
  readonly post: (body: string) => Promise<Received>
  readonly told: readonly SecurityEvent[]
}

async function serve(authenticate: Scheme, policy: Policy = {}): Promise<Api> {
  const told: SecurityEvent[] = []
  const gate = gatehouse({
    clock: movableClock(),
    hosts: ['api.example.com'],
    https: 'dangerouslyAllowHttp',
    authenticate,
    observe: (event) => told.push(event),
    routes: { 'GET /feed': { optional: 'shows more to those it knows' } },
    ...policy,
  })
  const running = await start(
    gate.handler((_req, res, pass) => res.end(pass.authenticated ? pass.principal.subject : 'nobody')),
  )
  after(async () => {
    await running.close()
    await gate.close()
  })
  return {
    told,
    post: (body) =>
      running.send({
        method: 'POST',
        path: '/data',
        fields: ['Host', 'api.example.com', 'Content-Type', 'application/x-www-form-urlencoded'],
        body,
      }),
    async call(path, ...fields) {
      const received = await running.send({ path, fields: ['Host', 'api.example.com', ...fields] })
      // Events are delivered at the end of a turn.
      await new Promise((resolve) => setImmediate(resolve))
      return received
    },
  }
}

const said = ({ status, body }: Received): string =>
  status === 200 ? body : `${status} ${(JSON.parse(body) as { code: string }).code}`

describe('attack: a token in a link', () => {
  const schemes: readonly (readonly [string, Scheme])[] = [
    ['jwt', jwt(base)],
    ['bearer', bearer({ verify: () => ({ subject: 'mallory' }) })],
    ['keys', apiKey({ keys: [{ id: 'k', hash: KEY.hash, subject: 'mallory' }] })],
    ['any of them', anyOf(jwt(base), apiKey({ keys: [{ id: 'k', hash: KEY.hash, subject: 'mallory' }] }))],
  ]
  const queries = [
    `access_token=${OTHER}`,
    `access%5ftoken=${OTHER}`,
    `ACCESS_TOKEN=${OTHER}`,
    `access_token[]=${OTHER}`,
    `token=${OTHER}`,
    `bearer=${OTHER}`,
    `authorization=Bearer%20${OTHER}`,
    `Authorization=Bearer+${OTHER}`,
    `api_key=${KEY.key}`,
    `X-API-Key=${KEY.key}`,
    `x-api-key=${KEY.key}`,
    `a=1&access_token=${OTHER}`,
    `a=1;access_token=${OTHER}`,
    `access_token=${OTHER}&access_token=${TOKEN}`,
  ]
  for (const [name, scheme] of schemes) {
    test(`AUT-05: it makes nobody a caller of ${name}, as nothing in the policy dares`, async () => {
      const { call, told } = await serve(scheme)
      for (const query of queries) {
        const refused = await call(`/data?${query}`)
        assert.equal(said(refused), '401 authentication_required', query)
        // AUT-02: as if nothing had been there.
        assert.doesNotMatch(String(refused.headers['www-authenticate']), /error/)
        assert.equal(said(await call(`/feed?${query}`)), 'nobody', query)
      }
      // LOG-02, and that nothing of it is sent back.
      assert.doesNotMatch(JSON.stringify(told), /eyJ|acme_/)
    })
  }

  test('AUT-05: a form, a cookie and a made-up field are no place for one either', async () => {
    const { call, post } = await serve(jwt(base))
    for (const field of [
      ['Cookie', `access_token=${OTHER}`],
      ['Access-Token', OTHER],
      ['X-Access-Token', OTHER],
      ['X-Authorization', `Bearer ${OTHER}`],
      ['Proxy-Authorization', `Bearer ${OTHER}`],
      ['Referer', `https://api.example.com/data?access_token=${OTHER}`],
    ]) {
      assert.equal(said(await call('/data', ...field)), '401 authentication_required', field[0])
    }
    assert.equal(said(await post(`access_token=${OTHER}`)), '401 authentication_required')
  })
})

describe('attack: a second token, where a policy dares to look into the query', () => {
  const daring = jwt({ ...base, dangerouslyAllowQueryToken: true })
  const field = (text: string): readonly string[] => ['Authorization', `Bearer ${text}`]
  const rows: readonly (readonly [name: string, query: string, fields: readonly string[], said: string])[] = [
    ['one in the query', `access_token=${TOKEN}`, [], 'alice'],
    ['one in the field', '', field(TOKEN), 'alice'],
    ['one in each', `access_token=${OTHER}`, field(TOKEN), '400 invalid_request'],
    ['the same in each', `access_token=${TOKEN}`, field(TOKEN), '400 invalid_request'],
    ['one, and nothing by its name', 'access_token=', field(TOKEN), '400 invalid_request'],
    ['one, and a name alone', 'access_token', field(TOKEN), '400 invalid_request'],
    ['one, and an escaped name', `%61ccess_token=${OTHER}`, field(TOKEN), '400 invalid_request'],
    ['two in the query', `access_token=${TOKEN}&access_token=${OTHER}`, [], '400 invalid_request'],
    ['two, one escaped', `access_token=${TOKEN}&access%5Ftoken=${OTHER}`, [], '400 invalid_request'],
    [
      'one, and another scheme',
      `access_token=${TOKEN}`,
      ['Authorization', 'Basic YTpi'],
      '400 invalid_request',
    ],
    ['one, and an empty field', `access_token=${TOKEN}`, ['Authorization', ''], '400 invalid_request'],
    ['two in one text', `access_token=${TOKEN},${OTHER}`, [], '400 invalid_request'],
    ['a forged one', `access_token=${TOKEN.slice(0, -6)}AAAAAA`, [], '401 invalid_token'],
    ['one with a line break', `access_token=${TOKEN}%0d%0a`, [], '400 invalid_request'],
    ['one in another case', `Access_Token=${TOKEN}`, [], '401 authentication_required'],
  ]
  for (const [name, query, fields, expected] of rows) {
    test(`AUT-04, AUT-05: ${name}`, async () => {
      const { call, told } = await serve(daring)
      assert.equal(said(await call(`/data?${query}`, ...fields)), expected)
      assert.doesNotMatch(JSON.stringify(told), /eyJ/)
    })
  }

  test('AUT-04, AUT-14: a token of the query beside a key is one credential too many', async () => {
    const keys = [{ id: 'k', hash: KEY.hash, subject: 'machine' }]
    const { call } = await serve(anyOf(daring, apiKey({ keys })))
    assert.equal(said(await call(`/data?access_token=${TOKEN}`)), 'alice')
    assert.equal(said(await call('/data', 'X-API-Key', KEY.key)), 'machine')
    assert.equal(said(await call(`/data?access_token=${TOKEN}`, 'X-API-Key', KEY.key)), '400 invalid_request')
    assert.equal(said(await call('/data?access_token=', 'X-API-Key', KEY.key)), '400 invalid_request')
  })
})

describe('attack: a token is read where URLs are kept', () => {
  test('AUT-05: an answer to it is stored by nobody, and its URL is told to no other site', async () => {
    const { call } = await serve(jwt({ ...base, dangerouslyAllowQueryToken: true }))
    for (const query of [`access_token=${TOKEN}`, 'access_token=x']) {
      const { headers } = await call(`/data?${query}`)
      // RFC 6750 §2.3 asks for it.
      assert.equal(headers['cache-control'], 'no-store')
      assert.equal(headers['referrer-policy'], 'no-referrer')
    }
  })

  test('AUT-05, TLS-01: over http it is not redirected, and whoever has listened is told of', async () => {
    const { call, told } = await serve(jwt({ ...base, dangerouslyAllowQueryToken: true }), {
      https: 'redirect',
    })
    const refused = await call(`/data?access_token=${TOKEN}`)
    assert.equal(said(refused), '403 https_required')
    assert.equal(refused.headers.location, undefined)
    assert.deepEqual(
      told.map(({ kind }) => kind),
      ['https.credential-in-clear'],
    )
    assert.doesNotMatch(JSON.stringify(told), /eyJ/)
    assert.equal((await call('/data?page=2')).status, 308)
  })
})
