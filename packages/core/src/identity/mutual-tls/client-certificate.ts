import { withError } from '../../contract/check.ts'
import type { Principal } from '../../contract/principal.ts'
import type { RequestFacts } from '../../contract/request.ts'
import {
  authenticated,
  bad,
  type BadCredentials,
  type ChallengeParams,
  type CompiledScheme,
  type Identification,
  NO_CREDENTIALS,
  type Scheme,
  type SchemeContext,
} from '../../contract/scheme.ts'
import { isTextList } from '../../lib/access-names.ts'
import { decodeBase64url } from '../../lib/base64url.ts'
import { quotedString } from '../../lib/chars.ts'
import { judged } from '../../lib/promise.ts'
import {
  at,
  entriesOf,
  optional,
  type OptionReaders,
  type Place,
  plainObject,
  readOptions,
  report,
  required,
} from '../../options/read.ts'
import { callback, distinctList, fieldValue, roleName, scopeName, text } from '../../options/readers.ts'
import { certificateOf, type CertificateSource, certificateThumbprint, readSource } from './source.ts'

/** Whom a certificate stands for. */
export interface CertificateHolder {
  /** Who the caller is. */
  readonly subject: string
  /** @default [] */
  readonly scopes?: readonly string[]
  /** @default [] */
  readonly roles?: readonly string[]
}

/** A caller that is known by a certificate. */
export interface CertificatePrincipal extends Principal {
  readonly scheme: 'clientCertificate'
  /** The SHA-256 of the certificate, as base64url: the `x5t#S256` of RFC 8705. */
  readonly fingerprint: string
}

/** A certificate as it is looked up. */
export interface PresentedCertificate {
  /** The SHA-256 of the certificate, as base64url. */
  readonly fingerprint: string
  /** The certificate, in DER: `new X509Certificate(der)` reads it. */
  readonly der: Uint8Array
}

/** Finds the holder of a certificate; nothing when nobody is known by it. */
export type FindHolder = (
  certificate: PresentedCertificate,
  request: RequestFacts,
) => CertificateHolder | undefined | null | Promise<CertificateHolder | undefined | null>

/** Options of {@link clientCertificate}. */
export interface ClientCertificateOptions {
  /**
   * Who holds which certificate, by its SHA-256 as base64url or as the hexadecimal pairs that `openssl x509 -fingerprint
   * -sha256` prints; or a function that finds the holder.
   */
  readonly certificates: Readonly<Record<string, CertificateHolder>> | FindHolder
  /**
   * Where the certificate of the client is found; see `mutualTls`.
   *
   * @default 'connection'
   */
  readonly from?: CertificateSource
  /**
   * What the certificate is for, in the challenge.
   *
   * @default 'api'
   */
  readonly realm?: string
}

const UNKNOWN: BadCredentials = Object.freeze(
  bad('credentials.wrong', 'nobody is known by the certificate of the client'),
)
const FAILED: BadCredentials = Object.freeze(
  bad('dependency.failed', 'the lookup of certificates threw, or gave no holder'),
)

/**
 * Authenticates callers by the certificate alone that they prove to hold on the TLS connection: machines of yours.
 *
 * A certificate counts when an authority of the server vouches for it, and somebody is known by it. The names in it
 * decide nothing: one authority may give one name to two holders.
 *
 * @throws ConfigError from `gatehouse()`, with every unusable option at once
 * @example
 * authenticate: clientCertificate({ certificates: { '9F:86:...:0A:08': { subject: 'billing', roles: ['service'] } } })
 * @see RFC 8705 §2
 */
export function clientCertificate(options: ClientCertificateOptions): Scheme<CertificatePrincipal> {
  return { name: 'clientCertificate', compile: (context) => compile(context, options) }
}

const READERS = {
  certificates: required(
    readCertificates,
    "Write { '<SHA-256 of the certificate>': { subject: 'billing' } }, or a function that finds the holder.",
  ),
  from: optional(readSource, 'connection'),
  realm: optional(fieldValue('a realm', "a short text, such as 'api'"), 'api'),
} satisfies OptionReaders<ClientCertificateOptions>

const HOLDER = {
  subject: required(text('a subject', "one, such as 'billing'"), 'Write who holds the certificate.'),
  scopes: optional(distinctList(scopeName(), { example: "scopes, such as ['data:read']" }), []),
  roles: optional(distinctList(roleName(), { example: "roles, such as ['service']" }), []),
} satisfies OptionReaders<CertificateHolder>

function compile(
  context: SchemeContext,
  options: ClientCertificateOptions,
): CompiledScheme<CertificatePrincipal> {
  const read = readOptions(context, options, READERS)
  const find = read?.certificates
  const from = read?.from ?? 'connection'
  // RFC 9110 §15.5.2: a 401 has a challenge. There is no registered one for a certificate; no browser knows this one.
  const challenge = `ClientCertificate realm=${quotedString(read?.realm ?? 'api')}`
  return {
    name: 'clientCertificate',
    fields: [],
    identify(request) {
      const der = certificateOf(request, from)
      if (der === undefined) return NO_CREDENTIALS
      return find === undefined ? FAILED : find(der, request)
    },
    challenges: (params) => [challenge + paramsOf(params)],
    describe: () => ({
      securitySchemes: { clientCertificate: { type: 'mutualTLS' } },
      alternatives: [['clientCertificate']],
    }),
  }
}

/** What a client is told: of step-up, and where the metadata of the API are. RFC 6750 has no word for a certificate. */
function paramsOf(params: ChallengeParams): string {
  let joined = ''
  for (const [name, value] of params) {
    if (value !== 'invalid_token') joined += `, ${name}=${quotedString(value)}`
  }
  return joined
}

type Found = Identification<CertificatePrincipal>
type Find = (der: Buffer, request: RequestFacts) => Found | Promise<Found>

function readCertificates(value: unknown, place: Place): Find | undefined {
  if (typeof value === 'function') {
    const find = callback<FindHolder>('(certificate) => its holder')(value, place)
    return find && findByCallback(find)
  }
  const given = plainObject(
    place,
    value,
    'certificates with their holders',
    "Write { '<SHA-256>': { subject: 'billing' } }.",
  )
  if (given === undefined) return undefined
  const holders = new Map<string, CertificatePrincipal>()
  for (const [key, one] of entriesOf(place, given)) {
    const where = at(place, key)
    const fingerprint = readFingerprint(key)
    const holder = readOptions(where, one, HOLDER)
    if (fingerprint === undefined) {
      report(
        where,
        'malformed_value',
        'is not the SHA-256 of a certificate.',
        'Write what openssl x509 -fingerprint -sha256 prints.',
      )
    } else if (holders.has(fingerprint)) {
      report(where, 'duplicate_value', 'is said twice, in two spellings.', 'Leave one out.')
    } else if (holder?.subject !== undefined) {
      holders.set(fingerprint, principalOf({ ...holder, subject: holder.subject }, fingerprint))
    }
  }
  return (der) => {
    // A digest of what anybody may see, looked up as such: there is no secret to time.
    const holder = holders.get(certificateThumbprint(der))
    return holder === undefined ? UNKNOWN : authenticated(holder)
  }
}

/** The SHA-256 of a certificate as base64url; `undefined` when the text is none in either spelling. */
function readFingerprint(key: string): string | undefined {
  const hex = key.replaceAll(':', '')
  const bytes = /^[0-9a-f]{64}$/i.test(hex) ? Buffer.from(hex, 'hex') : decodeBase64url(key)
  return bytes?.length === 32 ? bytes.toString('base64url') : undefined
}

function findByCallback(find: FindHolder): Find {
  const judge = (holder: unknown, fingerprint: string): Found => {
    if (holder === undefined || holder === null) return UNKNOWN
    return isHolder(holder) ? authenticated(principalOf(holder, fingerprint)) : FAILED
  }
  return (der, request) => {
    const fingerprint = certificateThumbprint(der)
    return judged<Found>(
      () => find({ fingerprint, der }, request),
      (holder) => judge(holder, fingerprint),
      (error) => withError(FAILED, error),
    )
  }
}

function isHolder(value: unknown): value is CertificateHolder {
  if (typeof value !== 'object' || value === null) return false
  const { subject, scopes, roles } = value as Partial<Record<keyof CertificateHolder, unknown>>
  return typeof subject === 'string' && subject !== '' && isOptionalList(scopes) && isOptionalList(roles)
}

function isOptionalList(value: unknown): boolean {
  return value === undefined || isTextList(value)
}

function principalOf(holder: CertificateHolder, fingerprint: string): CertificatePrincipal {
  // One principal for many requests: no handler changes it for the others.
  return Object.freeze({
    scheme: 'clientCertificate',
    subject: holder.subject,
    issuer: undefined,
    scopes: Object.freeze([...(holder.scopes ?? [])]),
    roles: Object.freeze([...(holder.roles ?? [])]),
    fingerprint,
  })
}
