import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type Clock,
  type IntrospectionOptions,
  type JwtOptions,
  type JwtPrincipal,
  remoteKeys,
  systemClock,
} from '@gatehouse/core'
import { start } from './http.ts'
import { type CallerName, CALLERS, type TokenClaims, type TokenOptions } from './issuer/callers.ts'
import {
  answerDocument,
  answerJson,
  isClient,
  type IssuerEndpoint,
  misbehave,
  type Misbehaviour,
  PATHS,
  readForm,
} from './issuer/endpoints.ts'
import { type FakeAlgorithm, publicJwk, type SigningKey, signingKey, signParts } from './issuer/signing.ts'
import type { BadToken, TokenSource } from './refusals/tokens.ts'

/** Options of {@link fakeIssuer}. */
export interface FakeIssuerOptions {
  /**
   * The clock that its tokens live by: the one of the policy under test.
   *
   * @default the clock of this machine
   */
  readonly clock?: Clock
  /**
   * By what it signs.
   *
   * @default 'ES256'
   */
  readonly alg?: FakeAlgorithm
  /**
   * The `iss` of its tokens and metadata, for an API whose issuer is written down: it asks for the keys where
   * {@link FakeIssuer.jwtOptions} say, and not there.
   *
   * @default its own URL
   */
  readonly issuer?: string
  /**
   * The `aud` of its tokens.
   *
   * @default 'https://api.example.com'
   */
  readonly audience?: string
  /**
   * For how many seconds its keys may be kept (`Cache-Control: max-age`).
   *
   * @default 600
   */
  readonly maxAge?: number
}

/** An issuer of tokens on a loopback port, for tests. */
export interface FakeIssuer extends TokenSource {
  /** Where it listens: `http://127.0.0.1:PORT`. */
  readonly url: string
  /** The `iss` of its tokens. */
  readonly issuer: string
  /** The `aud` of its tokens. */
  readonly audience: string
  /** For the policy: `jwt(issuer.jwtOptions)`. It says that keys may be fetched over http, from this machine. */
  readonly jwtOptions: Pick<JwtOptions, 'issuer' | 'audience'> & {
    /** Fetched from {@link FakeIssuer.url}, so that rotation and failures are seen as they are in production. */
    readonly keys: ReturnType<typeof remoteKeys>
  }
  /** For the policy: `introspection(issuer.introspectionOptions)`. */
  readonly introspectionOptions: IntrospectionOptions
  /**
   * A token for `alice`, with the claims that are given, in the form of RFC 9068.
   *
   * @example
   * issuer.token({ sub: 'bob', scope: 'data:read data:write', roles: ['admin'] })
   * issuer.token({ tenant: 'acme' }, { expiresIn: -60 })
   */
  readonly token: (claims?: TokenClaims, options?: TokenOptions) => string
  /**
   * A token of one of the {@link CALLERS}, with changes.
   *
   * @example
   * issuer.as('alice')
   * issuer.as('bob', { tenant: 'acme' })
   */
  readonly as: (name: CallerName, changes?: TokenClaims) => string
  /** The caller whom a token of these claims makes, for `gate.explain` and for handlers that are called by hand. */
  readonly principal: (claims?: TokenClaims) => JwtPrincipal
  /** A token of a header and a payload as they are written, whose signature fits the current key. */
  readonly sign: (header: object | string, payload: object | string) => string
  /** What it publishes now. */
  readonly jwks: () => {
    /** The public halves, the current one and those that are not withdrawn yet. */
    readonly keys: readonly object[]
  }
  /** Its current key pair. */
  readonly key: () => SigningKey
  /**
   * Signs with a new key from now on. The last one stays published for a time, and is withdrawn then.
   *
   * @param keepMs for how long, by the clock; 0 withdraws all older keys at once
   * @returns the `kid` of the key that signed until now: `issuer.token({}, { key: kid })` still signs with it
   */
  readonly rotate: (keepMs?: number) => string
  /** Calls a token back: introspection says that it is not active. */
  readonly revoke: (token: string) => void
  /** Fails from now on, everywhere or at one endpoint, until {@link FakeIssuer.behave}. */
  readonly misbehave: (how: Misbehaviour, where?: IssuerEndpoint) => void
  /** Answers as it should again: late, what has hung until now. */
  readonly behave: () => void
  /** The paths that it was asked for, in order. */
  readonly asked: readonly string[]
  /** Forgets its connections and stops. A process does not wait for it. */
  readonly close: () => Promise<void>
}

const CLIENT_ID = 'the-api'
const CLIENT_SECRET = 'what the issuer gave to the API'

/**
 * Starts an issuer on 127.0.0.1: its metadata, its keys with `Cache-Control` and `ETag`, introspection (RFC 7662) and
 * revocation (RFC 7009). It gives tokens to whoever calls {@link FakeIssuer.token}, and has no login: for whole flows of
 * OAuth there is `oidc-provider`.
 *
 * @example
 * const issuer = await fakeIssuer()
 * const gate = gatehouse({ hosts: ['127.0.0.1'], https: 'dangerouslyAllowHttp', authenticate: jwt(issuer.jwtOptions) })
 * const authorization = `Bearer ${issuer.token({ sub: 'bob', roles: ['admin'] })}`
 */
export async function fakeIssuer(options: FakeIssuerOptions = {}): Promise<FakeIssuer> {
  const { clock = systemClock, alg = 'ES256', audience = 'https://api.example.com', maxAge = 600 } = options
  const keys = new Map<string, { readonly key: SigningKey; until: number }>()
  const issued = new Map<string, Readonly<Record<string, unknown>>>()
  const revoked = new Set<string>()
  const failing = new Map<IssuerEndpoint, Misbehaviour>()
  const asked: string[] = []
  const waiting = new Set<() => void>()
  const seconds = (): number => Math.floor(clock.now() / 1000)
  let current = addKey()
  const unpublished = signingKey(alg, current.kid)

  function addKey(): SigningKey {
    const key = signingKey(alg, `key-${keys.size + 1}`)
    keys.set(key.kid, { key, until: Infinity })
    return key
  }

  function jwks(): { readonly keys: readonly object[] } {
    const published = [...keys.values()].filter(({ until }) => clock.now() < until)
    return { keys: published.map(({ key }) => publicJwk(key)) }
  }

  function claimsOf(given: TokenClaims, expiresIn: number): Record<string, unknown> {
    const exp = seconds() + expiresIn
    const { scope, ...claims } = given
    const all: Record<string, unknown> = {
      iss: issuer,
      sub: 'alice',
      aud: audience,
      // Of a token that has ended: from before its end.
      iat: Math.min(seconds(), exp - 300),
      exp,
      jti: randomUUID(),
      client_id: 'a-client',
      scope: Array.isArray(scope) ? scope.join(' ') : scope,
      ...claims,
    }
    for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name]
    return all
  }

  function keyOf(name: string): SigningKey {
    if (name === 'unpublished') return { ...unpublished, kid: current.kid }
    const found = keys.get(name)
    if (found === undefined) throw new TypeError(`The issuer has no key "${name}".`)
    return found.key
  }

  function token(given: TokenClaims = {}, how: TokenOptions = {}): string {
    const claims = claimsOf(given, how.expiresIn ?? 300)
    const key = keyOf(how.key ?? current.kid)
    const header = { alg: key.alg, kid: key.kid, typ: 'at+jwt', ...how.header }
    const text = how.form === 'opaque' ? randomUUID() : signParts(header, claims, key)
    // Of what it did not sign itself it knows nothing.
    if (how.key !== 'unpublished') issued.set(text, claims)
    return text
  }

  function as(name: CallerName, changes: TokenClaims = {}): string {
    const { claims, options: how } = CALLERS[name]
    const nbf = name === 'early' ? { nbf: seconds() + 3600 } : {}
    return token({ ...claims, ...nbf, ...changes }, how)
  }

  const answers: Readonly<Record<IssuerEndpoint, (req: IncomingMessage, res: ServerResponse) => unknown>> = {
    metadata: (req, res) => answerDocument(req, res, metadata(), maxAge),
    keys: (req, res) => answerDocument(req, res, jwks(), maxAge),
    async introspection(req, res) {
      const text = await askedToken(req, res)
      if (text === undefined) return
      const claims = issued.get(text)
      const active = claims !== undefined && !revoked.has(text) && Number(claims['exp']) > seconds()
      answerJson(res, 200, active ? { active, token_type: 'Bearer', ...claims } : { active })
    },
    async revocation(req, res) {
      const text = await askedToken(req, res)
      if (text === undefined) return
      revoked.add(text)
      // RFC 7009 §2.2: whether there was such a token or not.
      res.writeHead(200, { 'Cache-Control': 'no-store' }).end()
    },
  }

  async function askedToken(req: IncomingMessage, res: ServerResponse): Promise<string | undefined> {
    const form = await readForm(req)
    if (!isClient(req, form, CLIENT_ID, CLIENT_SECRET)) {
      res.setHeader('WWW-Authenticate', 'Basic realm="issuer"')
      answerJson(res, 401, { error: 'invalid_client' })
      return undefined
    }
    const text = form.get('token')
    if (text === null) answerJson(res, 400, { error: 'invalid_request' })
    return text ?? undefined
  }

  const running = await start((req, res) => {
    const [path = '/'] = (req.url ?? '/').split('?')
    asked.push(path)
    const endpoint = Object.hasOwn(PATHS, path) ? PATHS[path] : undefined
    if (endpoint === undefined) return answerJson(res, 404, { error: 'not_found' })
    const answer = (): void => {
      Promise.resolve(answers[endpoint](req, res)).catch(() => res.destroy())
    }
    const how = failing.get(endpoint)
    if (how === undefined) return answer()
    if (how !== 'hangs') return misbehave(res, how)
    waiting.add(answer)
    res.once('close', () => waiting.delete(answer))
  })
  running.server.unref()
  const url = `http://127.0.0.1:${running.port}`
  const issuer = options.issuer ?? url

  function metadata(): object {
    return {
      issuer,
      jwks_uri: `${url}/jwks`,
      introspection_endpoint: `${url}/introspect`,
      revocation_endpoint: `${url}/revoke`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [alg],
    }
  }

  const reach = { allowPrivateAddresses: true, dangerouslyAllowHttp: true } as const
  const ownUrl = options.issuer === undefined
  return {
    url,
    issuer,
    audience,
    jwtOptions: {
      issuer,
      audience,
      keys: remoteKeys({ ...reach, algorithms: [alg], ...(!ownUrl && { url: `${url}/jwks` }) }),
    },
    introspectionOptions: {
      ...reach,
      issuer,
      audience,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      ...(!ownUrl && { url: `${url}/introspect` }),
    },
    token,
    as,
    principal(given = {}) {
      const claims = claimsOf(given, 300) as JwtPrincipal['claims']
      const { scope = '', roles = [] } = claims as { scope?: string; roles?: readonly string[] }
      return {
        scheme: 'jwt',
        subject: claims.sub,
        issuer,
        scopes: scope.split(' ').filter((name) => name !== ''),
        roles,
        claims,
      }
    },
    refused: (): readonly BadToken[] =>
      (Object.keys(CALLERS) as CallerName[])
        .filter((name) => CALLERS[name].refused)
        .map((name) => ({
          name: CALLERS[name].is,
          // Made when it is used: the clock may have moved on.
          get token() {
            return as(name)
          },
        })),
    sign: (header, payload) => signParts(header, payload, current),
    jwks,
    key: () => current,
    rotate(keepMs = 600_000) {
      const { kid } = current
      for (const each of keys.values()) {
        each.until = Math.min(each.until, keepMs === 0 ? -Infinity : clock.now() + keepMs)
      }
      current = addKey()
      return kid
    },
    revoke: (text) => void revoked.add(text),
    misbehave(how, where) {
      for (const endpoint of where === undefined ? Object.values(PATHS) : [where]) failing.set(endpoint, how)
    },
    behave() {
      failing.clear()
      for (const answer of waiting) answer()
      waiting.clear()
    },
    asked,
    close: running.close,
  }
}
