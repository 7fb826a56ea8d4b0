import { createHmac, type KeyObject } from 'node:crypto'
import type { FakeIssuer } from '../fake-issuer.ts'
import { CALLERS, type TokenClaims } from '../issuer/callers.ts'
import { publicJwk, signingKey, signParts, tokenPart } from '../issuer/signing.ts'
import {
  ALGORITHM_SPELLINGS,
  CRITICAL_HEADERS,
  DOUBLED_CLAIMS,
  doubledHeaders,
  embeddedKeys,
  endlessTimes,
  KEY_NAMES,
  otherAudiences,
  otherIssuers,
  otherTimes,
} from './token-tables.ts'

/** What an API must not do: answer with 2xx or 3xx, or let pages of the origin read its answer. */
export type MustNot = 'succeed' | 'allow-origin'

/** What a token tries. */
export type TokenAttackFamily =
  | 'no signature'
  | 'another spelling of an algorithm'
  | 'key confusion'
  | 'a key of its own'
  | 'a name of a key that is more'
  | 'a critical extension'
  | 'one claim twice'
  | 'another audience'
  | 'another issuer'
  | 'another time'
  | 'a time that never comes'
  | 'a signature of zeros'
  | 'another spelling of a token'

/** A token that nobody may accept. */
export interface TokenAttack {
  /** What it tries; stands before the name in titles. */
  readonly family: TokenAttackFamily
  /** What is special about it; with the family, one of a kind. */
  readonly name: string
  /** As it goes behind `Bearer`. */
  readonly token: string
  /** What of an answer shows that it was accepted. */
  readonly mustNot: 'succeed'
}

type Row = readonly [name: string, token: string]

/**
 * Tokens by which attackers get in where a verifier is not careful: made now, from a token of the issuer that is good. An API has to
 * refuse each, as a bearer token, on a route that lets the good one in.
 *
 * @param claims of the good token
 * @example
 * for (const { family, name, token } of tokenAttacks(issuer)) {
 *   test(`${family}: ${name}`, async () => assert.equal((await get('/admin/users', token)).status, 401))
 * }
 */
export function tokenAttacks(
  issuer: Pick<FakeIssuer, 'token' | 'sign' | 'key' | 'audience'>,
  claims: TokenClaims = CALLERS.bob.claims,
): readonly TokenAttack[] {
  const { alg, kid, publicKey } = issuer.key()
  const good = issuer.token(claims)
  const [header = '', payload = '', signature = ''] = good.split('.')
  const body = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Readonly<Record<string, unknown>>
  const text = JSON.stringify(body).slice(1)
  const attacker = signingKey('ES256', 'k1')
  const signed = (changes: object, json: object | string = body): string =>
    issuer.sign({ alg, kid, typ: 'at+jwt', ...changes }, json)
  const { exp: _, ...timeless } = body
  const unsigned = (name: string): string => `${tokenPart({ alg: name, typ: 'at+jwt' })}.${payload}.`

  const families: Readonly<Record<TokenAttackFamily, readonly Row[]>> = {
    'no signature': [
      ['an empty signature', unsigned('none')],
      ['no signature part', unsigned('none').slice(0, -1)],
      ['some signature', `${unsigned('none')}eA`],
      ['the signature of the good token', `${unsigned('none')}${signature}`],
      ['the algorithm of the key and an empty signature', `${header}.${payload}.`],
      ['no algorithm', `${tokenPart('{}')}.${payload}.`],
      ['null', `${tokenPart('{"alg":null}')}.${payload}.`],
      ['false', `${tokenPart('{"alg":false}')}.${payload}.`],
      ['a list', `${tokenPart('{"alg":["none"]}')}.${payload}.`],
    ],
    'another spelling of an algorithm': ALGORITHM_SPELLINGS.map((name) => [
      JSON.stringify(name),
      unsigned(name),
    ]),
    'key confusion': confused(publicKey).flatMap(([name, secret]) =>
      ['HS256', 'HS512'].map((hmac): Row => {
        const start = `${tokenPart({ alg: hmac, kid, typ: 'at+jwt' })}.${payload}`
        const mac = createHmac(`sha${hmac.slice(2)}`, secret)
        return [`${name} as a secret of ${hmac}`, `${start}.${mac.update(start).digest('base64url')}`]
      }),
    ),
    'a key of its own': embeddedKeys(publicJwk(attacker), kid).map(([name, members]) => [
      name,
      signParts({ alg: attacker.alg, typ: 'at+jwt', ...members }, body, attacker),
    ]),
    'a name of a key that is more': KEY_NAMES.flatMap((name): Row[] => {
      const start = `${tokenPart({ alg: 'HS256', kid: name, typ: 'at+jwt' })}.${payload}`
      const shown = JSON.stringify(name).slice(0, 60)
      return [
        [
          `${shown}, and an empty secret`,
          `${start}.${createHmac('sha256', '').update(start).digest('base64url')}`,
        ],
        [`${shown}, and a key of the attacker`, signParts({ alg: attacker.alg, kid: name }, body, attacker)],
      ]
    }),
    'a critical extension': CRITICAL_HEADERS.map(([name, members]) => [name, signed(members)]),
    'one claim twice': [
      ...DOUBLED_CLAIMS.map(([name, json]): Row => [name, signed({}, `{${json}${text}`)]),
      ...doubledHeaders(alg).map(([name, json]): Row => [`in the header, ${name}`, issuer.sign(json, body)]),
    ],
    'another audience': otherAudiences(issuer.audience).map(([name, aud]) => [
      name,
      signed({}, { ...body, aud }),
    ]),
    'another issuer': otherIssuers(String(body['iss'])).map(([name, iss]) => [
      name,
      signed({}, { ...body, iss }),
    ]),
    'another time': otherTimes(Number(body['iat'])).map(([name, times]) => [
      name,
      signed({}, { ...body, ...times }),
    ]),
    'a time that never comes': endlessTimes(Number(body['iat'])).map(([name, json]) => [
      name,
      signed({}, `{${json}${JSON.stringify(timeless).slice(1)}`),
    ]),
    'a signature of zeros': [
      ['as long as it should be', `${header}.${payload}.${zeros(signature)}`],
      ['of nothing but one byte', `${header}.${payload}.AA`],
      ['in DER', `${header}.${payload}.${Buffer.from('3006020100020100', 'hex').toString('base64url')}`],
    ],
    'another spelling of a token': [
      ['padding', `${good}=`],
      ['a space within', `${header}.${payload}.${signature.slice(0, 5)}%20${signature.slice(5)}`],
      ['a fourth part', `${good}.eA`],
      ['a part that is missing', `${header}.${signature}`],
      [
        'other claims under the same signature',
        `${header}.${tokenPart({ ...body, sub: 'root' })}.${signature}`,
      ],
      ['another header over the same signature', `${tokenPart({ alg, kid })}.${payload}.${signature}`],
    ],
  }
  return (Object.keys(families) as TokenAttackFamily[]).flatMap((family) =>
    families[family].map(([name, token]) => ({ family, name, token, mustNot: 'succeed' as const })),
  )
}

/** What everybody may know of a public key (CVE-2016-10555). */
function confused(key: KeyObject): readonly (readonly [name: string, secret: string | Uint8Array])[] {
  const pem = key.export({ format: 'pem', type: 'spki' }).toString()
  return [
    ['the PEM', pem],
    ['the PEM without its last line break', pem.trimEnd()],
    ['the DER', key.export({ format: 'der', type: 'spki' })],
    ['the JWK', JSON.stringify(key.export({ format: 'jwk' }))],
    ['nothing', ''],
  ]
}

function zeros(signature: string): string {
  return Buffer.alloc(Buffer.from(signature, 'base64url').length).toString('base64url')
}
