import { X509Certificate } from 'node:crypto'
import type { Duration } from '../../lib/duration.ts'
import { optional, type OptionReader, type Place, type Reader, report } from '../../options/read.ts'
import { duration, flag, integer } from '../../options/readers.ts'
import { mayAskHost } from './address.ts'

/** How a server is asked that the policy depends on: the same for keys, metadata and introspection. */
export interface RemoteOptions {
  /**
   * How long one answer may take, from looking up the name to the last byte; 50 milliseconds to one minute.
   *
   * @default '5s'
   */
  readonly timeout?: Duration
  /**
   * The most bytes of an answer: 1 KiB to 8 MiB.
   *
   * @default 524288
   */
  readonly maxBytes?: number
  /**
   * Certificates in PEM of the authorities that are trusted, instead of those that Node.js trusts: for a server with a
   * certificate of a company's own.
   */
  readonly ca?: string
  /**
   * Lets addresses be asked that are not of the public Internet: a server in the same cluster or company. Without it
   * a name that resolves to one is refused, whoever controls the name (JWKS-01).
   *
   * @default false
   */
  readonly allowPrivateAddresses?: boolean
  /**
   * Asks over `http` too. Whoever is between can then answer in place of the server, and so decide who may call: for
   * tests on one machine alone.
   *
   * @default false
   */
  readonly dangerouslyAllowHttp?: boolean
}

/** Readers of {@link RemoteOptions}. */
export const REMOTE_READERS: {
  readonly timeout: OptionReader<number>
  readonly maxBytes: OptionReader<number>
  readonly ca: OptionReader<string | undefined>
  readonly allowPrivateAddresses: OptionReader<boolean>
  readonly dangerouslyAllowHttp: OptionReader<boolean>
} & Record<keyof RemoteOptions, unknown> = {
  timeout: optional(duration('50ms', '1m'), 5_000),
  maxBytes: optional(integer(1024, 8 * 1024 * 1024), 512 * 1024),
  ca: optional(certificates()),
  allowPrivateAddresses: optional(flag(), false),
  dangerouslyAllowHttp: optional(flag(), false),
}

/** What of the options decides whether a URL may be asked. */
export interface UrlRules {
  readonly allowPrivateAddresses: boolean
  readonly dangerouslyAllowHttp: boolean
}

/** Whether a URL that a server named is one to ask: absolute, https, no userinfo, no fragment. */
export function isRemoteUrl(value: unknown, dangerouslyAllowHttp: boolean): value is string {
  if (typeof value !== 'string' || value.length > 2048 || !URL.canParse(value) || value.includes('#'))
    return false
  const url = new URL(value)
  if (url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (dangerouslyAllowHttp && url.protocol === 'http:')
}

/** Reads a URL of the policy: the text as it is, since what a server says about itself is compared as text. */
export function readRemoteUrl(place: Place, text: string, rules: UrlRules): string | undefined {
  const instead = "Write a URL, such as 'https://id.example.com/keys'."
  if (text === '') return report(place, 'malformed_value', 'is empty.', instead)
  if (!URL.canParse(text)) return report(place, 'malformed_value', 'is not an absolute URL.', instead)
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return report(place, 'malformed_value', 'is not a URL of https.', instead)
  }
  if (url.protocol === 'http:' && !rules.dangerouslyAllowHttp) {
    return report(
      place,
      'unsafe_value',
      'is a URL of http: whoever is between could answer.',
      'Write the https URL. On one machine, for a test, set dangerouslyAllowHttp.',
    )
  }
  if (url.username !== '' || url.password !== '') {
    return report(place, 'unsafe_value', 'has a user name or password.', 'Leave them out.')
  }
  if (text.includes('#')) {
    return report(place, 'malformed_value', 'has a fragment, which is never sent.', 'Leave it out.')
  }
  if (!mayAskHost(url.hostname, rules.allowPrivateAddresses)) {
    return report(
      place,
      'unsafe_value',
      'names an address that is not of the public Internet.',
      'Write a public host, or set allowPrivateAddresses.',
    )
  }
  return text
}

function certificates(): Reader<string> {
  const instead = "Write PEM text: '-----BEGIN CERTIFICATE-----...'."
  return (value, place) => {
    if (typeof value !== 'string') return report(place, 'wrong_type', 'is not PEM text.', instead)
    const parts = value.split(/(?=-----BEGIN )/).filter((part) => part.startsWith('-----BEGIN '))
    if (parts.length > 0 && parts.every(isCertificate)) return value
    return report(place, 'malformed_value', 'is not a list of certificates.', instead)
  }
}

function isCertificate(pem: string): boolean {
  try {
    return pem.startsWith('-----BEGIN CERTIFICATE-----') && new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}
