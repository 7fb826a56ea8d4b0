import { hasControl } from '../lib/access-names.ts'
import { type Form, parseForm } from './form.ts'
import { parseScopes } from './scopes.ts'

/** What a client asks for with a user's name and password. */
export interface PasswordForm {
  readonly ok: true
  readonly username: string
  readonly password: string
  /** The scopes that it asks for; empty when it leaves the choice to the server. */
  readonly scopes: readonly string[]
  readonly clientId: string | undefined
  readonly clientSecret: string | undefined
}

/** Why a form is refused, as RFC 6749 §5.2 says it to the client: constant text. */
export interface FormProblem {
  readonly ok: false
  readonly error: 'invalid_request' | 'unsupported_grant_type'
  readonly description: string
}

/** The most characters of each parameter; a password that a user can have is never near it. */
const MAX_LENGTHS: Readonly<Record<string, number>> = {
  grant_type: 64,
  username: 256,
  password: 1024,
  scope: 2048,
  client_id: 256,
  client_secret: 1024,
}

/**
 * Reads the form of the password grant (RFC 6749 §4.3.2).
 *
 * A parameter without a value counts as left out (§3.2), one that is unknown is ignored, and one that occurs twice,
 * known or not, is refused.
 *
 * @param body the text of the form; the caller bounds its length
 */
export function parsePasswordForm(body: string): PasswordForm | FormProblem {
  return readPasswordForm(parseForm(body))
}

/** Reads the same from a parsed form; `undefined` is one that could not be parsed. */
export function readPasswordForm(form: Form | undefined): PasswordForm | FormProblem {
  if (form === undefined) return invalid('The form is malformed, or has a parameter more than once.')
  for (const [name, max] of Object.entries(MAX_LENGTHS)) {
    const value = form.get(name) ?? ''
    // RFC 6749 appendix A allows control characters in none of them, but for a tab, which nobody can type.
    if (value.length > max || hasControl(value))
      return invalid('A parameter is too long, or has control characters.')
  }
  const grantType = parameter(form, 'grant_type')
  if (grantType === undefined) return invalid('The parameter grant_type is missing.')
  if (grantType !== 'password') {
    return {
      ok: false,
      error: 'unsupported_grant_type',
      description: 'The only grant_type here is password.',
    }
  }
  const username = parameter(form, 'username')
  const password = parameter(form, 'password')
  if (username === undefined || password === undefined)
    return invalid('The username or the password is missing.')
  const scopes = parseScopes(form.get('scope') ?? '')
  if (scopes === undefined) return invalid('The parameter scope is malformed.')
  return {
    ok: true,
    username,
    password,
    scopes,
    clientId: parameter(form, 'client_id'),
    clientSecret: parameter(form, 'client_secret'),
  }
}

function parameter(form: Form, name: string): string | undefined {
  const value = form.get(name)
  return value === '' ? undefined : value
}

function invalid(description: string): FormProblem {
  return { ok: false, error: 'invalid_request', description }
}
