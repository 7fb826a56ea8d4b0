import { constants, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import fc from 'fast-check'
import { ALGORITHMS, type JwtAlgorithm } from '../../src/identity/jwt/algorithms.ts'
import { AUDIENCE, ISSUER, NOW } from '../support/tokens.ts'

/** What signs, and what verifies: a secret, or the halves of a pair. */
export interface Keys {
  readonly signing: Uint8Array | KeyObject
  readonly verifying: Uint8Array | KeyObject
}

/** Nothing is odd. */
export const PLAIN: Plan = {
  skew: 0,
  header: {},
  claims: {},
  shape: 'plain',
  signer: 'own',
  change: 'none',
  at: 0,
}

/** A way to a token: what its parts say, how they are written and signed, and what becomes of the text. */
export interface Plan {
  readonly skew: number
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly shape: string
  readonly signer: string
  readonly change: string
  readonly at: number
}

/** Stands for a claim that is left out, and for numbers that JSON.stringify cannot write. */
export const GONE = '\0gone'
export const INFINITE = '\0infinite'
const MINUS_INFINITE = '\0minus'

/** Mostly undefined: a token that is odd in every way would be refused for the first one. */
function rarely<T>(values: fc.Arbitrary<T>, weight = 14): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: values })
}

function mostly(usual: string, ...others: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  )
}

/** Where the skew of a plan begins and ends, and a second to each side of it. */
const aroundNow: fc.Arbitrary<number> = fc
  .tuple(fc.constantFrom(-30, 0, 30), fc.constantFrom(-1, -0.5, 0, 0.5, 1))
  .map(([skew, second]) => NOW + skew + second)

const header = fc.record({
  typ: rarely(
    fc.constantFrom('JWT', 'jwt', 'at+jwt', 'application/at+jwt', 'dpop+jwt', 'logout+jwt', '', 7, null),
  ),
  kid: rarely(fc.constantFrom('a', '', 7, null)),
  crit: rarely(fc.constantFrom([], ['b64'], ['exp'], 'b64', null)),
  b64: rarely(fc.boolean()),
  jwk: rarely(fc.constantFrom({ kty: 'oct', k: 'AAAA' }, null)),
  jku: rarely(fc.constant('https://id.example.net/jwks')),
  x5u: rarely(fc.constant('https://id.example.net/chain')),
  x5c: rarely(fc.constant(['MIIB'])),
  alg: rarely(
    fc.constantFrom(
      'none',
      'None',
      '',
      'HS256',
      'hs256',
      'RS256',
      'Rs256',
      'ES256',
      'PS256',
      'EdDSA',
      'ed25519',
      GONE,
      null,
    ),
  ),
  cty: rarely(fc.constantFrom('JWT', 'json')),
  x: rarely(fc.jsonValue({ maxDepth: 2 })),
})

const claims = fc.record({
  iss: rarely(fc.constantFrom(GONE, `${ISSUER}/`, ISSUER.toUpperCase(), [ISSUER], 7, null)),
  aud: rarely(
    fc.constantFrom(
      ...[
        GONE,
        [AUDIENCE],
        ['x', AUDIENCE],
        ['x'],
        [],
        'x',
        [AUDIENCE, 7],
        [[AUDIENCE]],
        { a: AUDIENCE },
        null,
      ],
    ),
  ),
  sub: rarely(fc.constantFrom(GONE, '', 7, null, 'x'.repeat(256), '\ud800', 'Zoë', '李')),
  exp: rarely(
    fc.oneof(
      aroundNow,
      fc.constantFrom(
        GONE,
        NOW,
        NOW + 0.5,
        NOW - 0.5,
        NOW - 30,
        0,
        -1,
        null,
        String(NOW + 300),
        true,
        INFINITE,
      ),
    ),
    5,
  ),
  nbf: rarely(
    fc.oneof(
      aroundNow,
      fc.constantFrom(NOW, NOW + 0.5, NOW + 30, null, String(NOW), INFINITE, MINUS_INFINITE),
    ),
    5,
  ),
  iat: rarely(fc.constantFrom(NOW, NOW - 1, NOW + 1, NOW + 30, NOW + 31, null, 'x', INFINITE)),
  jti: rarely(fc.constantFrom('a', '', 7, null)),
  at_hash: rarely(fc.constant('MTIzNDU2')),
  events: rarely(fc.constantFrom({}, [], null)),
  x: rarely(fc.jsonValue({ maxDepth: 3 })),
})

const SHAPES = [
  'header twice',
  'claim twice',
  'claim twice, escaped',
  'escaped name',
  'white space',
  'byte order mark',
  'list',
  'null',
  'broken',
  'trailing',
  '__proto__',
  'no UTF-8',
  'deep',
  'loose header',
  'loose payload',
  'padded payload',
] as const
const SIGNERS = ['other', 'nobody', 'public key', 'DER', 'zeros'] as const
const CHANGES = [
  'flip',
  'drop',
  'twice',
  'pad',
  'space',
  'line break',
  'NUL',
  'swap',
  'cut',
  'extend',
  'loose',
  'alphabet',
  'upper case',
] as const

const everywhere = fc.record({
  skew: fc.constantFrom(0, 30),
  header,
  claims,
  shape: mostly('plain', ...SHAPES),
  signer: mostly('own', ...SIGNERS),
  change: mostly('none', ...CHANGES),
  at: fc.nat({ max: 4000 }),
})
const { skew, ...plain } = PLAIN

/** Mostly odd in one place only, so that nothing else decides; now and then in several. */
export const plans: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 4, arbitrary: everywhere.map((plan) => ({ ...plain, skew: plan.skew, claims: plan.claims })) },
  { weight: 2, arbitrary: everywhere.map((plan) => ({ ...plain, skew, header: plan.header })) },
  { weight: 2, arbitrary: everywhere.map((plan) => ({ ...plan, header: {}, claims: {} })) },
  { weight: 2, arbitrary: everywhere },
)

/** Keys for an algorithm; RSA takes its time, so one for all of its six serves. */
export function makeKeys(alg: JwtAlgorithm): Keys {
  const { kty, curve } = ALGORITHMS[alg]
  const pair =
    kty === 'RSA'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : kty === 'EC'
        ? generateKeyPairSync('ec', { namedCurve: curve?.crv ?? '' })
        : generateKeyPairSync('ed25519')
  return { signing: pair.privateKey, verifying: pair.publicKey }
}

/** Signs by node:crypto alone, so that a mistake of ours in signing cannot hide one in verifying. */
export function signText(alg: JwtAlgorithm, key: Uint8Array | KeyObject, text: string, der = false): Buffer {
  const bits = alg.slice(2)
  if (key instanceof Uint8Array) return createHmac(`sha${bits}`, key).update(text).digest()
  const data = Buffer.from(text)
  if (alg.startsWith('Ed')) return sign(null, data, key)
  if (alg.startsWith('ES')) {
    return sign(`sha${bits}`, data, { key, dsaEncoding: der ? 'der' : 'ieee-p1363' })
  }
  if (alg.startsWith('RS')) return sign(`sha${bits}`, data, { key, padding: constants.RSA_PKCS1_PADDING })
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST
  return sign(`sha${bits}`, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })
}

/** The token of a plan. */
export function build(plan: Plan, alg: JwtAlgorithm, own: Keys, other: Keys): string {
  const confused = plan.signer === 'public key'
  const head = shapeHeader(plan, json({ alg: confused ? 'HS256' : alg }, plan.header))
  const base = { iss: ISSUER, sub: 'alice', aud: AUDIENCE, exp: NOW + 300 }
  const payload = shapePayload(plan, json(base, plan.claims))
  const signed = `${head}.${payload}`
  return changeText(plan, `${signed}.${signatureOf(plan, alg, own, other, signed).toString('base64url')}`)
}

function signatureOf(plan: Plan, alg: JwtAlgorithm, own: Keys, other: Keys, signed: string): Buffer {
  if (plan.signer === 'nobody') return Buffer.alloc(0)
  if (plan.signer === 'other') return signText(alg, other.signing, signed)
  const signature = signText(alg, own.signing, signed, plan.signer === 'DER')
  if (plan.signer === 'zeros') return Buffer.alloc(signature.length)
  if (plan.signer !== 'public key') return signature
  const { verifying } = own
  const secret =
    verifying instanceof Uint8Array ? verifying : verifying.export({ format: 'pem', type: 'spki' })
  return createHmac('sha256', secret).update(signed).digest()
}

function json(base: object, changes: Readonly<Record<string, unknown>>): string {
  const members = Object.entries({ ...base, ...changes })
    // An absent change takes nothing away.
    .map(
      ([name, value]) => [name, value ?? (changes[name] === null ? null : Reflect.get(base, name))] as const,
    )
    .filter(([, value]) => value !== undefined && value !== GONE)
  return JSON.stringify(Object.fromEntries(members))
    .replaceAll(JSON.stringify(MINUS_INFINITE), '-1e999')
    .replaceAll(JSON.stringify(INFINITE), '1e999')
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url')
}

function shapeHeader({ shape }: Plan, text: string): string {
  if (shape === 'header twice') return encode(text.replace('{', '{"alg":"none",'))
  if (shape === 'escaped name') return encode(text.replace('"alg"', '"\\u0061lg"'))
  if (shape === 'loose header') return loosen(encode(text))
  return encode(text)
}

function shapePayload({ shape }: Plan, text: string): string {
  switch (shape) {
    case 'claim twice':
      return encode(text.replace('{', '{"sub":"root",'))
    case 'claim twice, escaped':
      return encode(text.replace('{', '{"s\\u0075b":"root",'))
    case 'white space':
      return encode(` ${text.replaceAll('{', '{\r\n\t ')} \n`)
    case 'byte order mark':
      return encode(`\ufeff${text}`)
    case 'list':
      return encode(`[${text}]`)
    case 'null':
      return encode('null')
    case 'broken':
      return encode(text.slice(0, -1))
    case 'trailing':
      return encode(`${text}{}`)
    case '__proto__':
      return encode(text.replace('{', '{"__proto__":{"admin":true},'))
    case 'no UTF-8':
      return Buffer.from(text.replace('{', '{"y":"\xc3\x28",'), 'latin1').toString('base64url')
    case 'deep':
      return encode(text.replace('{', `{"y":${'['.repeat(40)}${']'.repeat(40)},`))
    case 'loose payload':
      return loosen(encode(text))
    case 'padded payload':
      return `${encode(text)}=`
    default:
      return encode(text)
  }
}

function changeText({ change, at }: Plan, token: string): string {
  const parts = token.split('.')
  const index = at % 3
  const part = parts[index] ?? ''
  const tail = parts[2] ?? ''
  const where = at % (token.length + 1)
  switch (change) {
    case 'flip':
      return `${token.slice(0, where)}${token[where] === 'A' ? 'B' : 'A'}${token.slice(where + 1)}`
    case 'drop':
      return parts.filter((_, i) => i !== index).join('.')
    case 'twice':
      return parts.flatMap((one, i) => (i === index ? [one, one] : [one])).join('.')
    case 'pad':
      return parts.map((one, i) => (i === index ? `${one}=` : one)).join('.')
    case 'space':
      return `${token.slice(0, where)} ${token.slice(where)}`
    case 'line break':
      return `${token}\n`
    case 'NUL':
      return `${token.slice(0, where)}\0${token.slice(where + 1)}`
    case 'swap':
      return [parts[0], encode('{"iss":"x","sub":"root"}'), tail].join('.')
    case 'cut':
      return token.slice(0, -1 - (at % 8))
    case 'extend':
      return `${token}${'A'.repeat(1 + (at % 8))}`
    case 'loose':
      return [parts[0], parts[1], loosen(tail)].join('.')
    case 'alphabet':
      return [parts[0], parts[1], tail.replaceAll('-', '+').replaceAll('_', '/')].join('.')
    case 'upper case':
      return parts.map((one, i) => (i === index ? part.toUpperCase() : one)).join('.')
    default:
      return token
  }
}

/** Sets a bit of the last character that belongs to no byte, where there is one. */
function loosen(part: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  if (part.length % 4 < 2) return part
  return part.slice(0, -1) + (alphabet[alphabet.indexOf(part.slice(-1)) | 1] ?? '')
}
