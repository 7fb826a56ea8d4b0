import { answer, type Answer, PASS } from '../contract/check.ts'
import { type Guard, NO_GUARD } from '../contract/guard.ts'
import { optional, type OptionReaders, type Place, readOptions, required } from '../options/read.ts'
import { distinctList, scopeName, text, textThat } from '../options/readers.ts'

/**
 * What clients may know of the API before they call it: who issues tokens for it, and with which scopes.
 *
 * The gate answers for its well-known path, to everybody, and names it in every challenge.
 *
 * @example
 * protectedResource: { resource: 'https://api.example.com', authorizationServers: ['https://id.example.com'] }
 * @see RFC 9728
 */
export interface ProtectedResource {
  /**
   * The identifier of the API: an https URL without query and fragment, exactly as clients know it and as tokens name
   * it in `aud`. A path in it becomes the end of the well-known path (RFC 9728 §3.1).
   */
  readonly resource: string
  /** The issuers whose tokens the API takes. */
  readonly authorizationServers?: readonly string[]
  /** The scopes that clients may ask for. */
  readonly scopes?: readonly string[]
  /** What people call the API. */
  readonly name?: string
  /** Where its documentation is. */
  readonly documentation?: string
}

/** The metadata of a policy: the check that answers for them, and where they are. */
export interface CompiledResource extends Guard {
  /** Their URL, for the `resource_metadata` of challenges; `undefined` without them. */
  readonly url: string | undefined
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

const httpsUrl = textThat(isHttpsUrl, 'an https URL without query and fragment', "'https://api.example.com'")

const READERS = {
  resource: required(httpsUrl, "Write 'https://api.example.com'."),
  authorizationServers: optional(distinctList(httpsUrl, { min: 1, example: "['https://id.example.com']" })),
  scopes: optional(distinctList(scopeName(), { min: 1, example: "['data:read']" })),
  name: optional(text('a name', "what people call it, such as 'Orders'")),
  documentation: optional(httpsUrl),
} satisfies OptionReaders<ProtectedResource>

/** Compiles the answer to questions for the metadata of the API (PRM-01). */
export function compileProtectedResource(place: Place, value: unknown): CompiledResource {
  if (value === undefined) return NOTHING
  const read = readOptions(place, value, READERS)
  if (read?.resource === undefined) return NOTHING
  const { resource, authorizationServers, scopes, name, documentation } = read
  const { origin, pathname } = new URL(resource)
  // RFC 9728 §3.1: inserted between the host and the path, without the slash that stands alone.
  const path = WELL_KNOWN + (pathname === '/' ? '' : pathname)
  const body = JSON.stringify({
    resource,
    authorization_servers: authorizationServers,
    scopes_supported: scopes,
    // RFC 6750 §2.1; no other method is taken unless a policy dares.
    bearer_methods_supported: ['header'],
    resource_name: name,
    resource_documentation: documentation,
  })
  const found: Answer = Object.freeze(
    answer(200, ['Content-Type', 'application/json', 'Cache-Control', 'public, max-age=3600'], {
      kind: 'request.metadata',
      body,
    }),
  )
  return {
    url: origin + path,
    check: {
      name: 'protected-resource',
      decide: ({ method, path: asked }) =>
        asked === path && (method === 'GET' || method === 'HEAD') ? found : PASS,
    },
    response: undefined,
  }
}

const NOTHING: CompiledResource = Object.freeze({ ...NO_GUARD, url: undefined })

/** RFC 9728 §1.2, RFC 8414 §2: https, without query and fragment; what is written is what is compared. */
function isHttpsUrl(value: string): boolean {
  if (!URL.canParse(value) || value.includes('#') || value.includes('?')) return false
  const { protocol, username, password } = new URL(value)
  return protocol === 'https:' && username === '' && password === ''
}
