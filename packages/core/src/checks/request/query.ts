import { type Refusal, refuse } from '../../contract/check.ts'
import { isVisibleAscii } from '../../lib/chars.ts'
import { baseName, findParameter, MAX_PARAMETERS, type QueryProblem, queryProblem } from '../../lib/query.ts'
import { namesMethod, OVERRIDE_PARAMETER } from '../../request/method-override.ts'
import { malformed, OVERRIDDEN } from './refusals.ts'

const CHARACTERS: Refusal = malformed('the query holds a character that no URI may hold')
const REASONS: Readonly<Record<QueryProblem, Refusal>> = {
  'bad-percent': ambiguous('the query has percent-encoding that is not well-formed UTF-8'),
  'too-many': ambiguous(`the query has more than ${MAX_PARAMETERS} parameters`),
}
const PROTOTYPE: Refusal = ambiguous('a parameter of the query names a prototype')
const REPEATED: Refusal = ambiguous('a parameter of the query comes more than once')

/** Looks at the query of a request: with its `?`, and the method that the request has. */
export type JudgeQuery = (query: string, method: string) => Refusal | undefined

/** What is asked of the parameters of queries. */
export interface QueryRules {
  /** Names that may come once, and without brackets. */
  readonly once: readonly string[]
  /**
   * Names that the scheme reads, without brackets. One that comes more than once is for the scheme to refuse, with the
   * challenge that belongs to it (RFC 6750 §3.1).
   */
  readonly credentials: readonly string[]
  /** Whether every other name may come once, too. */
  readonly all: boolean
}

/** Compiles what is asked of queries. */
export function compileQuery({ once, credentials, all }: QueryRules): JudgeQuery {
  const watched = new Map([...credentials, ...once].map((name) => [name, onceRefusal(name)]))
  const repeatable = new Set(credentials.filter((name) => !once.includes(name)))
  const asksMore = all || watched.size > 0
  return (query, method) => {
    if (query.length < 2) return undefined
    // No request-target has a fragment (RFC 9112 §3.2).
    if (!isVisibleAscii(query) || query.includes('#')) return CHARACTERS
    const text = query.slice(1)
    const problem = queryProblem(text)
    if (problem !== undefined) return REASONS[problem]
    const seen = new Set<string>()
    return findParameter(text, (name, value) => {
      // Most names are shorter than all that is asked about here.
      if (name.length < OVERRIDE_PARAMETER.length && !asksMore) return undefined
      const base = baseName(name)
      if (base === OVERRIDE_PARAMETER && !(name === base && namesMethod(value, method))) return OVERRIDDEN
      if (isPrototype(name)) return PROTOTYPE
      const refusal = watched.get(base)
      if (refusal === undefined) return all && isTaken(seen, name, base) ? REPEATED : undefined
      // qs makes a list or an object of a name with brackets, which is no more what the name stands for than two of it.
      if (name !== base || seen.has(name)) return refusal
      if (!repeatable.has(name)) seen.add(name)
      return undefined
    })
  }
}

/** Whether a parameter of the name was there, or one that readers put together with it: `a` and `a[]`, `a` and `a[b]`. */
function isTaken(seen: Set<string>, name: string, base: string): boolean {
  const other = name === base ? `${base}[` : base
  if (seen.has(name) || seen.has(other)) return true
  seen.add(name)
  if (name !== base) seen.add(`${base}[`)
  return false
}

/**
 * Whether a name would reach a prototype in a reader that makes objects of names: `__proto__`, `a[__proto__][b]`,
 * `constructor[prototype][b]`. Half of the latter is an ordinary word.
 */
function isPrototype(name: string): boolean {
  return (
    name.includes('__proto__') || (name.includes('prototype') && /constructor\]?[.[]prototype/.test(name))
  )
}

function onceRefusal(name: string): Refusal {
  return ambiguous(`the parameter "${name}" of the query comes more than once, or with brackets`)
}

function ambiguous(reason: string): Refusal {
  return Object.freeze(refuse('request.query-ambiguous', reason))
}
