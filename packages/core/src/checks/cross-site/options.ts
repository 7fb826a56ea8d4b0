import { parseOrigin } from '../../lib/origin.ts'
import {
  optional,
  type OptionReader,
  type Place,
  readOptions,
  type Reader,
  report,
} from '../../options/read.ts'
import { distinctList, having, oneOf } from '../../options/readers.ts'
import type { CorsTrust } from '../cors.ts'
import type { CrossSiteToken } from './token.ts'

/**
 * Which pages of other sites may act with what a browser sends by itself, besides those that `cors` trusts.
 *
 * @example
 * crossSite: { trustedOrigins: ['https://app.example.com'] }
 */
export interface CrossSiteOptions {
  /**
   * Origins whose pages may send requests that change something, cookies included, and open connections: exactly as
   * browsers send them, without path, wildcard or trailing slash. They need not be able to read: forms, say.
   *
   * @default [] - the origins of `cors`, as far as it lets them act
   */
  readonly trustedOrigins?: readonly string[]
  /**
   * Refuses what pages of origins that are not trusted load, too: `'resources'` for images, scripts, frames and fetches,
   * `'all'` for links and whatever else leads here as well.
   *
   * @default nothing is isolated: the answers carry `Cross-Origin-Resource-Policy`, and the browser keeps them
   */
  readonly isolate?: Isolation
  /** Asks for a token as well, in the field `X-CSRF-Token`, of each request with a cookie that could change something. */
  readonly token?: CrossSiteToken
}

/** What is isolated. */
export type Isolation = 'resources' | 'all'

/** {@link CrossSiteOptions} as they were read. */
export interface CrossSiteRead {
  readonly trustedOrigins: readonly string[]
  readonly isolate: Isolation | undefined
  readonly token: CrossSiteToken | undefined
}

const EXAMPLE = "a list of origins, such as ['https://app.example.com']"

/** One origin, exactly as browsers send it (CSR-02). */
const readOrigin: Reader<string> = (value, place) => {
  if (typeof value !== 'string') {
    return report(place, 'wrong_type', 'is not an origin.', "Write a text such as 'https://app.example.com'.")
  }
  if (parseOrigin(value) !== undefined) return value
  if (value === 'null') {
    return report(
      place,
      'unsafe_value',
      'is the origin of every sandboxed frame and local file, on any site.',
      'Serve the page from an https origin.',
    )
  }
  if (value.includes('*')) {
    return report(
      place,
      'unsafe_value',
      'has a wildcard: whoever gets a page below it could act as every user.',
      'List the origins one by one.',
    )
  }
  return report(
    place,
    'malformed_value',
    'is not an origin: scheme and host, and a port that is not the default one.',
    `Write '${likelyOrigin(value)}'.`,
  )
}

/** What the author probably meant. For messages, while the policy is compiled. */
function likelyOrigin(text: string): string {
  const url = text.includes('://') ? text : `https://${text}`
  const origin = URL.canParse(url) ? new URL(url).origin : 'null'
  return parseOrigin(origin) === undefined ? 'https://app.example.com' : origin
}

const READERS: { readonly [K in keyof CrossSiteRead]: OptionReader<CrossSiteRead[K]> } & Readonly<
  Record<keyof CrossSiteOptions, unknown>
> = {
  trustedOrigins: optional<readonly string[]>(distinctList(readOrigin, { min: 1, example: EXAMPLE }), []),
  isolate: optional<Isolation>(oneOf('resources', 'all')),
  token: optional(having<CrossSiteToken>('a token', 'crossSiteToken({ ... })', 'issue', 'verify')),
}

/** Reads {@link CrossSiteOptions}. */
export function readCrossSite(place: Place, value: unknown): CrossSiteRead {
  const nothing: CrossSiteRead = { trustedOrigins: [], isolate: undefined, token: undefined }
  if (value === undefined) return nothing
  if (value === false) {
    const instead = "Write dangerouslyCrossSite: 'why every page may', in a rule or in the policy."
    return report(place, 'unsafe_value', 'would let every page act as its visitor.', instead) ?? nothing
  }
  return readOptions(place, value, READERS) ?? nothing
}

/** Reports what would let every page load what the policy isolates. */
export function refuseOpenIsolation(
  place: Place,
  isolate: Isolation | undefined,
  cors: CorsTrust | undefined,
): void {
  if (isolate === undefined || cors?.everyOrigin !== true) return
  report(
    place,
    'contradiction',
    "keeps other sites from loading what cors with origins '*' lets every page read.",
    'List the origins of cors, or leave it out.',
  )
}
