import type { IncomingHttpHeaders } from 'node:http'

/** Fields of one kind that something in front of a server writes; a name that ends in `*` is that of all that begin so. */
interface Family {
  /** Who writes them. */
  readonly by: string
  /** Whether they tell where a request comes from, or who is calling. */
  readonly tell: 'where' | 'who'
  readonly names: readonly string[]
}

/**
 * Fields that tell a server what a proxy knows: who is calling, and from where. In what comes from anybody else they are
 * forged, and whatever stands behind the gate may believe them (ASVS 4.1.3 names `X-Real-IP`, `X-Forwarded-*` and
 * `X-User-ID`).
 *
 * What is signed (`Cf-Access-Jwt-Assertion`, `X-Goog-Iap-Jwt-Assertion`) is not here: nobody can forge it, and whoever
 * reads it verifies it.
 */
export const FAMILIES: readonly Family[] = [
  { by: 'RFC 7239', tell: 'where', names: ['forwarded'] },
  // Before x-forwarded-*, for what is told of them: oauth2-proxy, and Envoy.
  {
    by: 'oauth2-proxy',
    tell: 'who',
    names: [
      'x-forwarded-user',
      'x-forwarded-email',
      'x-forwarded-groups',
      'x-forwarded-preferred-username',
      'x-forwarded-access-token',
      'x-auth-request-*',
    ],
  },
  { by: 'Envoy', tell: 'who', names: ['x-forwarded-client-cert'] },
  {
    by: 'proxies of every kind',
    tell: 'where',
    names: ['x-forwarded', 'x-forwarded-*', 'x-real-ip', 'x-client-ip', 'x-cluster-client-ip', 'client-ip'],
  },
  { by: 'Akamai and Cloudflare', tell: 'where', names: ['true-client-ip'] },
  { by: 'Cloudflare', tell: 'where', names: ['cf-connecting-ip', 'cf-connecting-ipv6'] },
  { by: 'Fastly', tell: 'where', names: ['fastly-client-ip'] },
  { by: 'Fly.io', tell: 'where', names: ['fly-client-ip'] },
  { by: 'Envoy', tell: 'where', names: ['x-envoy-external-address'] },
  { by: 'ingress-nginx', tell: 'where', names: ['x-original-forwarded-for'] },
  { by: 'Azure Front Door', tell: 'where', names: ['x-azure-clientip', 'x-azure-socketip', 'x-azure-fdid'] },
  { by: 'App Engine', tell: 'where', names: ['x-appengine-user-ip'] },
  { by: 'RFC 9440', tell: 'who', names: ['client-cert', 'client-cert-chain'] },
  { by: 'ingress-nginx', tell: 'who', names: ['ssl-client-*'] },
  {
    by: 'HAProxy, nginx and Apache, by custom',
    tell: 'who',
    names: ['x-client-cert*', 'x-ssl-client-*', 'x-ssl-cert'],
  },
  { by: 'AWS load balancers', tell: 'who', names: ['x-amzn-oidc-*', 'x-amzn-mtls-clientcert*'] },
  { by: 'Azure App Service', tell: 'who', names: ['x-ms-client-principal*'] },
  {
    by: 'Google Cloud',
    tell: 'who',
    names: ['x-goog-authenticated-user-*', 'x-endpoint-api-userinfo', 'x-apigateway-api-userinfo'],
  },
  { by: 'Cloudflare Access', tell: 'who', names: ['cf-access-authenticated-user-email'] },
  { by: 'Tailscale', tell: 'who', names: ['tailscale-user-*'] },
  { by: 'Authelia', tell: 'who', names: ['remote-user', 'remote-groups', 'remote-name', 'remote-email'] },
  {
    by: 'Kubernetes, and Apache by custom',
    tell: 'who',
    names: ['x-remote-user', 'x-remote-group', 'x-remote-extra-*'],
  },
  { by: 'Kong', tell: 'who', names: ['x-authenticated-*', 'x-consumer-*', 'x-credential-identifier'] },
  { by: 'Grafana', tell: 'who', names: ['x-webauth-*'] },
  { by: 'authentik', tell: 'who', names: ['x-authentik-*'] },
  { by: 'Pomerium', tell: 'who', names: ['x-pomerium-claim-*'] },
  { by: 'Vouch', tell: 'who', names: ['x-vouch-*'] },
  { by: 'backends for frontends, by custom', tell: 'who', names: ['x-user', 'x-user-*'] },
]

/** Named like one of them, and sent by clients: gRPC-Web says there what it is. */
const OF_CLIENTS = ['x-user-agent'] as const

/** As much of a request as is changed. */
export interface Strippable {
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: string[]
  readonly headersDistinct?: NodeJS.Dict<string[]>
}

/** The fields that are believed of proxies alone. */
export interface UntrustedFields {
  /** Whether there is one of them; nearly every request has none, and pays for no more than this. */
  readonly isIn: (rawHeaders: readonly string[]) => boolean
  /** Takes them off a request, wherever node:http keeps them; gives what they were. */
  readonly remove: (request: Strippable) => readonly Removed[]
}

/** A name of the table under which something was removed. */
export interface Removed {
  readonly name: string
  readonly tell: 'where' | 'who'
}

/** A name of the table, in lower case. */
interface Wanted extends Removed {
  readonly text: string
  /** How long a name is that it fits. */
  readonly least: number
  readonly most: number
}

/**
 * Compiles the table.
 *
 * @param added names that are in no family, in lower case
 * @param kept names that stay whoever sends them, in lower case: those that the policy reads credentials from, say
 */
export function compileUntrustedFields(added: readonly string[], kept: readonly string[]): UntrustedFields {
  const stays = new Set<string>([...OF_CLIENTS, ...kept])
  const beginnings = kept.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1))
  const isKept = (name: string): boolean => {
    const written = name.toLowerCase().replaceAll('_', '-')
    return stays.has(written) || beginnings.some((beginning) => written.startsWith(beginning))
  }
  const buckets: Wanted[][] = Array.from({ length: 1024 }, () => [])
  for (const { names, tell } of [...FAMILIES, { names: added, tell: 'who' } as const]) {
    for (const name of names) {
      if (stays.has(name)) continue
      const isPrefix = name.endsWith('*')
      const text = isPrefix ? name.slice(0, -1) : name
      // A beginning that ends in a hyphen is no name by itself.
      const least = isPrefix && text.endsWith('-') ? text.length + 1 : text.length
      const most = isPrefix ? Infinity : text.length
      buckets[bucketOf(text)]?.push({ text, least, most, name, tell })
    }
  }
  const wanted = (name: string): Wanted | undefined => {
    for (const each of buckets[bucketOf(name)] ?? [])
      if (isWanted(name, each)) return isKept(name) ? undefined : each
    return undefined
  }
  return {
    isIn(rawHeaders) {
      for (let i = 0; i < rawHeaders.length; i += 2)
        if (wanted(rawHeaders[i] ?? '') !== undefined) return true
      return false
    },
    remove: (request) => remove(request, wanted),
  }
}

const HYPHEN = 0x2d
const UNDERSCORE = 0x5f

/** By the first and third letters: most names of honest requests share theirs with none of the table. */
function bucketOf(name: string): number {
  const third = name.charCodeAt(2)
  return ((name.charCodeAt(0) & 31) << 5) | ((third === UNDERSCORE ? HYPHEN : third) & 31)
}

/** Without regard to case, and with `_` for `-`: what passes fields on as variables of an environment sees no difference. */
function isWanted(name: string, { text, least, most }: Wanted): boolean {
  if (name.length < least || name.length > most) return false
  for (let i = 0; i < text.length; i++) {
    const code = name.charCodeAt(i)
    const other = text.charCodeAt(i)
    // Letters fold by one bit. No other character of a field name folds to one of the table.
    if (code !== other && (code | 0x20) !== other && !(code === UNDERSCORE && other === HYPHEN)) return false
  }
  return true
}

function remove(
  { headers, headersDistinct, rawHeaders }: Strippable,
  wanted: (name: string) => Wanted | undefined,
): readonly Removed[] {
  // node:http makes both objects of the list when they are asked for, by its length at the beginning: they have been by now.
  const found = new Set<Wanted>()
  let kept = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    const match = wanted(name)
    if (match === undefined) {
      rawHeaders[kept] = name
      rawHeaders[kept + 1] = rawHeaders[i + 1] ?? ''
      kept += 2
      continue
    }
    found.add(match)
    const key = name.toLowerCase()
    delete headers[key]
    if (headersDistinct !== undefined) delete headersDistinct[key]
  }
  rawHeaders.length = kept
  return [...found]
}
