import { isScopeToken } from '../lib/access-names.ts'

/**
 * Reads a `scope` parameter or claim: scopes with one space between them, none of them empty.
 *
 * The empty text is no scope at all: issuers write it for a token without any. A scope that is said twice counts
 * once. `undefined` when the text is not of this form.
 *
 * @see RFC 6749 §3.3
 */
export function parseScopes(text: string): readonly string[] | undefined {
  if (text === '') return []
  // Most tokens have one: no set is made to find it twice.
  if (!text.includes(' ')) return isScopeToken(text) ? [text] : undefined
  const scopes = text.split(' ')
  return scopes.every(isScopeToken) ? [...new Set(scopes)] : undefined
}
