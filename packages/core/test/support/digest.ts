import { createHash } from 'node:crypto'
import { digestHash } from '../../src/identity/digest.ts'

/** The user of the tests: `printer`, whose password is `secret word`. */
export const REALM = 'devices'
export const HASH: string = digestHash('printer', REALM, 'secret word')

/** What a client sends, by the names of its parameters; an empty one is left out. */
export interface Proof {
  readonly [name: string]: string
}

/** How a client makes a proof: what an honest one does, unless it is said. */
export interface Making {
  readonly password?: string
  readonly method?: string
  /** The hash as node:crypto names it. */
  readonly hash?: string
  /** What is hashed in the end, from the two parts that hold the password and the target. */
  readonly joined?: (a1: string, a2: string, given: Proof) => string
}

/** The value of a parameter of a challenge. */
export function partOf(challenge: string, name: string): string {
  return new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? ''
}

/** What a client makes of a challenge; the changes are told to the server, and go into the response. */
export function proofOf(challenge: string, changes: Proof = {}, making: Making = {}): Proof {
  const { password = 'secret word', method = 'GET', hash = 'sha256', joined = withQop } = making
  const h = (text: string): string => createHash(hash).update(text).digest('hex')
  const given = {
    username: 'printer',
    realm: partOf(challenge, 'realm'),
    nonce: partOf(challenge, 'nonce'),
    uri: '/',
    nc: '00000001',
    cnonce: 'abc',
    opaque: partOf(challenge, 'opaque'),
    ...changes,
  }
  const a1 = h(`${given.username}:${given.realm}:${password}`)
  const a2 = h(`${method}:${given.uri}`)
  return { ...given, response: h(joined(a1, a2, given)), qop: 'auth', algorithm: 'SHA-256', ...changes }
}

/** RFC 7616 §3.4.1, for `qop=auth`. */
function withQop(a1: string, a2: string, { nonce, nc, cnonce }: Proof): string {
  return `${a1}:${nonce}:${nc}:${cnonce}:auth:${a2}`
}

/** The value of the Authorization field. */
export function written(proof: Proof): string {
  return `Digest ${Object.entries(proof)
    .filter(([, value]) => value !== '')
    .map(([name, value]) =>
      ['nc', 'qop', 'algorithm'].includes(name) ? `${name}=${value}` : `${name}="${value}"`,
    )
    .join(', ')}`
}
