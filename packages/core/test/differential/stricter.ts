import type { CredentialKind } from '../../src/contract/scheme.ts'
import { AUDIENCE, NOW } from '../support/tokens.ts'
import { GONE, INFINITE, type Plan } from './cases.ts'

/** What a token looks like to somebody who reads it leniently. */
export interface Seen {
  readonly plan: Plan
  readonly parts: readonly string[]
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

/** A rule by which we refuse what jose accepts. */
export interface Stricter {
  /** The requirement, or the RFC where there is none. */
  readonly id: string
  readonly name: string
  readonly applies: (seen: Seen) => boolean
  /** Tokens that nothing else is wrong with, and what we say of each. */
  readonly examples: readonly (readonly [plan: Partial<Plan>, ours: CredentialKind])[]
}

/** Reads without a rule of ours, as jose does: the last of two members counts. */
export function see(plan: Plan, token: string): Seen {
  const parts = token.split('.')
  return { plan, parts, header: object(parts[0]), claims: object(parts[1]) }
}

function object(part = ''): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

const TIMES = ['exp', 'nbf', 'iat'] as const
const TYPES: ReadonlySet<unknown> = new Set([undefined, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt'])

const MALFORMED = 'token.malformed'
const CLAIM = 'token.claim-malformed'

/** Every way in which we are stricter than jose. What is refused for another reason is a difference. */
export const STRICTER: readonly Stricter[] = [
  {
    id: 'JWT-05',
    name: 'the token brings a key of its own',
    examples: [
      [{ header: { jwk: { kty: 'oct', k: 'AAAA' } } }, 'token.unknown-key'],
      [{ header: { jku: 'https://id.example.net/jwks' } }, 'token.unknown-key'],
      [{ header: { x5u: 'https://id.example.net/chain' } }, 'token.unknown-key'],
      [{ header: { x5c: ['MIIB'] } }, 'token.unknown-key'],
    ],
    applies: ({ header }) => ['jwk', 'jku', 'x5u', 'x5c'].some((name) => Object.hasOwn(header, name)),
  },
  {
    id: 'JWT-06',
    name: 'an extension is asked for, or "b64" written',
    examples: [
      [{ header: { crit: ['b64'], b64: true } }, MALFORMED],
      [{ header: { b64: true } }, MALFORMED],
      [{ header: { b64: false } }, MALFORMED],
    ],
    applies: ({ header }) => Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64'),
  },
  {
    id: 'JWT-07',
    name: 'a name is there twice',
    examples: [
      [{ shape: 'header twice' }, MALFORMED],
      [{ shape: 'claim twice' }, MALFORMED],
      [{ shape: 'claim twice, escaped' }, MALFORMED],
    ],
    applies: ({ plan }) => ['header twice', 'claim twice', 'claim twice, escaped'].includes(plan.shape),
  },
  {
    id: 'JWT-07',
    name: 'a member is __proto__',
    examples: [[{ shape: '__proto__' }, MALFORMED]],
    applies: ({ plan }) => plan.shape === '__proto__',
  },
  {
    id: 'JWT-09',
    name: 'a part is not canonical base64url',
    examples: [
      [{ change: 'pad', at: 2 }, MALFORMED],
      [{ change: 'line break' }, MALFORMED],
    ],
    applies: ({ parts }) =>
      parts.some((part) => Buffer.from(part, 'base64url').toString('base64url') !== part),
  },
  {
    id: 'JWT-11',
    name: 'an audience is not a text',
    examples: [[{ claims: { aud: [AUDIENCE, 7] } }, CLAIM]],
    applies: ({ claims }) =>
      Array.isArray(claims['aud']) && claims['aud'].some((one) => typeof one !== 'string'),
  },
  {
    id: 'JWT-12',
    name: 'there is no "exp"',
    examples: [[{ claims: { exp: GONE } }, CLAIM]],
    applies: ({ claims }) => claims['exp'] === undefined,
  },
  {
    id: 'JWT-12',
    name: 'a time is no finite number',
    examples: [
      [{ claims: { exp: INFINITE } }, CLAIM],
      [{ claims: { iat: INFINITE } }, CLAIM],
    ],
    applies: ({ claims }) =>
      TIMES.some((name) => claims[name] !== undefined && !Number.isFinite(claims[name])),
  },
  {
    id: 'JWT-12',
    name: 'it was issued in the future',
    examples: [[{ claims: { iat: NOW + 1 } }, 'token.not-yet-valid']],
    applies: ({ plan, claims }) => typeof claims['iat'] === 'number' && claims['iat'] > NOW + plan.skew,
  },
  {
    id: 'JWT-14',
    name: 'the type is another',
    examples: [
      [{ header: { typ: 'dpop+jwt' } }, 'token.wrong-type'],
      [{ header: { typ: 'logout+jwt' } }, 'token.wrong-type'],
      [{ header: { typ: 7 } }, 'token.wrong-type'],
    ],
    applies: ({ header }) => !TYPES.has(header['typ']),
  },
  {
    id: 'JWT-14',
    name: 'the claims are those of an ID token or of an event',
    examples: [
      [{ claims: { at_hash: 'MTIzNDU2' } }, 'token.wrong-type'],
      [{ claims: { events: {} } }, 'token.wrong-type'],
    ],
    applies: ({ claims }) =>
      Object.hasOwn(claims, 'at_hash') || (isObject(claims['events']) && !Array.isArray(claims['events'])),
  },
  {
    id: 'JWT-16',
    name: 'it is nested deeper than 32',
    examples: [[{ shape: 'deep' }, MALFORMED]],
    applies: ({ plan }) => plan.shape === 'deep',
  },
  {
    id: 'AUT-11',
    name: 'the subject names nobody',
    examples: [
      [{ claims: { sub: GONE } }, CLAIM],
      [{ claims: { sub: '' } }, CLAIM],
      [{ claims: { sub: 'x'.repeat(256) } }, CLAIM],
      [{ claims: { sub: '\ud800' } }, CLAIM],
    ],
    applies: ({ claims: { sub } }) =>
      typeof sub !== 'string' || sub === '' || sub.length > 255 || sub === '\ud800',
  },
  {
    id: 'RFC 7515 §4.1.4',
    name: 'the "kid" is not a text',
    examples: [[{ header: { kid: 7 } }, MALFORMED]],
    applies: ({ header }) => header['kid'] !== undefined && typeof header['kid'] !== 'string',
  },
  {
    id: 'RFC 7519 §4.1.7',
    name: 'the "jti" is not a text',
    examples: [[{ claims: { jti: 7 } }, CLAIM]],
    applies: ({ claims }) => claims['jti'] !== undefined && typeof claims['jti'] !== 'string',
  },
]

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
