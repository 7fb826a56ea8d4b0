import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  dpop,
  gatehouse,
  jwkThumbprint,
  jwt,
  type Policy,
  revocations,
  type Scheme,
  signJwt,
  type Store,
} from '@gatehouse/core'

const ISSUER = 'https://id.example.com'
const AUDIENCE = 'https://api.example.com'
const KEY = { alg: 'HS256', key: 'a key of the tests that has thirty-two bytes or more' } as const

/** Both gates stand for one address, as behind a balancer. */
const BALANCER = { trustedRanges: ['127.0.0.0/8'], host: true } as const
const FORWARDED = { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Host': 'api.example.com' }

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = pair.publicKey.export({ format: 'jwk' }) as Record<string, string>

/** Two gates, each with a store of its own, that are to know what the other knows. */
export interface TwoStores {
  readonly stores: readonly [Store, Store]
  readonly close: () => unknown
}

interface Served {
  readonly ask: (fields?: Readonly<Record<string, string>>, body?: string) => Promise<Response>
  /** How often the handler ran. */
  readonly handled: () => number
  readonly url: string
  readonly close: () => Promise<void>
}

async function serve(policy: Policy): Promise<Served> {
  const gate = gatehouse({ dangerouslyAnyHost: true, https: 'dangerouslyAllowHttp', ...policy })
  let handled = 0
  const server = createServer(
    gate.handler((req, res) => {
      handled++
      req.resume().on('end', () => res.writeHead(201, { Location: `/orders/${handled}` }).end('made'))
    }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`
  return {
    url,
    handled: () => handled,
    ask: (headers = {}, body = 'one') => fetch(url, { method: 'POST', headers, body }),
    async close() {
      server.closeAllConnections()
      server.close()
      await gate.close()
    },
  }
}

const open: Served[] = []

/** Serves one policy twice, on the one store and on the other. */
async function twice(
  stores: TwoStores['stores'],
  policyOf: (store: Store) => Policy,
): Promise<[Served, Served]> {
  const [a, b] = [await serve(policyOf(stores[0])), await serve(policyOf(stores[1]))]
  open.push(a, b)
  return [a, b]
}

function tokenFor(claims: Readonly<Record<string, unknown>> = {}): string {
  const now = Math.floor(Date.now() / 1000)
  const all = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'alice',
    iat: now,
    exp: now + 300,
    jti: randomUUID(),
    ...claims,
  }
  return signJwt(all, { key: KEY, typ: 'at+jwt' })
}

function proofFor(url: string, token: string): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const ath = createHash('sha256').update(token).digest('base64url')
  const claims = { jti: randomUUID(), htm: 'POST', htu: url, iat: Math.floor(Date.now() / 1000), ath }
  const text = `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk })}.${encode(claims)}`
  const signature = sign('sha256', Buffer.from(text), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}

/** Asks until the response to the first request is kept: that is after it was sent, and a store may take its time. */
async function kept(ask: () => Promise<Response>): Promise<Response> {
  for (let left = 100; ; left--) {
    const answer = await ask()
    if (answer.status !== 409 || left === 0) return answer
  }
}

/**
 * Every use that a gate has for a store, seen from two gates: what one of them knows the other knows. The tests are
 * registered by whoever asks, so that they are counted as those of that file.
 */
export function storeUses(
  name: string,
  make: () => Promise<TwoStores> | TwoStores,
): readonly { readonly title: string; readonly run: () => Promise<void> }[] {
  const cases: readonly (readonly [title: string, run: (stores: TwoStores['stores']) => Promise<void>])[] = [
    [
      'IDM-01: a request that was carried out behind one gate is answered by the other',
      async (stores) => {
        const [a, b] = await twice(stores, (store) => ({
          public: 'a test',
          store,
          proxy: BALANCER,
          routes: { 'POST /orders': { public: 'a test', idempotency: true } },
        }))
        const key = { 'Idempotency-Key': `"${randomUUID()}"`, ...FORWARDED }
        assert.equal((await a.ask(key)).status, 201)
        const again = await kept(() => b.ask(key))
        assert.deepEqual([again.status, again.headers.get('location')], [201, '/orders/1'])
        assert.equal((await b.ask(key, 'another')).status, 422)
        assert.equal(b.handled(), 0)
      },
    ],
    [
      'REV-01: a token that was revoked at one gate is refused by the other',
      async (stores) => {
        const schemes = stores.map((store) => {
          const revoked = revocations({ store })
          return {
            revoked,
            scheme: jwt({ issuer: ISSUER, audience: AUDIENCE, keys: KEY, revocations: revoked }),
          }
        })
        const served = await twice(stores, (store) => ({
          store,
          authenticate: schemes[stores.indexOf(store)]?.scheme as Scheme,
        }))
        const jti = randomUUID()
        const fields = { Authorization: `Bearer ${tokenFor({ jti })}` }
        for (const one of served) assert.equal((await one.ask(fields)).status, 201)
        await schemes[0]?.revoked.token({ issuer: ISSUER, jti })
        for (const one of served) assert.equal((await one.ask(fields)).status, 401)
      },
    ],
    [
      'DPP-14: a proof that was used at one gate is refused by the other',
      async (stores) => {
        const [a, b] = await twice(stores, (store) => ({
          store,
          authenticate: dpop(jwt({ issuer: ISSUER, audience: AUDIENCE, keys: KEY })),
          proxy: BALANCER,
        }))
        const token = tokenFor({ cnf: { jkt: jwkThumbprint(jwk) } })
        const fields = {
          Authorization: `DPoP ${token}`,
          DPoP: proofFor('http://api.example.com/orders', token),
          ...FORWARDED,
        }
        assert.equal((await a.ask(fields)).status, 201)
        assert.equal((await b.ask(fields)).status, 401)
      },
    ],
    [
      'RL-30: a client that was banned at one gate is shut out by the other',
      async (stores) => {
        const limit = randomUUID()
        const [a, b] = await twice(stores, (store) => ({
          public: 'a test',
          store,
          rateLimit: { name: limit, limit: 1, window: '1h', ban: { after: 1, within: '1h', for: '2h' } },
        }))
        assert.deepEqual([(await a.ask()).status, (await a.ask()).status], [201, 429])
        const banned = await b.ask()
        assert.equal(banned.status, 429)
        const { code } = (await banned.json()) as { readonly code: string }
        assert.equal(code, 'abnormal_usage')
      },
    ],
  ]
  return cases.map(([title, run]) => ({
    title: `${title} (${name})`,
    async run() {
      const { stores, close } = await make()
      try {
        await run(stores)
      } finally {
        await Promise.all(open.splice(0).map((one) => one.close()))
        await close()
      }
    },
  }))
}
