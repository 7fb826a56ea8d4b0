import { PASS, type Refusal, refuse, type Verdict } from '../contract/check.ts'
import type { Guard } from '../contract/guard.ts'
import type { RequestFacts } from '../contract/request.ts'
import { type Authority, isLocalName, parseAuthority } from '../lib/authority.ts'
import { isLoopback, parseIp } from '../lib/ip.ts'
import { at, type Place, report } from '../options/read.ts'
import { list } from '../options/readers.ts'

/** The hosts that a policy answers for. */
export interface HostList {
  /** Whether a request over `scheme` for this authority is among them. */
  readonly includes: (authority: Authority, scheme: RequestFacts['scheme']) => boolean
  /** Whether all of them are names and addresses of the own machine. */
  readonly isLocal: boolean
}

/** Stands for whatever port is the default of the request's scheme. */
const DEFAULT_PORT = 0
type Ports = Set<number>

/** One entry of `hosts`. */
interface Entry {
  readonly authority: Authority
  /** Whether it stands for the names below its host, and not for the host itself. */
  readonly wildcard: boolean
}

const EXAMPLE = "a list of hosts, such as ['api.example.com', 'localhost:3000']"
const FORMS =
  "Write a host with or without a port: 'api.example.com', 'localhost:3000', '[::1]:3000', '*.example.com'."

const MISSING: Refusal = Object.freeze(refuse('host.missing', 'there is no Host field'))
const REPEATED: Refusal = Object.freeze(refuse('host.repeated', 'there is more than one Host field'))
const MALFORMED: Refusal = Object.freeze(
  refuse('host.malformed', 'the Host field is not a host and optional port'),
)
const DISAGREE: Refusal = Object.freeze(
  refuse('host.malformed', 'the Host field and :authority name different hosts'),
)
const UNKNOWN: Refusal = Object.freeze(refuse('host.unknown', 'the host is not in the list of hosts'))

/**
 * Compiles the check of a request's host from the two words that a policy has for it, of which it must say one.
 *
 * @param place the policy: mistakes are reported at its `hosts` and `dangerouslyAnyHost`
 * @see RFC 9112 §3.2, RFC 9110 §4.2.3, §7.2, §7.4
 */
export function compileHosts(
  place: Place,
  hosts: unknown,
  anyHost: unknown,
): Guard & { readonly hosts: HostList } {
  const any = readAnyHost(at(place, 'dangerouslyAnyHost'), anyHost)
  if (any && hosts !== undefined) {
    report(
      at(place, 'dangerouslyAnyHost'),
      'contradiction',
      'lets in every host, and the policy has "hosts".',
      'Leave one of the two out.',
    )
  }
  if (!any && hosts === undefined) {
    report(
      at(place, 'hosts'),
      'missing_option',
      'is missing.',
      `Write ${EXAMPLE}, or dangerouslyAnyHost: true.`,
    )
  }
  const listed = hostList(hosts === undefined ? [] : readEntries(at(place, 'hosts'), hosts))
  const included: HostList = any ? { includes: () => true, isLocal: false } : listed
  return { check: { name: 'hosts', decide: decider(included, any) }, response: undefined, hosts: included }
}

function decider(hosts: HostList, any: boolean): (request: RequestFacts) => Verdict {
  return (request) => {
    if (request.count('host') > 1) return REPEATED
    const { authority, headers } = request
    const pseudo = headers[':authority']
    const text = headers.host ?? pseudo
    if (typeof text !== 'string') {
      // RFC 9112 §3.2 asks HTTP/1.1 for the field. HTTP/1.0 may leave it out, and is served where the host is no
      // matter, or where a trusted proxy names it.
      if (request.httpVersion !== '1.0' || (authority === undefined && !any)) return MISSING
      if (authority === undefined) return PASS
    } else if (parseAuthority(text) === undefined || authority === undefined) {
      // The field is looked at even where a trusted proxy names the host: frameworks build links from it.
      return MALFORMED
    } else if (pseudo !== undefined && pseudo !== text && !isSameHost(String(pseudo), text)) {
      return DISAGREE
    }
    return authority !== undefined && hosts.includes(authority, request.scheme) ? PASS : UNKNOWN
  }
}

/** RFC 9113 §8.3.1: a request whose `Host` differs from its `:authority` is to be treated as malformed. */
function isSameHost(a: string, b: string): boolean {
  const one = parseAuthority(a)
  const other = parseAuthority(b)
  return one !== undefined && one.host === other?.host && one.port === other.port
}

function hostList(entries: readonly Entry[]): HostList {
  const exact = new Map<string, Ports>()
  const below = new Map<string, Ports>()
  for (const { authority, wildcard } of entries) {
    const table = wildcard ? below : exact
    const key = wildcard ? `.${authority.host}` : authority.host
    const ports = table.get(key) ?? new Set()
    table.set(key, ports.add(authority.port ?? DEFAULT_PORT))
  }
  const suffixes = [...below]

  return {
    isLocal: entries.every(({ authority }) => isLocal(authority)),
    includes({ host, port }, scheme) {
      const standard = scheme === 'https' ? 443 : 80
      // RFC 9110 §4.2.3: a default port and none at all are the same.
      const effective = port ?? standard
      if (accepts(exact.get(host), effective, standard)) return true
      for (const [suffix, ports] of suffixes) {
        // The dot in front keeps evilexample.com out, and the name of the list itself.
        if (host.endsWith(suffix) && accepts(ports, effective, standard)) return true
      }
      return false
    },
  }
}

/** Names that mean the own machine, and addresses that do. */
function isLocal({ host, kind }: Authority): boolean {
  if (kind === 'name') return isLocalName(host)
  const ip = parseIp(host)
  return ip !== undefined && isLoopback(ip)
}

function accepts(ports: Ports | undefined, effective: number, standard: number): boolean {
  if (ports === undefined) return false
  return ports.has(effective) || (effective === standard && ports.has(DEFAULT_PORT))
}

function readAnyHost(place: Place, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value === true
  report(place, 'wrong_type', 'is not true.', 'Write true, or leave it out and write "hosts".')
  return false
}

function readEntries(place: Place, value: unknown): readonly Entry[] {
  const seen = new Set<string>()
  const once = (text: unknown, where: Place): Entry | undefined => {
    const entry = readEntry(text, where)
    if (entry === undefined) return undefined
    const key = JSON.stringify([entry.wildcard, entry.authority.host, entry.authority.port])
    if (seen.has(key)) return report(where, 'duplicate_value', 'is said twice.', 'Leave one out.')
    seen.add(key)
    return entry
  }
  return list(once, { min: 1, example: EXAMPLE })(value, place) ?? []
}

function readEntry(value: unknown, place: Place): Entry | undefined {
  if (typeof value !== 'string') return report(place, 'wrong_type', 'is not a host.', FORMS)
  const wildcard = value.startsWith('*.')
  const authority = parseAuthority(wildcard ? value.slice(2) : value)
  if (authority === undefined || (wildcard && authority.kind !== 'name')) {
    return report(place, 'malformed_value', 'is not a host.', adviceFor(value))
  }
  // Whoever buys a name below a top-level domain could point it here, which is what the list is to prevent.
  if (wildcard && !authority.host.includes('.') && authority.host !== 'localhost') {
    return report(
      place,
      'unsafe_value',
      'lets in every name below a top-level domain.',
      "Write a name of your own below it: '*.example.com'.",
    )
  }
  return { authority, wildcard }
}

/** What to write instead, for the ways in which people write hosts. */
function adviceFor(text: string): string {
  if (text === '*') return 'Write the hosts, or dangerouslyAnyHost: true.'
  if (text.includes('/')) return "Write the host alone, without scheme and path: 'api.example.com'."
  if (text.includes('@')) return "Write the host alone, without a user name: 'api.example.com'."
  if (text.includes('*')) return "Write the * in front, for whole labels of a name: '*.example.com'."
  if (text.split(':').length > 2 && !text.startsWith('['))
    return "Write an IPv6 address in brackets: '[::1]:3000'."
  if (/[^ -~]/.test(text)) return "Write the name as DNS has it, in ASCII: 'xn--bcher-kva.example'."
  return FORMS
}
