import { at, type Place, type Reader, report } from '../../options/read.ts'
import { list, oneOf, textThat } from '../../options/readers.ts'
import type { CountedBy } from './key.ts'

/* What limits of requests and of concurrency are read with, both. */

/** The name of a limit: RFC 9651 §3.3.3 allows printable ASCII alone in the text of a structured field. */
export const readName: Reader<string> = textThat(
  (name) => /^[\x20-\x7e]{1,64}$/.test(name),
  '1 to 64 printable ASCII characters',
  "a name, such as 'login'",
)

/** A function of the policy, or what `reader` reads. */
export function orFunction<T>(reader: Reader<T>): Reader<T> {
  return (value, place) => (typeof value === 'function' ? (value as T) : reader(value, place))
}

/** A list, or one of what it would be a list of. */
export function oneOrList<T>(one: Reader<T>, several: Reader<readonly T[]>): Reader<readonly T[]> {
  return (value, place) => {
    if (Array.isArray(value)) return several(value, place)
    const read = one(value, place)
    return read === undefined ? undefined : [read]
  }
}

const readWord: Reader<CountedBy> = orFunction<CountedBy>(
  oneOf('client', 'principal', 'key', 'tenant', 'route'),
)

/** What has a counter of its own: at least one word. */
export const readBy: Reader<readonly CountedBy[]> = oneOrList(
  readWord,
  list(readWord, { min: 1, example: "'client', or a list such as ['client', 'route']" }),
)

/** What a limit says of the words that it counts by. */
interface SaidBy {
  readonly by: readonly CountedBy[]
  readonly ipv6Prefix: number | undefined
  readonly whenUnknown: string | undefined
}

/** Reports what contradicts the words that a limit counts by. */
export function findContradictionsOfBy(place: Place, { by, ipv6Prefix, whenUnknown }: SaidBy): void {
  for (const [index, word] of by.entries()) {
    if (by.indexOf(word) === index) continue
    report(at(at(place, 'by'), index), 'duplicate_value', 'is said twice.', 'Leave one out.')
  }
  if (!by.includes('client') && ipv6Prefix !== undefined) {
    report(
      at(place, 'ipv6Prefix'),
      'contradiction',
      'is asked of a limit that does not count clients.',
      "Leave it out, or write by: 'client'.",
    )
  }
  if (by.every((word) => word === 'route') && whenUnknown !== undefined) {
    report(
      at(place, 'whenUnknown'),
      'contradiction',
      'is asked of a limit by route or server, and both are always known.',
      'Leave it out.',
    )
  }
}

/** A limit, and where it stands. */
export interface Placed<L> {
  readonly place: Place
  readonly limit: L
}

/** Reads one limit or a list of them. Those that cannot be used are reported and left out. */
export function readNamed<L extends { readonly name: string }>(
  place: Place,
  value: unknown,
  readOne: (place: Place, value: unknown) => L | undefined,
  example: string,
): readonly Placed<L>[] {
  const single = !Array.isArray(value)
  const values: readonly unknown[] = single ? [value] : value
  if (values.length === 0) {
    report(place, 'out_of_range', 'is an empty list.', `Write ${example}, or leave it out.`)
  }
  const read: Placed<L>[] = []
  for (const [index, one] of values.entries()) {
    const where = single ? place : at(place, index)
    const limit = readOne(where, one)
    if (limit === undefined) continue
    if (read.some((other) => other.limit.name === limit.name)) {
      report(
        at(where, 'name'),
        'duplicate_value',
        `is "${limit.name}" again.`,
        'Give each limit of a list its own name.',
      )
      continue
    }
    read.push({ place: where, limit })
  }
  return read
}

/** A pattern as the text of a structured field: RFC 9651 §3.3.3 allows printable ASCII alone. */
export function printable(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, (unit) => `%u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Reports limits that count tenants, in a policy that knows of none. */
export function refuseTenants(read: readonly Placed<{ readonly by: readonly unknown[] }>[]): void {
  for (const { place, limit } of read) {
    if (!limit.by.includes('tenant')) continue
    const instead = 'Write tenant: (principal) => ... in the policy.'
    report(at(place, 'by'), 'unknown_reference', 'counts tenants, and the policy knows of none.', instead)
  }
}
