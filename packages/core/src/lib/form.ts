import { isWellFormed } from './chars.ts'
import { decodeParameter } from './query.ts'

/** The parameters of a form: each name once. */
export type Form = ReadonlyMap<string, string>

/** More parameters than any form of OAuth has. */
const MAX_PARAMETERS = 32

/**
 * Reads `application/x-www-form-urlencoded` text in UTF-8, strictly: `undefined` for a name that occurs twice, an
 * escape that is none, what is no Unicode text, and more parameters than the limit. Linear; the caller bounds the length.
 *
 * @see RFC 6749 §3.2 (parameters MUST NOT be included more than once), appendix B
 */
export function parseForm(body: string, maxParameters: number = MAX_PARAMETERS): Form | undefined {
  // A lone surrogate has no UTF-8: whoever writes the value again would write another.
  if (!isWellFormed(body)) return undefined
  const form = new Map<string, string>()
  let found = 0
  for (let start = 0; start <= body.length;) {
    const ampersand = body.indexOf('&', start)
    const end = ampersand < 0 ? body.length : ampersand
    if (++found > maxParameters) return undefined
    const pair = body.slice(start, end)
    start = end + 1
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decodeParameter(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : decodeParameter(pair.slice(equals + 1))
    if (name === undefined || value === undefined || form.has(name)) return undefined
    form.set(name, value)
  }
  return form
}

/**
 * Reads a form that a framework has parsed: an object whose members are texts. A list is a name that occurred twice,
 * an object a name with brackets; `undefined` for either.
 */
export function formFromObject(body: object): Form | undefined {
  const entries = Object.entries(body)
  if (Array.isArray(body) || entries.length > MAX_PARAMETERS) return undefined
  const form = new Map<string, string>()
  for (const [name, value] of entries as [string, unknown][]) {
    if (typeof value !== 'string') return undefined
    form.set(name, value)
  }
  return form
}
