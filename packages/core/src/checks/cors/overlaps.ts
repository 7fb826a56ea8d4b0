import { type OriginPattern, originMatches, parseOrigin } from '../../lib/origin.ts'
import { at, type Place, report } from '../../options/read.ts'
import type { CorsRead } from './options.ts'
import type { ListedOrigin } from './origins.ts'

/** An entry that was read, and where it stands. */
export interface PlacedEntry {
  readonly place: Place
  readonly read: CorsRead
}

/**
 * Reports what no request ever reaches: the first entry that names an origin decides about it, so that what a later one
 * says of the same would only look as if it held.
 */
export function reportOverlaps(entries: readonly PlacedEntry[]): void {
  for (const [index, { place, read }] of entries.entries()) {
    const earlier = entries.slice(0, index).map((entry) => entry.read)
    if (earlier.some(({ origins }) => origins.type === 'any')) {
      report(place, 'contradiction', "comes after the entry of origins '*'.", 'Write that one last.')
      continue
    }
    const origins = at(place, 'origins')
    if (read.origins.type === 'asked') reportSameResolver(origins, read.origins.resolver, earlier)
    if (read.origins.type === 'listed') reportMembers(origins, read.origins.members, earlier)
    if (read.dangerouslyAllowNullOrigin && earlier.some((other) => other.dangerouslyAllowNullOrigin)) {
      reportTwice(at(place, 'dangerouslyAllowNullOrigin'))
    }
  }
}

function reportTwice(place: Place): void {
  report(place, 'duplicate_value', 'is in an earlier entry, which decides.', 'Leave one of the two out.')
}

function reportSameResolver(place: Place, resolver: unknown, earlier: readonly CorsRead[]): void {
  if (earlier.some(({ origins }) => origins.type === 'asked' && origins.resolver === resolver))
    reportTwice(place)
}

function reportMembers(place: Place, members: readonly ListedOrigin[], earlier: readonly CorsRead[]): void {
  const before = earlier.flatMap(({ origins }) => (origins.type === 'listed' ? origins.members : []))
  for (const [index, member] of members.entries()) {
    if (before.some((other) => textOf(other) === textOf(member))) reportTwice(at(place, index))
    else if (before.some((other) => covers(other, member))) {
      report(
        at(place, index),
        'contradiction',
        'is among the origins of an earlier entry, which decides.',
        'Write the narrower entry first.',
      )
    }
  }
}

function textOf(member: ListedOrigin): string {
  return member.type === 'expression' ? String(member.expression) : member.text
}

/** Whether all that one member stands for is among what another does. Of expressions only single origins are known. */
function covers(wide: ListedOrigin, narrow: ListedOrigin): boolean {
  if (narrow.type === 'pattern') return wide.type === 'pattern' && includes(wide.pattern, narrow.pattern)
  if (narrow.type !== 'exact' || wide.type === 'exact') return false
  if (wide.type === 'expression') return wide.expression.test(narrow.text)
  const origin = parseOrigin(narrow.text)
  return origin !== undefined && originMatches(wide.pattern, origin)
}

function includes(wide: OriginPattern, narrow: OriginPattern): boolean {
  if (narrow.port === '*' && wide.port !== '*') return false
  const port = narrow.port === '*' ? undefined : narrow.port
  if (!narrow.subdomains) return originMatches(wide, { ...narrow, port })
  // All names below a host are among those below another when one of them is.
  return wide.subdomains && originMatches(wide, { ...narrow, port, host: `a.${narrow.host}` })
}
