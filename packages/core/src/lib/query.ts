import { isPercentEncoded } from './percent.ts'

/**
 * How many parameters a query may have. node:querystring and qs read as many and drop the rest without a word, so of
 * more of them two readers see different ones.
 */
export const MAX_PARAMETERS = 1000

/** Why a query can be read in more than one way, whatever its names mean. */
export type QueryProblem = 'bad-percent' | 'too-many'

/** Finds what two readers of a query could take differently. Linear. */
export function queryProblem(query: string): QueryProblem | undefined {
  if (!isPercentEncoded(query)) return 'bad-percent'
  let count = 0
  for (let i = query.indexOf('&'); i >= 0; i = query.indexOf('&', i + 1)) {
    if (++count >= MAX_PARAMETERS) return 'too-many'
  }
  return undefined
}

/**
 * Looks at the parameters of a query one by one, and gives back the first thing that is found at one.
 *
 * The names are decoded; the values are as they were sent. A parameter whose name cannot be decoded is passed over, and so
 * is everything behind {@link MAX_PARAMETERS}: {@link queryProblem} has refused both before.
 *
 * @param query without its `?`
 */
export function findParameter<T>(
  query: string,
  look: (name: string, value: string) => T | undefined,
): T | undefined {
  let start = 0
  for (let count = 0; start < query.length && count < MAX_PARAMETERS; count++) {
    const ampersand = query.indexOf('&', start)
    const end = ampersand < 0 ? query.length : ampersand
    const pair = query.slice(start, end)
    start = end + 1
    // Between two `&` there may be nothing, which is no parameter.
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decodeParameter(equals < 0 ? pair : pair.slice(0, equals))
    const found = name === undefined ? undefined : look(name, equals < 0 ? '' : pair.slice(equals + 1))
    if (found !== undefined) return found
  }
  return undefined
}

/** Decodes a name or a value: `+` is a space (WHATWG URL §5.1); `undefined` for what is no percent-encoded UTF-8. */
export function decodeParameter(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return undefined
  }
}

/**
 * The name that a reader which knows lists and objects gives a parameter to: `a` for `a[]`, `a[b]` and `[a]`. qs, the
 * parser of Express 4, puts the values of all of them together.
 */
export function baseName(name: string): string {
  const open = name.indexOf('[')
  if (open > 0) return name.slice(0, open)
  const close = open === 0 ? name.indexOf(']') : -1
  return close < 0 ? name : name.slice(1, close)
}
