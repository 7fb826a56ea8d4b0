import fc from 'fast-check'
import type { JwtAlgorithm } from '../../src/identity/jwt/algorithms.ts'
import { AUDIENCE, ISSUER, NOW } from '../support/tokens.ts'
import { type Keys, signText } from './cases.ts'

/** A header and claims of which nobody has thought before, signed as they are. */
export interface Random {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

const NAMES = [
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'typ',
  'kid',
  'cty',
  'crit',
  'scope',
  'events',
  'cnf',
]

// What stands twice, or is called __proto__, is a matter of spelling: see the shapes of the other cases.
const name = fc
  .oneof(
    fc.constantFrom(...NAMES),
    fc.string({ maxLength: 6 }),
    fc.string({ unit: 'grapheme', maxLength: 4 }),
  )
  .filter((text) => text !== '__proto__' && text !== 'alg')
const value = fc.jsonValue({ maxDepth: 3 })

/** Members of any name and value, few enough that now and then all that counts is left alone. */
const members = (maxKeys: number): fc.Arbitrary<Record<string, unknown>> =>
  fc.dictionary(name, value, { maxKeys, noNullPrototype: true })

export const randoms: fc.Arbitrary<Random> = fc.record({
  header: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: members(3) }),
  claims: members(4),
})

/** Texts that nobody has signed: of the characters of a token, and of any. */
export const texts: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'ABCXYZabcxyz0189-_..='.split('')), maxLength: 200 }),
  fc
    .tuple(fc.json({ maxDepth: 2 }), fc.json({ maxDepth: 2 }), fc.uint8Array({ maxLength: 96 }))
    .map((parts) => parts.map((part) => Buffer.from(part).toString('base64url')).join('.')),
  fc.string({ unit: 'binary', maxLength: 100 }),
)

/** The token. */
export function buildRandom({ header, claims }: Random, alg: JwtAlgorithm, { signing }: Keys): string {
  const base = { iss: ISSUER, sub: 'alice', aud: AUDIENCE, exp: NOW + 300 }
  const part = (object: object): string => Buffer.from(JSON.stringify(object)).toString('base64url')
  const signed = `${part({ ...header, alg })}.${part({ ...base, ...claims })}`
  return `${signed}.${signText(alg, signing, signed).toString('base64url')}`
}
