import { parseAuthority } from '../lib/authority.ts'
import { formatIp } from '../lib/ip.ts'
import type { Facts } from '../request/facts.ts'
import { fieldText, splitEntries } from '../request/forwarded-for.ts'
import type { ProxyTrust } from '../request/proxy.ts'

/** What is wrong between clients and the gate: with the proxies, or with what the policy says of them. */
export interface ProxyFinding {
  /**
   * - `unreachable`: nothing answered under the URL.
   * - `unseen`: something answered, and this gate saw no request: another process, or another server.
   * - `inconclusive`: the request came from an address that the policy trusts as a proxy's, so that what it made up is
   *   believed, as the policy says.
   * - `forged-client`: an address that the request made up was taken for its client.
   * - `forged-scheme`, `forged-host`: so were a scheme or a host.
   * - `unknown-client`: the client cannot be determined.
   * - `untrusted-proxy`: a proxy that the policy does not trust writes forwarding fields.
   * - `client-is-proxy`: a proxy of the policy is taken for the client.
   * - `wrong-scheme`, `wrong-host`: the gate sees another scheme or host than clients use.
   */
  readonly code:
    | 'unreachable'
    | 'unseen'
    | 'inconclusive'
    | 'forged-client'
    | 'forged-scheme'
    | 'forged-host'
    | 'unknown-client'
    | 'untrusted-proxy'
    | 'client-is-proxy'
    | 'wrong-scheme'
    | 'wrong-host'
  /** What is wrong. */
  readonly message: string
  /** What to write instead, in the policy or in the proxy. */
  readonly instead: string
}

/** Of a network for documentation (RFC 5737 §3), and of a name that nobody can have (RFC 6761 §6.4). */
const FORGED_ADDRESS = '192.0.2.66'
const FORGED_HOST = 'forged.invalid'

/** The field by which the gate knows its own request. */
export const PROBE_FIELD = 'x-gatehouse-probe'

/** What the request is sent with: all that a client has no business to say. */
export function probeFields(
  url: URL,
  id: string,
  header: string | undefined,
): Readonly<Record<string, string>> {
  const scheme = url.protocol === 'https:' ? 'http' : 'https'
  return {
    ...(header === undefined ? {} : { [header]: FORGED_ADDRESS }),
    'x-forwarded-for': FORGED_ADDRESS,
    'x-real-ip': FORGED_ADDRESS,
    'x-forwarded-proto': scheme,
    'x-forwarded-host': FORGED_HOST,
    forwarded: `for=${FORGED_ADDRESS};proto=${scheme};host=${FORGED_HOST}`,
    [PROBE_FIELD]: id,
  }
}

/** What the gate saw of its own request. */
export interface Sighting {
  readonly client: string | undefined
  readonly peer: string | undefined
  readonly scheme: string
  readonly host: string | undefined
  readonly trusted: boolean
  /** How many entries proxies have appended to the header of the setting. */
  readonly appended: number
  /** Whether the header of the setting was there. */
  readonly hasHeader: boolean
}

/** Notes what is asked about later; the fields themselves may be removed then. */
export function sightingOf(
  facts: Facts,
  { header = 'x-forwarded-for' }: Pick<ProxyTrust, 'header'>,
): Sighting {
  const { client, peer, scheme, authority, forwarding } = facts
  const text = fieldText(facts, header)
  const entries = (text === undefined ? undefined : splitEntries(text)) ?? []
  return {
    client: client && formatIp(client),
    peer: peer && formatIp(peer),
    scheme,
    host: authority?.host,
    trusted: forwarding.trusted,
    // A proxy may drop what came and write its own entry, or append to it.
    appended: entries[0]?.includes(FORGED_ADDRESS) === true ? entries.length - 1 : entries.length,
    hasHeader: text !== undefined,
  }
}

const NAME_IT =
  'name it in proxy: by its addresses (trustedRanges), or by the number of proxies (trustedHops).'

/** What is wrong with what the gate saw, by what it should have seen. */
export function findingsOf(
  url: URL,
  seen: Sighting,
  { hops, header }: Pick<ProxyTrust, 'hops' | 'header'>,
): readonly ProxyFinding[] {
  return [clientFinding(seen, hops, header), schemeFinding(url, seen), hostFinding(url, seen)].filter(
    (finding) => finding !== undefined,
  )
}

function clientFinding(
  { client, peer, trusted, appended, hasHeader }: Sighting,
  hops: number | undefined,
  header: string | undefined,
): ProxyFinding | undefined {
  const counted =
    appended === 0
      ? `Nothing in front of this server writes ${header ?? 'x-forwarded-for'}: write proxy: 'none', or let the proxy write it.`
      : `Write trustedHops: ${appended}, if all of them are yours; better, write trustedRanges with their addresses.`
  if (client === FORGED_ADDRESS && hops === undefined && appended > 0) {
    // All entries to the right of it are of trusted addresses (PRX-05), and the last but those of proxies is this server's.
    const message = 'The check itself came from an address in trustedRanges, and was believed like a proxy.'
    const instead =
      'Write the addresses of your proxies alone into trustedRanges, or ask from another machine.'
    return { code: 'inconclusive', message, instead }
  }
  if (client === FORGED_ADDRESS) {
    const message = 'The address that a client makes up is believed.'
    const instead =
      hops === undefined
        ? `Let your proxy overwrite ${header ?? 'the header'} on every request, and take out of trustedRanges whoever does not.`
        : counted
    return { code: 'forged-client', message, instead }
  }
  if (client === undefined) {
    return {
      code: 'unknown-client',
      message: 'The address of the client cannot be determined.',
      instead: counted,
    }
  }
  if (!trusted && appended > 0) {
    const message = `A proxy at ${peer ?? 'an unknown address'} writes forwarding fields, and the policy does not trust it.`
    const instead =
      peer === undefined
        ? `If it is yours, ${NAME_IT}`
        : `If it is yours, write proxy: { trustedRanges: ['${peer}'] }.`
    return { code: 'untrusted-proxy', message, instead }
  }
  if (trusted && (!hasHeader || (hops !== undefined && appended > hops))) {
    const message = hasHeader
      ? `${appended} proxies append to the header, and the policy counts ${hops}: one of them is taken for the client.`
      : `The proxy at ${peer} does not write ${header}, and is taken for the client.`
    const instead = hasHeader ? counted : `Let it write ${header}, or name the header that it writes.`
    return { code: 'client-is-proxy', message, instead }
  }
  return undefined
}

function schemeFinding(url: URL, { scheme, trusted }: Sighting): ProxyFinding | undefined {
  if (url.protocol === `${scheme}:`) return undefined
  if (scheme === 'https') {
    const message = 'The scheme that a client makes up is believed.'
    return {
      code: 'forged-scheme',
      message,
      instead: 'Let your proxy overwrite X-Forwarded-Proto on every request.',
    }
  }
  const message = 'Clients use https, and the gate sees plain http: it would redirect them for ever.'
  const instead = trusted
    ? 'Let your proxy write X-Forwarded-Proto, or proto in Forwarded.'
    : `Something ends TLS in front of this server: ${NAME_IT}`
  return { code: 'wrong-scheme', message, instead }
}

function hostFinding(url: URL, { host }: Sighting): ProxyFinding | undefined {
  if (host === parseAuthority(url.host)?.host) return undefined
  return host === FORGED_HOST
    ? {
        code: 'forged-host',
        message: 'The host that a client makes up is believed.',
        instead: 'Let your proxy overwrite X-Forwarded-Host on every request, or leave out proxy.host.',
      }
    : {
        code: 'wrong-host',
        message: 'The gate sees another host than clients ask for.',
        instead:
          'Let your proxy hand on the Host of the client, as with proxy_set_header Host $host in nginx.',
      }
}

/** Nothing answered, and why. */
export function unreachable(why: string): ProxyFinding {
  return {
    code: 'unreachable',
    message: `Nothing answered under the URL: ${why}.`,
    instead:
      'Give the URL that clients use, once the server listens, and from where it can be reached. A certificate of your own needs NODE_EXTRA_CA_CERTS.',
  }
}

/** Somebody else answered. */
export const UNSEEN: ProxyFinding = Object.freeze({
  code: 'unseen',
  message: 'Something answered, and this gate saw no request.',
  instead:
    'Another process or server answers under the URL, or a proxy removes the field X-Gatehouse-Probe. Ask again, or ask the one that it leads to.',
})

/** How long an answer may take unless it is said, in milliseconds. */
const PATIENCE_MS = 5_000

/** Sends the request; whatever comes back is an answer, and is not read. Gives why there was none. */
export async function sendProbe(
  url: URL,
  headers: Readonly<Record<string, string>>,
  timeout: number = PATIENCE_MS,
): Promise<string | undefined> {
  try {
    const response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(timeout) })
    await response.body?.cancel()
    return undefined
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') return `it took longer than ${timeout} ms`
    // What fetch throws says "fetch failed"; ENOTFOUND, ECONNREFUSED, DEPTH_ZERO_SELF_SIGNED_CERT stand in its cause.
    const { code } = ((error as Error).cause ?? {}) as { readonly code?: unknown }
    return typeof code === 'string' ? code : 'the connection failed'
  }
}
