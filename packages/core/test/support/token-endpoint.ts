import type { Store } from '../../src/contract/store.ts'
import { hashApiKey } from '../../src/identity/api-key-format.ts'
import { tokenIssuer, type TokenIssuer } from '../../src/identity/sign.ts'
import {
  type EndpointHandler,
  type OAuthClient,
  type TokenAccount,
  type VerifyPasswordGrant,
} from '../../src/identity/token-endpoint.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { type MovableClock, movableClock } from './clock.ts'
import { start } from './http.ts'
import { AUDIENCE, HS256, ISSUER } from './tokens.ts'

/** Secrets of clients: long enough to be random, and of the tests alone. */
export const BILLING_SECRET = 'billing_secret_of_the_tests_0123456789'
export const WEB_SECRET = 'web+secret%of:the tests/0123456789'

/** Clients of every sort. */
export const CLIENTS: readonly OAuthClient[] = [
  {
    id: 'billing',
    secretHash: hashApiKey(BILLING_SECRET),
    grants: ['client_credentials'],
    scopes: ['data:read', 'bills:write'],
    roles: ['service'],
    claims: { tenant: 't' },
  },
  {
    id: 'web',
    secretHash: [hashApiKey('an older secret'), hashApiKey(WEB_SECRET)],
    grants: ['password', 'refresh_token'],
    scopes: ['data:read', 'data:write'],
  },
  { id: 'spa', public: true, grants: ['password', 'refresh_token'], scopes: ['data:read'] },
  { id: 'kiosk', public: true, grants: ['password'], scopes: ['data:read'] },
]

export const ALICE: TokenAccount = { subject: 'u1', scopes: ['data:read', 'data:write'], roles: ['user'] }

/** Knows alice and bob, whose password is `secret`. */
export const verify: VerifyPasswordGrant = (username, password) => {
  if (password !== 'secret') return undefined
  if (username === 'alice') return ALICE
  return username === 'bob' ? { subject: 'u2' } : undefined
}

/** An issuer whose time stands still. */
export function testIssuer(clock: MovableClock = movableClock()): TokenIssuer {
  return tokenIssuer({ issuer: ISSUER, audience: AUDIENCE, key: HS256, lifetime: '30m', clock })
}

/** An answer of an endpoint, read. */
export interface Answer {
  readonly status: number
  readonly json: Readonly<Record<string, unknown>>
  readonly body: string
  readonly headers: Readonly<Record<string, unknown>>
}

/** Something that an endpoint told the log. */
export type Told = readonly [outcome: string, kind: string, reason: string]

/** An endpoint that serves on loopback. */
export interface ServedEndpoint {
  readonly post: (
    form: Readonly<Record<string, string>> | string,
    fields?: readonly string[],
  ) => Promise<Answer>
  /** What the log heard so far. */
  readonly told: readonly Told[]
  /** The address that the pass gives from now on. */
  readonly comeFrom: (client: string | undefined) => void
  readonly close: () => Promise<void>
}

/** Serves an endpoint with a pass of the test's own. */
export async function serveEndpoint(endpoint: EndpointHandler): Promise<ServedEndpoint> {
  const told: Told[] = []
  let client: string | undefined = '203.0.113.7'
  const server = await start((req, res) => {
    void endpoint(req, res, { client, tell: (outcome, kind, reason) => told.push([outcome, kind, reason]) })
  })
  return {
    told,
    comeFrom: (address) => {
      client = address
    },
    async post(form, fields = []) {
      const body = typeof form === 'string' ? form : new URLSearchParams(form).toString()
      const type = ['Content-Type', 'application/x-www-form-urlencoded']
      const {
        status,
        headers,
        body: text,
      } = await server.send({
        method: 'POST',
        path: '/token',
        fields: [...type, ...fields],
        body,
      })
      const json = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
      return { status, json, body: text, headers }
    },
    close: () => server.close(),
  }
}

/** The field of `client_secret_basic` (RFC 6749 §2.3.1). */
export function basicFields(id: string, secret: string): readonly string[] {
  const encoded = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2)
  const pair = Buffer.from(`${encoded(id)}:${encoded(secret)}`).toString('base64')
  return ['Authorization', `Basic ${pair}`]
}

/** A store in memory, on a clock; every answer is a promise, as a shared store's are. */
export function slowStore(clock: MovableClock): Store {
  const store = memoryStore({ clock })
  const later = async <T>(answer: () => T): Promise<T> => {
    await new Promise((resolve) => setImmediate(resolve))
    return answer()
  }
  return {
    name: 'slow',
    take: (charges) => later(() => store.take(charges)) as Promise<never>,
    peek: (charges) => later(() => store.peek(charges)) as Promise<never>,
    adjust: (adjustments) => later(() => store.adjust(adjustments)) as Promise<never>,
    block: (...given) => later(() => void store.block(...given)),
    reset: (keys) => later(() => void store.reset(keys)),
    add: (...given) => later(() => store.add(...given)) as Promise<boolean>,
    read: (keys) => later(() => store.read(keys)) as Promise<never>,
    write: (...given) => later(() => void store.write(...given)),
    remove: (key) => later(() => store.remove(key)) as Promise<boolean>,
    close: () => undefined,
  }
}

/** A store with other methods of the test's own. */
export function changedStore(store: Store, changes: Partial<Store>): Store {
  return {
    name: 'changed',
    take: (charges) => store.take(charges),
    peek: (charges) => store.peek(charges),
    adjust: (adjustments) => store.adjust(adjustments),
    block: (...given) => store.block(...given),
    reset: (keys) => store.reset(keys),
    add: (...given) => store.add(...given),
    read: (keys) => store.read(keys),
    write: (...given) => store.write(...given),
    remove: (key) => store.remove(key),
    close: () => store.close(),
    ...changes,
  }
}

/** A store that is down. */
export function brokenStore(): Store {
  const fail = (): never => {
    throw new Error('secret detail')
  }
  return {
    name: 'broken',
    take: fail,
    peek: fail,
    adjust: fail,
    block: fail,
    reset: fail,
    add: fail,
    read: fail,
    write: fail,
    remove: fail,
    close: fail,
  }
}
