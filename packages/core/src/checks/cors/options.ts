import type { Duration } from '../../lib/duration.ts'
import {
  at,
  optional,
  type OptionReader,
  type Place,
  type Reader,
  readOptions,
  report,
  required,
} from '../../options/read.ts'
import { duration, flag } from '../../options/readers.ts'
import { type NameSet, readExposed, readHeaders, readMethods } from './names.ts'
import { type OriginsRead, readOrigins } from './origins.ts'
import type { OriginResolver } from './resolver.ts'

/**
 * Which pages of other origins may call the API and read what it answers.
 *
 * CORS widens the same-origin policy and never narrows it: without these options a browser lets no other origin read
 * a response. It protects users of browsers; whoever writes a client of his own is not bound by it.
 *
 * @example
 * cors: { origins: ['https://app.example.com', 'https://*.preview.example.com'], methods: ['PUT', 'DELETE'], credentials: true }
 * @see WHATWG Fetch, "HTTP extensions: CORS protocol"
 */
export interface CorsOptions {
  /**
   * The origins, in one of three forms; there is no default.
   *
   * - A list. A text is one origin, exactly as browsers send it (`https://app.example.com`: lower case, no path, no
   *   default port), or a pattern: `https://*.example.com` for every name below `example.com`, not for `example.com`
   *   itself, and `http://localhost:*` for every port. A regular expression must begin with `^` and end with `$` in
   *   each alternative, have no flag `g`, `y` or `m`, end each repetition at an escaped dot
   *   (`[a-z0-9-]+\.example\.com`), and repeat nothing that repeats.
   * - A function that is asked about each request's origin: see {@link OriginResolver}.
   * - `'*'`, every page of the web: for public data, not with `credentials`.
   */
  readonly origins: '*' | readonly (string | RegExp)[] | OriginResolver
  /**
   * Methods that are allowed besides GET, HEAD and POST, in capitals. CONNECT, TRACE and TRACK are refused.
   *
   * @default [] - GET, HEAD and POST are always allowed
   */
  readonly methods?: readonly string[]
  /**
   * Request fields that scripts may set, in any case; a list replaces the default. `'*'`, alone or in the list, allows
   * every field but `authorization`, which must be listed; not with `credentials`.
   *
   * @default ['authorization', 'content-type'] - what a JSON API with tokens needs
   */
  readonly headers?: '*' | readonly string[]
  /**
   * Response fields that scripts may read, besides those that the gate sends itself (`RateLimit`, `Retry-After`,
   * `WWW-Authenticate`, ...). `'*'` not with `credentials`.
   *
   * @default []
   */
  readonly expose?: '*' | readonly string[]
  /**
   * Whether scripts may make requests that carry cookies or client certificates, and read the answers. A token that
   * a script puts into `Authorization` itself does not need it.
   *
   * @default false
   */
  readonly credentials?: boolean
  /**
   * How long a browser may remember the answer to a preflight: whole seconds, 0 to 24 hours; `false` sends no
   * `Access-Control-Max-Age`, and browsers remember it for five seconds.
   *
   * @default '10m'
   */
  readonly maxAge?: Duration | false
  /**
   * Whether a request from an origin that is not allowed is refused with 403. Without it the handler runs, and the
   * browser keeps the response from the page. The API's own origin is never blocked.
   *
   * @default false
   */
  readonly block?: boolean
  /**
   * Whether a page of the public network may reach this server on a private one, when the browser asks by
   * `Access-Control-Request-Private-Network`. Not with origins `'*'`.
   *
   * @default false
   */
  readonly allowPrivateNetwork?: boolean
  /**
   * Allows the origin `null`: every sandboxed frame and local file, on whatever site. Not with `credentials`.
   *
   * @default false
   */
  readonly dangerouslyAllowNullOrigin?: boolean
  /**
   * How long a resolver may take, 1 ms to 30 s, before its origin is denied.
   *
   * @default '1s'
   */
  readonly resolverDeadline?: Duration
  /**
   * Tells in a field `Cors-Reason` why a page may not do what it asks: for development, where the console of a browser
   * says only that something is missing. Only for hosts of the own machine, such as `localhost:3000`.
   *
   * @default false
   */
  readonly dangerouslyShowReasons?: boolean
}

/**
 * Settings for origins; a list of them, of which the first that names an origin decides about it; or `'none'`, which
 * lets no other origin in, whatever the application adds to its responses.
 *
 * @example
 * cors: [
 *   { origins: ['https://app.example.com'], credentials: true, methods: ['PUT', 'DELETE'] },
 *   { origins: '*' },
 * ]
 */
export type CorsSetting = CorsOptions | readonly CorsOptions[] | 'none'

const DEFAULT_HEADERS: NameSet = { any: false, names: ['authorization', 'content-type'] }
const NO_NAMES: NameSet = { any: false, names: [] }

/** What each option of {@link CorsOptions} is read as. */
interface CorsFields {
  readonly origins: OriginsRead | undefined
  readonly methods: readonly string[]
  readonly headers: NameSet
  readonly expose: NameSet
  readonly credentials: boolean
  /** In seconds. */
  readonly maxAge: number | false
  readonly block: boolean
  readonly allowPrivateNetwork: boolean
  readonly dangerouslyAllowNullOrigin: boolean
  /** In milliseconds. */
  readonly resolverDeadline: number
  readonly dangerouslyShowReasons: boolean
}

/** {@link CorsOptions} as they were read. */
export interface CorsRead extends CorsFields {
  readonly origins: OriginsRead
}

/** In seconds, as the field has it; `false` for no field (COR-17). */
const readMaxAge: Reader<number | false> = (value, place) => {
  if (value === false) return false
  const ms = duration('0s', '24h')(value, place)
  if (ms === undefined || ms % 1000 === 0) return ms === undefined ? undefined : ms / 1000
  // The field counts seconds, durations here milliseconds: 600 would silently become no caching at all.
  return report(
    place,
    'malformed_value',
    `is ${ms} milliseconds, not whole seconds.`,
    "Write the unit: '600s', '10m'.",
  )
}

const READERS: {
  readonly [K in keyof CorsFields]: OptionReader<CorsFields[K]>
} & Readonly<Record<keyof CorsOptions, unknown>> = {
  origins: required(readOrigins, "Write origins: ['https://app.example.com'], or leave `cors` out."),
  methods: optional(readMethods, []),
  headers: optional(readHeaders, DEFAULT_HEADERS),
  expose: optional(readExposed, NO_NAMES),
  credentials: optional(flag(), false),
  maxAge: optional(readMaxAge, 600),
  block: optional(flag(), false),
  allowPrivateNetwork: optional(flag(), false),
  dangerouslyAllowNullOrigin: optional(flag(), false),
  resolverDeadline: optional(duration('1ms', '30s'), 1000),
  dangerouslyShowReasons: optional(flag(), false),
}

/** Reads {@link CorsOptions}, and reports those that exclude each other; `undefined` when there are no origins. */
export function readCorsOptions(place: Place, value: unknown): CorsRead | undefined {
  const read = readOptions(place, value, READERS)
  if (read === undefined) return undefined
  reportContradictions(place, read)
  return read.origins === undefined ? undefined : { ...read, origins: read.origins }
}

function reportContradictions(place: Place, options: CorsFields): void {
  const found = (key: string, message: string, instead: string): undefined =>
    report(at(place, key), 'contradiction', message, instead)
  const everyOrigin = options.origins?.type === 'any'
  if (options.credentials) {
    // Fetch, "CORS protocol and credentials": with credentials, * is a name like any other.
    const message = "has '*' with credentials: true."
    if (everyOrigin) found('origins', message, 'List the origins, or leave credentials out.')
    if (options.headers.any) found('headers', message, 'List the fields.')
    if (options.expose.any) found('expose', message, 'List the fields.')
    if (options.dangerouslyAllowNullOrigin) {
      // Every site can make a sandboxed frame: this is * with credentials by another name (COR-09).
      const everySite = 'with credentials: true lets every site act as the user.'
      found('dangerouslyAllowNullOrigin', everySite, 'Leave one of the two out.')
    }
  }
  if (everyOrigin && options.block) {
    found('block', "has nothing to block with origins '*'.", 'List the origins, or leave block out.')
  }
  if (everyOrigin && options.allowPrivateNetwork) {
    const everyPage = "with origins '*' opens a private network to every page."
    found('allowPrivateNetwork', everyPage, 'List the origins.')
  }
}
