import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { generateApiKey, generateWebhookSecret, jwkThumbprint } from '@gatehouse/core'
import { CliError, EXIT, type ExitCode, type Io, print, tell } from '../io.ts'
import { messageOf } from '../load.ts'

/** What can be made. */
export const KINDS = ['ed25519', 'es256', 'rs256', 'hmac', 'webhook', 'api-key'] as const

/** One of {@link KINDS}. */
export type KeyKind = (typeof KINDS)[number]

/** What the command line says to keys. */
export interface KeysOptions {
  readonly out?: string
  readonly format?: 'jwk' | 'pem'
  readonly kid?: string
  readonly prefix?: string
  readonly bytes?: number
  readonly bits?: number
  readonly force?: boolean
  readonly stdout?: boolean
}

/** What was made: what must stay secret, and what may be known. */
interface Made {
  readonly secret: string
  readonly known: string
  /** The name under which the other half is written, beside `--out`. */
  readonly knownEnding: string
}

/** For which kinds an option is: of any other it would be ignored, and somebody would have another key than they think. */
const ONLY_OF = {
  format: ['ed25519', 'es256', 'rs256'],
  kid: ['ed25519', 'es256', 'rs256'],
  prefix: ['api-key'],
  bytes: ['hmac'],
  bits: ['rs256'],
} as const satisfies Partial<Record<keyof KeysOptions, readonly KeyKind[]>>

/** RFC 9864 §2.2: `EdDSA` leaves the curve open. */
const ALGORITHM = { ed25519: 'Ed25519', es256: 'ES256', rs256: 'RS256' } as const

/** Makes a key. A secret is printed only to who says so: it goes to a file that nobody else may read. */
export function keys(kind: KeyKind, options: KeysOptions, io: Io): ExitCode {
  if (options.out === undefined && options.stdout !== true)
    throw new CliError(EXIT.usage, 'Say where the secret goes: --out FILE, or --stdout to print it.')
  if (options.out !== undefined && options.stdout === true)
    throw new CliError(EXIT.usage, 'Write one of --out and --stdout.')
  for (const [option, kinds] of Object.entries(ONLY_OF) as [keyof typeof ONLY_OF, readonly KeyKind[]][])
    if (options[option] !== undefined && !kinds.includes(kind))
      throw new CliError(EXIT.usage, `--${option} is for ${kinds.join(', ')}, and not for ${kind}.`)
  if (options.kid !== undefined && options.format === 'pem')
    throw new CliError(EXIT.usage, 'PEM has no place for a --kid: name it where the key is used.')
  const made = make(kind, options)
  if (options.out === undefined) {
    print(io, made.secret)
    tell(io, made.known)
    return EXIT.ok
  }
  const path = resolve(io.cwd, options.out)
  const secret = { path, text: made.secret, mode: 0o600 }
  const known = { path: `${path}${made.knownEnding}`, text: made.known, mode: 0o644 }
  // The secret comes last: where one of them cannot be written, no secret lies about.
  const files = made.knownEnding === '' ? [secret] : [known, secret]
  writeNew(files, options.force === true)
  tell(io, `${options.out}: the secret, which only you may read (0600). Keep it out of git.`)
  if (made.knownEnding === '') print(io, made.known)
  else tell(io, `${options.out}${made.knownEnding}: the public half.`)
  return EXIT.ok
}

function make(kind: KeyKind, options: KeysOptions): Made {
  if (kind === 'hmac') {
    const { bytes = 64 } = options
    const secret = randomBytes(bytes).toString('base64url')
    return { secret, known: `An HMAC secret of ${bytes * 8} random bits, in base64url.`, knownEnding: '' }
  }
  if (kind === 'webhook')
    return {
      secret: generateWebhookSecret(),
      known: 'A secret of Standard Webhooks: for the sender and the receiver, and for nobody else.',
      knownEnding: '',
    }
  if (kind === 'api-key') {
    try {
      const { key, id, hash } = generateApiKey(options.prefix ?? 'key')
      return { secret: key, known: JSON.stringify({ id, hash }), knownEnding: '' }
    } catch (error) {
      throw new CliError(EXIT.usage, error instanceof Error ? error.message : 'The prefix is wrong.')
    }
  }
  const pair = makePair(kind, options.bits ?? 3072)
  if (options.format === 'pem')
    return {
      secret: pair.export({ type: 'pkcs8', format: 'pem' }).toString().trimEnd(),
      known: createPublicKey(pair).export({ type: 'spki', format: 'pem' }).toString().trimEnd(),
      knownEnding: '.pub',
    }
  const known = createPublicKey(pair).export({ format: 'jwk' })
  const names = { kid: options.kid ?? jwkThumbprint(known), use: 'sig', alg: ALGORITHM[kind] }
  const text = (jwk: object): string => JSON.stringify({ ...jwk, ...names }, undefined, 2)
  return { secret: text(pair.export({ format: 'jwk' })), known: text(known), knownEnding: '.pub' }
}

function makePair(kind: keyof typeof ALGORITHM, bits: number): KeyObject {
  const pairs = {
    ed25519: () => generateKeyPairSync('ed25519'),
    es256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    rs256: () => generateKeyPairSync('rsa', { modulusLength: bits }),
  }
  return pairs[kind]().privateKey
}

interface NewFile {
  readonly path: string
  readonly text: string
  readonly mode: number
}

/**
 * A secret is never readable by anybody else, not for a moment, and nothing is written through a link: each file is a new
 * one, with its mode. Where one of them is there already none is written.
 */
function writeNew(files: readonly NewFile[], force: boolean): void {
  for (const { path } of files)
    if (!force && existsSync(path))
      throw new CliError(
        EXIT.failed,
        `${path} is there already, and a key that is overwritten is gone. Write --force.`,
      )
  for (const { path, text, mode } of files)
    try {
      mkdirSync(dirname(path), { recursive: true })
      if (force) rmSync(path, { force: true })
      writeFileSync(path, `${text}\n`, { mode, flag: 'wx' })
    } catch (error) {
      throw new CliError(EXIT.failed, `${path} cannot be written: ${messageOf(error)}`)
    }
}
