import { decodeBase64 } from '../../lib/base64url.ts'
import { nearest } from '../../lib/spelling.ts'

/** What is wrong with one word of a directive, and what to write. */
export interface Wrong {
  readonly code: 'malformed_value' | 'unsafe_value'
  readonly message: string
  readonly instead: string
}

/** Schemes that pages load from: what a mistyped one most likely stands for. */
const SCHEMES = ['https:', 'http:', 'wss:', 'ws:', 'data:', 'blob:', 'mediastream:', 'filesystem:']

const HASH_BYTES: Readonly<Record<string, number>> = { sha256: 32, sha384: 48, sha512: 64 }

/** RFC 3986 §3.1. */
const SCHEME = /^[a-z][a-z0-9+.-]*$/i
/** CSP3 §2.3.1: a `host-char` is a letter, a digit or a hyphen; a wildcard stands alone, or is the left-most label. */
const HOST = /^(?:\*|(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*)$/i
/** RFC 3986 §3.3, without what would end the directive or the policy: `;` and `,` are written %3B and %2C, and a quote is %27. */
const PATH = /^\/(?:[\w.~!$&()*+=:@/-]|%[0-9a-f]{2})*$/i

/** What is wrong with a source expression; `undefined` for one that is right (CSP3 §2.3.1). */
export function wrongSource(source: string, words: readonly string[]): Wrong | undefined {
  if (words.includes(source)) return undefined
  if (source.startsWith("'") || source.endsWith("'")) return wrongKeyword(source, words)
  const bare = `'${source.toLowerCase()}'`
  if (words.includes(bare)) return malformed(`has ${source}, which is a host there.`, `Write "${bare}".`)
  if (/^(?:nonce|sha\d+)-/i.test(source))
    return malformed(`has ${show(source)}, which is a host there.`, `Write "'${show(source)}'", in quotes.`)
  if (SCHEMES.includes(`${source.toLowerCase()}:`))
    return malformed(`has ${source}, which is a host there.`, `Write '${source.toLowerCase()}:'.`)
  return isSchemeSource(source) ? wrongScheme(source) : wrongHost(source)
}

function wrongKeyword(source: string, words: readonly string[]): Wrong | undefined {
  const [, algorithm = '', digest = ''] = /^'(sha\d+)-(.*)'$/i.exec(source) ?? []
  if (algorithm !== '') return words.includes("'nonce'") ? wrongHash(algorithm, digest) : misplaced(source)
  if (/^'nonce-/i.test(source))
    return {
      code: 'unsafe_value',
      message: 'has a nonce that is the same in every response.',
      instead: 'Write "\'nonce\'", and give pass.nonce to what the handler writes.',
    }
  const near = nearest(source, words)
  return near === undefined ? misplaced(source) : malformed(`has ${show(source)}.`, `Did you mean "${near}"?`)
}

function misplaced(source: string): Wrong {
  return malformed(
    `has ${show(source)}, which says nothing there.`,
    'Leave it out, or write it where it belongs.',
  )
}

function wrongHash(algorithm: string, digest: string): Wrong | undefined {
  const bytes = HASH_BYTES[algorithm]
  // Browsers take base64url, too; one spelling is enough, and a digest that is cut short matches nothing.
  if (bytes !== undefined && decodeBase64(digest)?.length === bytes) return undefined
  return malformed(
    `has a hash that is none: '${show(`${algorithm}-${digest}`)}'.`,
    "Write 'sha256-', 'sha384-' or 'sha512-' and the digest in base64 with its padding.",
  )
}

function isSchemeSource(source: string): boolean {
  // A dot is lawful in a scheme, and far more likely the name of a host that lost its port.
  return source.endsWith(':') && SCHEME.test(source.slice(0, -1)) && !source.includes('.')
}

function wrongScheme(source: string): Wrong | undefined {
  const near = nearest(source, SCHEMES)
  return near === undefined || near === source.toLowerCase()
    ? undefined
    : malformed(`has the scheme ${source}.`, `Did you mean '${near}'?`)
}

function wrongHost(source: string): Wrong | undefined {
  const mistake = malformed(
    `has ${show(source)}, which is no source.`,
    "Write one such as 'https://cdn.example.com': a wildcard is the left-most label, and there is no query.",
  )
  const [, scheme = 'https', rest = ''] = /^(?:([^:/]*):\/\/)?(.*)$/s.exec(source) ?? []
  if (!SCHEME.test(scheme)) return mistake
  const slash = rest.indexOf('/')
  const authority = slash === -1 ? rest : rest.slice(0, slash)
  const path = slash === -1 ? '/' : rest.slice(slash)
  const colon = authority.indexOf(':')
  const host = colon === -1 ? authority : authority.slice(0, colon)
  const port = colon === -1 ? '*' : authority.slice(colon + 1)
  if (!HOST.test(host) || host.length > 255 || !PATH.test(path) || !isPort(port)) return mistake
  return wrongScheme(`${scheme}:`)
}

function isPort(port: string): boolean {
  return port === '*' || (/^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535)
}

function malformed(message: string, instead: string): Wrong {
  return { code: 'malformed_value', message, instead }
}

/** A word as a mistake may quote it. */
export function show(word: string): string {
  return word.length > 80 ? `${word.slice(0, 79)}…` : word
}
