import type { MistakeCode } from '../../contract/mistakes.ts'
import { nearest } from '../../lib/spelling.ts'
import { type Place, report } from '../../options/read.ts'
import { directiveRow, effective } from './csp-directives.ts'
import { show } from './csp-sources.ts'

/** A policy with the changes made, and what it is judged by. */
export interface Reviewed {
  readonly directives: ReadonlyMap<string, readonly string[]>
  /** Whether browsers act on it, or only report. */
  readonly enforced: boolean
  /** Dangerous sources of scripts that are wanted all the same. */
  readonly allowed: ReadonlySet<string>
  /** The names of the reporting endpoints. */
  readonly endpoints: ReadonlySet<string>
  /** The place of a directive, or of the policy. */
  readonly placeOf: (name?: string) => Place
}

/** What directives contradict in themselves. */
interface Contradiction {
  readonly applies: (words: readonly string[], name: string, policy: Reviewed) => boolean
  readonly code: MistakeCode
  readonly message: string
  readonly instead: string
}

const isHash = (word: string): boolean => word.startsWith("'sha")
const isTrust = (word: string): boolean => word === "'nonce'" || isHash(word)
const isPlace = (word: string): boolean => word === "'self'" || !word.startsWith("'")

const CONTRADICTIONS: readonly Contradiction[] = [
  {
    applies: (words) => words.includes("'none'") && words.length > 1,
    code: 'contradiction',
    message: "has 'none' beside other words, and browsers then ignore it.",
    instead: "Leave 'none' out, or all the others.",
  },
  {
    // CSP3 §6.7.3.2. With a policy whose nonce is left out, as on responses that nobody asked one for, it would count again.
    applies: (words) =>
      words.includes("'unsafe-inline'") && words.some((word) => isTrust(word) || word === "'strict-dynamic'"),
    code: 'contradiction',
    message: "has 'unsafe-inline', which a nonce, a hash and 'strict-dynamic' switch off.",
    instead: "Leave 'unsafe-inline' out.",
  },
  {
    applies: (words) => words.includes("'strict-dynamic'") && !words.some(isTrust),
    code: 'contradiction',
    message: "has 'strict-dynamic', and neither nonce nor hash that any script could begin with.",
    instead: 'Write "\'nonce\'" as well.',
  },
  {
    // CSP3 §8.2.
    applies: (words) => words.includes("'strict-dynamic'") && words.some(isPlace),
    code: 'contradiction',
    message: "has 'strict-dynamic', with which browsers ignore 'self', hosts and schemes.",
    instead: "Leave them out, or leave 'strict-dynamic' out.",
  },
  {
    applies: (words) => words.includes("'unsafe-hashes'") && !words.some(isHash),
    code: 'contradiction',
    message: "has 'unsafe-hashes', and no hash that it could be about.",
    instead: 'Write the hash of each event handler, or leave it out.',
  },
  {
    applies: (_words, name, { enforced }) => !enforced && directiveRow(name)?.enforcedOnly === true,
    code: 'contradiction',
    message: 'is ignored in a policy that only reports.',
    instead: 'Leave it out there.',
  },
]

/** Reports what the parts of a policy make of one another. */
export function review(policy: Reviewed): void {
  for (const [name, words] of policy.directives) {
    for (const { applies, code, message, instead } of CONTRADICTIONS)
      if (applies(words, name, policy)) report(policy.placeOf(name), code, `${name} ${message}`, instead)
  }
  reviewScripts(policy)
  reviewFallbacks(policy)
  reviewReports(policy)
}

/** Directives that decide which scripts run; the first of a row that is there counts. */
const SCRIPT_DIRECTIVES = [
  ['script-src', 'default-src'],
  ['script-src-elem'],
  ['script-src-attr'],
  ['object-src', 'default-src'],
] as const

function reviewScripts({ directives, allowed, placeOf }: Reviewed): void {
  const deciding = new Set(
    SCRIPT_DIRECTIVES.map((names) => names.find((each) => directives.has(each))).filter(
      (name) => name !== undefined,
    ),
  )
  for (const name of deciding) {
    for (const word of directives.get(name) ?? []) {
      if (!isDangerous(word) || allowed.has(word)) continue
      report(
        placeOf(name),
        'unsafe_value',
        `${name} has ${show(word)}: whoever gets a text into the page can run it.`,
        `Leave it out, or write dangerouslyAllowScripts: [${JSON.stringify(word)}] as well.`,
      )
    }
  }
}

const DANGEROUS = new Set(["'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", '*'])

/**
 * Whether a source lets in scripts of anybody: any text, any host of a scheme or below a top-level domain, or whoever is on the
 * way of plain http.
 */
export function isDangerous(word: string): boolean {
  return (
    DANGEROUS.has(word) ||
    word.endsWith(':') ||
    /^(?:http|ws):\/\/|^(?:[a-z]+:\/\/)?\*(?:\.[a-z0-9-]+)?(?:[:/]|$)/i.test(word)
  )
}

/** Reports what falls back to nothing: what a policy does not say, anybody may. */
function reviewFallbacks({ directives, enforced, placeOf }: Reviewed): void {
  if (!enforced) return
  const flags = directives.get('sandbox')
  // A sandbox runs no script unless it says so.
  const isMute = flags !== undefined && !flags.includes('allow-scripts')
  for (const name of ['script-src', 'object-src'] as const) {
    if (isMute || effective(directives, name) !== undefined) continue
    report(
      placeOf(),
      'unsafe_value',
      `says nothing of ${name}, so that all is allowed.`,
      `Write 'default-src': ["'none'"], or '${name}'.`,
    )
  }
  const trusting = [...directives].some(
    ([name, words]) => /^(?:script-src|default-src)/.test(name) && words.some(isTrust),
  )
  if (!trusting) return
  const open = directives.get('base-uri')?.find(isDangerous)
  if (open !== undefined) {
    report(
      placeOf('base-uri'),
      'unsafe_value',
      `base-uri has ${show(open)}: a <base> in the page would send trusted scripts elsewhere.`,
      "Write 'base-uri': [\"'none'\"].",
    )
  }
  if (!directives.has('base-uri')) {
    report(
      placeOf(),
      'unsafe_value',
      'says nothing of base-uri, which does not fall back to default-src: a <base> would send trusted scripts elsewhere.',
      "Write 'base-uri': [\"'none'\"].",
    )
  }
}

function reviewReports({ directives, enforced, endpoints, placeOf }: Reviewed): void {
  const [name] = directives.get('report-to') ?? []
  if (name !== undefined && !endpoints.has(name)) {
    const near = nearest(name, endpoints)
    report(
      placeOf('report-to'),
      'unknown_reference',
      `report-to has ${show(name)}, which is not an endpoint of "reporting".`,
      near === undefined
        ? `Write reporting: { endpoints: { ${JSON.stringify(name)}: 'https://...' } }.`
        : `Did you mean "${near}"?`,
    )
  }
  if (!enforced && name === undefined && !directives.has('report-uri'))
    report(
      placeOf(),
      'missing_option',
      'reports to nobody, and does nothing else.',
      'Write \'report-to\': the name of an endpoint of "reporting".',
    )
}
