/** Where a source may come from: a keyword, a scheme (`https:`), a host (`https://cdn.example`), or a hash. */
export type CspSource = CspKeyword | (string & Record<never, never>)

/**
 * The keywords of sources. `'nonce'` is the gate's own word: each response for which the handler asks for `pass.nonce`
 * has a fresh one in its place, and all others have none.
 */
export type CspKeyword =
  | "'self'"
  | "'none'"
  | "'nonce'"
  | "'strict-dynamic'"
  | "'report-sample'"
  | "'unsafe-inline'"
  | "'unsafe-eval'"
  | "'unsafe-hashes'"
  | "'wasm-unsafe-eval'"
  | "'trusted-types-eval'"
  | "'inline-speculation-rules'"

/** Directives whose value is a list of sources. */
export type CspSourceDirective =
  | 'default-src'
  | 'script-src'
  | 'script-src-elem'
  | 'script-src-attr'
  | 'style-src'
  | 'style-src-elem'
  | 'style-src-attr'
  | 'img-src'
  | 'font-src'
  | 'connect-src'
  | 'media-src'
  | 'object-src'
  | 'frame-src'
  | 'child-src'
  | 'worker-src'
  | 'manifest-src'
  | 'fenced-frame-src'
  | 'base-uri'
  | 'form-action'
  | 'frame-ancestors'

/** What a sandbox may allow (HTML, "sandboxing flag sets"). */
export type SandboxFlag =
  | 'allow-downloads'
  | 'allow-forms'
  | 'allow-modals'
  | 'allow-orientation-lock'
  | 'allow-pointer-lock'
  | 'allow-popups'
  | 'allow-popups-to-escape-sandbox'
  | 'allow-presentation'
  | 'allow-same-origin'
  | 'allow-scripts'
  | 'allow-storage-access-by-user-activation'
  | 'allow-top-navigation'
  | 'allow-top-navigation-by-user-activation'
  | 'allow-top-navigation-to-custom-protocols'

/** What becomes of a directive: the list in place of what is there, a change of it, or `false` to leave it out. */
export type CspChange<T extends string> = readonly T[] | CspListChange<T> | false

/** A change of a list. */
export interface CspListChange<T extends string> {
  /** What comes on top; a `'none'` that was there is gone then. */
  readonly add?: readonly T[]
  /** What is taken out; it must be there. */
  readonly remove?: readonly T[]
}

/**
 * A Content-Security-Policy, directive by directive: what it says replaces, changes or leaves out what the preset says,
 * and what it does not say stays.
 *
 * @example
 * contentSecurityPolicy: { 'script-src': ["'nonce'", "'strict-dynamic'"], 'img-src': { add: ['https://img.example'] } }
 */
export type ContentSecurityPolicy = { readonly [D in CspSourceDirective]?: CspChange<CspSource> } & {
  /** Treats the response as a frame in a sandbox; `true` allows nothing. */
  readonly sandbox?: true | CspChange<SandboxFlag>
  /** Sends what is loaded over http to https. */
  readonly 'upgrade-insecure-requests'?: boolean
  /** Refuses plain text where a script could come of it: `["'script'"]`. */
  readonly 'require-trusted-types-for'?: CspChange<"'script'">
  /** Names of the policies that may make trusted types, `'allow-duplicates'`, `'none'`, or `*`. */
  readonly 'trusted-types'?: CspChange<string>
  /** The name of a reporting endpoint of `reporting`. */
  readonly 'report-to'?: string | false
  /** Where browsers that do not know `report-to` send reports: URLs, or paths of this host. */
  readonly 'report-uri'?: CspChange<string>
  /** Whether pages may connect by WebRTC. */
  readonly webrtc?: "'allow'" | "'block'" | false
}

/** How the value of a directive is written. */
export type DirectiveKind = 'sources' | 'flags' | 'nothing' | 'words' | 'trusted-types' | 'name' | 'urls'

/** A directive. */
export interface DirectiveRow {
  readonly kind: DirectiveKind
  /** The words that may stand in it, besides what its kind allows. */
  readonly words: readonly string[]
  /** What is in force where the policy does not have it, nearest first (CSP3 §6.8.3). */
  readonly fallback: readonly string[]
  /** Whether only an enforced policy can have it: browsers ignore it in a report-only one. */
  readonly enforcedOnly?: true
}

const LOCATION = ["'self'", "'none'"]
const STYLE = [...LOCATION, "'nonce'", "'report-sample'", "'unsafe-inline'", "'unsafe-hashes'"]
const SCRIPT = [
  ...STYLE,
  "'strict-dynamic'",
  "'unsafe-eval'",
  "'wasm-unsafe-eval'",
  "'trusted-types-eval'",
  "'inline-speculation-rules'",
]

const FLAGS: readonly SandboxFlag[] = [
  'allow-downloads',
  'allow-forms',
  'allow-modals',
  'allow-orientation-lock',
  'allow-pointer-lock',
  'allow-popups',
  'allow-popups-to-escape-sandbox',
  'allow-presentation',
  'allow-same-origin',
  'allow-scripts',
  'allow-storage-access-by-user-activation',
  'allow-top-navigation',
  'allow-top-navigation-by-user-activation',
  'allow-top-navigation-to-custom-protocols',
]

const location = (...fallback: readonly string[]): DirectiveRow => ({
  kind: 'sources',
  words: LOCATION,
  fallback,
})
const style = (...fallback: readonly string[]): DirectiveRow => ({ kind: 'sources', words: STYLE, fallback })
const script = (...fallback: readonly string[]): DirectiveRow => ({
  kind: 'sources',
  words: SCRIPT,
  fallback,
})

/**
 * Every directive, one row each.
 *
 * @see CSP3 §6; Trusted Types §4; Upgrade Insecure Requests §3; HTML "sandboxing flag sets"
 */
export const DIRECTIVES: Readonly<Record<keyof ContentSecurityPolicy, DirectiveRow>> = {
  // What the others fall back to may hold what any of them may.
  'default-src': script(),
  'script-src': script('default-src'),
  'script-src-elem': script('script-src', 'default-src'),
  'script-src-attr': script('script-src', 'default-src'),
  'style-src': style('default-src'),
  'style-src-elem': style('style-src', 'default-src'),
  'style-src-attr': style('style-src', 'default-src'),
  'img-src': location('default-src'),
  'font-src': location('default-src'),
  'connect-src': location('default-src'),
  'media-src': location('default-src'),
  'object-src': location('default-src'),
  'frame-src': location('child-src', 'default-src'),
  'child-src': location('default-src'),
  'worker-src': location('child-src', 'script-src', 'default-src'),
  'manifest-src': location('default-src'),
  'fenced-frame-src': location('frame-src', 'child-src', 'default-src'),
  'base-uri': location(),
  'form-action': location(),
  'frame-ancestors': location(),
  sandbox: { kind: 'flags', words: FLAGS, fallback: [], enforcedOnly: true },
  'upgrade-insecure-requests': { kind: 'nothing', words: [], fallback: [], enforcedOnly: true },
  'require-trusted-types-for': { kind: 'words', words: ["'script'"], fallback: [] },
  'trusted-types': { kind: 'trusted-types', words: ["'none'", "'allow-duplicates'", '*'], fallback: [] },
  'report-to': { kind: 'name', words: [], fallback: [] },
  'report-uri': { kind: 'urls', words: [], fallback: [] },
  webrtc: { kind: 'words', words: ["'allow'", "'block'"], fallback: [] },
}

/** The row of a directive; `undefined` for what is none. */
export function directiveRow(name: string): DirectiveRow | undefined {
  return Object.hasOwn(DIRECTIVES, name) ? DIRECTIVES[name as keyof ContentSecurityPolicy] : undefined
}

/** What is in force for a directive: its own value, or that of the nearest it falls back to. */
export function effective(
  directives: ReadonlyMap<string, readonly string[]>,
  name: keyof ContentSecurityPolicy,
): readonly string[] | undefined {
  const found = [name, ...DIRECTIVES[name].fallback].find((each) => directives.has(each))
  return found === undefined ? undefined : directives.get(found)
}

/** Directives of the past, with what to write in their place. */
export const FORMER_DIRECTIVES: ReadonlyMap<string, string> = new Map([
  ['block-all-mixed-content', 'Leave it out: browsers block mixed content by themselves.'],
  ['navigate-to', 'Leave it out: it was taken out of CSP.'],
  ['plugin-types', "Write 'object-src': [\"'none'\"]."],
  ['prefetch-src', "Write 'default-src'."],
  ['referrer', "Write set: { 'Referrer-Policy': ... }."],
  ['reflected-xss', 'Leave it out: no browser acts on it.'],
  ['require-sri-for', "Write set: { 'Integrity-Policy': ... }."],
])

/** A policy: the values of its directives, in the order they are sent. */
export type Directives = Map<string, readonly string[]>

/** Writes a policy as it stands in the field, `'nonce'` and all. */
export function formatDirectives(directives: ReadonlyMap<string, readonly string[]>): string {
  return [...directives].map(([name, values]) => [name, ...values].join(' ')).join('; ')
}

/**
 * Reads a policy as a browser does: what is written is taken as it is, and of a directive that is there twice the
 * first counts (CSP3 §2.2.1).
 */
export function parseDirectives(text: string): {
  readonly directives: Directives
  readonly repeated: readonly string[]
} {
  const directives: Directives = new Map()
  const repeated: string[] = []
  for (const part of text.split(';')) {
    const [written, ...values] = part.split(/[ \t]+/).filter((word) => word !== '')
    if (written === undefined) continue
    const name = written.toLowerCase()
    if (directives.has(name)) repeated.push(name)
    else directives.set(name, values)
  }
  return { directives, repeated }
}
