import { hasControl } from '../lib/access-names.ts'
import { type Form, parseForm } from '../lib/form.ts'
import { parseScopes } from './scopes.ts'

/** What a client asks for with a user's name and password. */
export interface PasswordForm {
  /** Tells it apart from a {@link FormProblem}. */
  readonly ok: true
  /** 1 to 256 characters, none of them a control character. */
  readonly username: string
  /** 1 to 1024 characters, none of them a control character. */
  readonly password: string
  /** The scopes that it asks for; empty when it leaves the choice to the server. */
  readonly scopes: readonly string[]
  /** What the form says of its client: nobody's word, until somebody has looked at the secret. */
  readonly clientId: string | undefined
  /** What the client authenticates with; `undefined` when it is public, or does so in the Authorization field. */
  readonly clientSecret: string | undefined
}

/** Why a form is refused, as RFC 6749 §5.2 says it to the client: constant text. */
export interface FormProblem {
  /** Tells it apart from a form that could be read. */
  readonly ok: false
  /** The `error` of the answer. */
  readonly error: 'invalid_request' | 'unsupported_grant_type'
  /** The `error_description` of the answer. */
  readonly description: string
}

/** The parameters of a request for a token, whatever the grant. */
export interface TokenForm {
  readonly ok: true
  readonly grantType: string
  /** The scopes that it asks for; empty when it leaves the choice to the server. */
  readonly scopes: readonly string[]
  readonly clientId: string | undefined
  readonly clientSecret: string | undefined
  readonly username: string | undefined
  readonly password: string | undefined
  readonly refreshToken: string | undefined
}

/** The most characters of each parameter; a password that a user can have is never near it. */
const MAX_LENGTHS: Readonly<Record<string, number>> = {
  grant_type: 64,
  username: 256,
  password: 1024,
  scope: 2048,
  client_id: 256,
  client_secret: 1024,
  refresh_token: 1024,
  token: 8192,
  token_type_hint: 64,
}

/** Whether a known parameter is too long, or has control characters. */
export function findFormProblem(form: Form): FormProblem | undefined {
  for (const [name, max] of Object.entries(MAX_LENGTHS)) {
    const value = form.get(name) ?? ''
    // RFC 6749 appendix A allows control characters in none of them, but for a tab, which nobody can type.
    if (value.length > max || hasControl(value))
      return invalid('A parameter is too long, or has control characters.')
  }
  return undefined
}

/**
 * Reads the form of a request for a token (RFC 6749 §4.3.2, §4.4.2, §6).
 *
 * A parameter without a value counts as left out (§3.2), one that is unknown is ignored, and one that occurs twice,
 * known or not, is refused.
 *
 * @param grants the grants that are offered
 * @param form `undefined` is one that could not be parsed
 * @param unsaid the grant of a form that names none; without it such a form is refused
 */
export function readTokenForm(
  form: Form | undefined,
  grants: readonly string[],
  unsaid?: string,
): TokenForm | FormProblem {
  if (form === undefined) return invalid('The form is malformed, or has a parameter more than once.')
  const problem = findFormProblem(form)
  if (problem !== undefined) return problem
  const grantType = parameter(form, 'grant_type') ?? unsaid
  if (grantType === undefined) return invalid('The parameter grant_type is missing.')
  if (!grants.includes(grantType)) {
    const known = grants.length === 1 ? `The only grant_type here is` : 'The values of grant_type here are'
    const description = `${known} ${grants.join(', ')}.`
    return { ok: false, error: 'unsupported_grant_type', description }
  }
  const username = parameter(form, 'username')
  const password = parameter(form, 'password')
  if (grantType === 'password' && (username === undefined || password === undefined))
    return invalid('The username or the password is missing.')
  const refreshToken = parameter(form, 'refresh_token')
  if (grantType === 'refresh_token' && refreshToken === undefined)
    return invalid('The parameter refresh_token is missing.')
  const scopes = parseScopes(form.get('scope') ?? '')
  if (scopes === undefined) return invalid('The parameter scope is malformed.')
  return {
    ok: true,
    grantType,
    scopes,
    clientId: parameter(form, 'client_id'),
    clientSecret: parameter(form, 'client_secret'),
    username,
    password,
    refreshToken,
  }
}

/** Options of {@link parsePasswordForm}. */
export interface PasswordFormOptions {
  /**
   * Whether a form must say `grant_type=password`, as RFC 6749 §4.3.2 has it, or may leave it out: for clients that were
   * written for a server that does not ask. Another grant is refused either way.
   *
   * @default 'required'
   */
  readonly grantType?: 'required' | 'optional'
}

/**
 * Reads the form of the password grant (RFC 6749 §4.3.2).
 *
 * A parameter without a value counts as left out (§3.2), one that is unknown is ignored, and one that occurs twice,
 * known or not, is refused.
 *
 * Advised against: RFC 9700 §2.4.
 *
 * It throws for no text, and its work is linear.
 *
 * @param body the text of the form; the caller bounds its length
 * @example
 * const form = parsePasswordForm(body)
 * if (!form.ok) return send(400, { error: form.error, error_description: form.description })
 * @see RFC 6749 §3.2, §4.3.2, appendix B
 */
export function parsePasswordForm(
  body: string,
  options: PasswordFormOptions = {},
): PasswordForm | FormProblem {
  const unsaid = options.grantType === 'optional' ? 'password' : undefined
  const form = readTokenForm(parseForm(body), ['password'], unsaid)
  if (!form.ok) return form
  const { username = '', password = '', scopes, clientId, clientSecret } = form
  return { ok: true, username, password, scopes, clientId, clientSecret }
}

/** A parameter that has a value. */
export function parameter(form: Form, name: string): string | undefined {
  const value = form.get(name)
  return value === '' ? undefined : value
}

function invalid(description: string): FormProblem {
  return { ok: false, error: 'invalid_request', description }
}
