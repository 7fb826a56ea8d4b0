/** A set of security headers: for what answers with data, or with HTML. */
export type HeaderPreset = 'api' | 'page'

/** A header of the presets. */
export interface HeaderRow {
  readonly name: string
  readonly api: string
  readonly page: string
  /** Why it is there, and why it says what it says. */
  readonly why: string
}

/** No page of an API needs them; one that does names them in `set`. Features that browsers no longer know are left out. */
const NO_FEATURES = [
  'camera',
  'display-capture',
  'geolocation',
  'hid',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
]
  .map((feature) => `${feature}=()`)
  .join(', ')

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * The headers of the presets, one row per header, each with its reason.
 *
 * Not here: `Strict-Transport-Security` (the policy's `https` sends it), `Cache-Control` (it depends on the caller),
 * `Cross-Origin-Embedder-Policy` (nothing to isolate), and `X-XSS-Protection`, `Expect-CT`, `X-Download-Options` and
 * their like: no browser in use acts on them.
 *
 * @see ASVS 3.4; OWASP Secure Headers Project; OWASP REST Security Cheat Sheet
 */
export const HEADER_TABLE: readonly HeaderRow[] = [
  {
    name: 'X-Content-Type-Options',
    api: 'nosniff',
    page: 'nosniff',
    why: 'A browser takes the Content-Type at its word, so that data is never run as a script.',
  },
  {
    name: 'Content-Security-Policy',
    api: "default-src 'none'; frame-ancestors 'none'",
    page: PAGE_POLICY,
    why: 'Opened in a browser, data loads and runs nothing; a page loads and runs only its own files.',
  },
  {
    name: 'Cross-Origin-Resource-Policy',
    api: 'same-origin',
    page: 'same-origin',
    why: 'No other origin embeds the response. Calls with CORS are not touched by it, so `same-site` would only add sibling hosts, one of which may be taken over.',
  },
  {
    name: 'Referrer-Policy',
    api: 'no-referrer',
    page: 'strict-origin-when-cross-origin',
    why: 'URLs of an API stay here. A page keeps its origin on forms it sends home: `no-referrer` would make their Origin `null`, and the cross-site check fail.',
  },
  {
    name: 'X-Frame-Options',
    api: 'DENY',
    page: 'DENY',
    why: 'No framing, for browsers that do not know `frame-ancestors`.',
  },
  {
    name: 'Cross-Origin-Opener-Policy',
    api: 'same-origin',
    page: 'same-origin',
    why: 'A window that opened this one cannot reach into it.',
  },
  {
    name: 'Origin-Agent-Cluster',
    api: '?1',
    page: '?1',
    why: 'Kept in a process apart from sibling hosts, and `document.domain` is off.',
  },
  {
    name: 'Permissions-Policy',
    api: NO_FEATURES,
    page: NO_FEATURES,
    why: 'The features that hurt most when a script gets in are off.',
  },
  {
    name: 'X-Permitted-Cross-Domain-Policies',
    api: 'none',
    page: 'none',
    why: 'PDF readers that look for a cross-domain policy of this host find none.',
  },
  {
    name: 'X-DNS-Prefetch-Control',
    api: 'off',
    page: 'off',
    why: 'Links in what is shown do not tell a resolver who is reading it.',
  },
]
