import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { hasControl } from '../../lib/access-names.ts'
import { equalSecrets } from '../../lib/digest.ts'
import { decodeParameter } from '../../lib/query.ts'
import { hashApiKey, readKeyHash } from '../api-key-format.ts'
import { parseBasic } from '../basic.ts'
import type { TokenForm } from '../oauth2-form.ts'
import { isNothing } from './account.ts'
import { INVALID_CLIENT, INVALID_CLIENT_CHALLENGED, type Reply, refusal } from './reply.ts'

/** A way to get a token, as `grant_type` says it (RFC 6749 §1.3). `password` is advised against: RFC 9700 §2.4. */
export type GrantType = 'password' | 'client_credentials' | 'refresh_token'

/** A client, as a policy or a database keeps it: everything but its secret. */
export interface OAuthClient {
  /** Its `client_id`; never the subject of a user (RFC 9068 §5). */
  readonly id: string
  /**
   * SHA-256 of its secret, in hexadecimal or base64url: what `generateApiKey` and `hashApiKey` give. Two while it is
   * replaced. The secret is random; one that people chose would need a slow hash.
   */
  readonly secretHash?: string | readonly string[]
  /** Says that it can keep no secret: an app in a browser or on a phone. It is known by its id alone. */
  readonly public?: true
  /** How it may get tokens. */
  readonly grants: readonly GrantType[]
  /** The scopes that its tokens may have; none when left out. */
  readonly scopes?: readonly string[]
  /** What it is, in tokens of its own: those of `client_credentials`. */
  readonly roles?: readonly string[]
  /** Further claims of tokens of its own. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** Finds a client by its id; nothing means that there is none. Its secret is compared for you. */
export type FindClient = (clientId: string) => OAuthClient | undefined | Promise<OAuthClient | undefined>

/** Who asks: a client, or the answer to one that nobody knows. */
export type ClientResult =
  | { readonly type: 'client'; readonly client: OAuthClient }
  | { readonly type: 'refused'; readonly reply: Reply; readonly reason: string }

/** What a client says of itself. */
interface Presented {
  readonly id: string
  readonly secret: string | undefined
}

const TWO_WAYS = refusal(400, 'invalid_request', 'The client authenticates in more than one way.')
const REPEATED = refusal(400, 'invalid_request', 'The Authorization field occurs more than once.')

/**
 * What is compared where there is no secret, or no second one, so that it takes as long (AUT-08): unknown clients,
 * known ones, and those whose secret is replaced at the moment.
 */
const NOBODY = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')]

/**
 * Finds out which client asks: by `client_secret_basic`, `client_secret_post`, or its id alone where it is public.
 *
 * @throws when the look-up does, or gives no client: nobody knows whether it would have been right
 * @see RFC 6749 §2.3, §2.3.1, §5.2
 */
export async function authenticateClient(
  find: FindClient,
  form: Pick<TokenForm, 'clientId' | 'clientSecret'>,
  req: IncomingMessage,
): Promise<ClientResult> {
  const challenged = req.headers.authorization !== undefined
  const presented = challenged ? fromAuthorization(req, form) : fromForm(form)
  if (presented === undefined) return wrong(challenged, 'it did not say who it is')
  if ('type' in presented) return presented
  const given = await find(presented.id)
  const client = isNothing(given) ? undefined : given
  if (!isClient(client, presented, secretsOf(client)))
    return wrong(challenged, 'its secret is wrong, or it is unknown')
  return { type: 'client', client }
}

function fromForm({
  clientId,
  clientSecret,
}: Pick<TokenForm, 'clientId' | 'clientSecret'>): Presented | undefined {
  return clientId === undefined ? undefined : { id: clientId, secret: clientSecret }
}

function fromAuthorization(
  req: IncomingMessage,
  form: Pick<TokenForm, 'clientId' | 'clientSecret'>,
): Presented | Extract<ClientResult, { type: 'refused' }> | undefined {
  const lines = req.rawHeaders.filter((text, i) => i % 2 === 0 && text.toLowerCase() === 'authorization')
  if (lines.length > 1)
    return { type: 'refused', reply: REPEATED, reason: 'the Authorization field is repeated' }
  const parsed = parseBasic(req.headers.authorization ?? '')
  if (parsed.type !== 'credentials') return undefined
  // RFC 6749 §2.3.1: both are form-urlencoded before they become a name and a password.
  const id = decodeParameter(parsed.username)
  const secret = decodeParameter(parsed.password)
  if (id === undefined || secret === undefined || id === '' || hasControl(id + secret)) return undefined
  // RFC 6749 §2.3: a client MUST NOT use more than one method in one request.
  if (form.clientSecret !== undefined || (form.clientId !== undefined && form.clientId !== id))
    return { type: 'refused', reply: TWO_WAYS, reason: 'it authenticates in more than one way' }
  return { id, secret: secret === '' ? undefined : secret }
}

/** The digests that fit; none for a public client, and for none at all. */
function secretsOf(client: OAuthClient | undefined): readonly string[] {
  if (client === undefined) return []
  const { secretHash, grants } = client
  // A text has an `includes` of its own, which would find a grant in a longer word.
  if (!Array.isArray(grants)) throw new TypeError('The grants of a client are a list')
  if ((client.public === true) === (secretHash !== undefined))
    throw new TypeError('A client has either a secretHash or public: true')
  if (secretHash === undefined) return []
  return (typeof secretHash === 'string' ? [secretHash] : secretHash).map((hash) => {
    const read = readKeyHash(hash)
    if (read === undefined) throw new TypeError('The secretHash of a client is no SHA-256 digest')
    return read
  })
}

function isClient(
  client: OAuthClient | undefined,
  presented: Presented,
  secrets: readonly string[],
): client is OAuthClient {
  const hash = hashApiKey(presented.secret ?? '')
  let fits = false
  // All of them, so that the time does not tell which one it was.
  for (const secret of secrets) fits = equalSecrets(hash, secret) || fits
  for (const secret of NOBODY.slice(secrets.length)) equalSecrets(hash, secret)
  if (client === undefined) return false
  // A look-up that ignores case would give one client several names.
  if (client.id !== presented.id) return false
  return client.public === true ? presented.secret === undefined : fits && presented.secret !== undefined
}

function wrong(challenged: boolean, reason: string): ClientResult {
  return { type: 'refused', reply: challenged ? INVALID_CLIENT_CHALLENGED : INVALID_CLIENT, reason }
}
