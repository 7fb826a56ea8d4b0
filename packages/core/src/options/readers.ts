import type { Records, Store } from '../contract/store.ts'
import { isRoleName, isScopeToken } from '../lib/access-names.ts'
import { isFieldValue, isToken } from '../lib/chars.ts'
import type { Clock } from '../lib/clock.ts'
import { type Duration, parseDuration } from '../lib/duration.ts'
import {
  at,
  memberOf,
  type OptionReader,
  readOptions,
  type OptionsRead,
  type Reader,
  report,
  say,
} from './read.ts'

/** `true` or `false`, and nothing that merely looks like one of them. */
export function flag(): Reader<boolean> {
  return (value, place) =>
    typeof value === 'boolean'
      ? say(place, value)
      : report(place, 'wrong_type', 'is not a boolean.', 'Write true or false.')
}

/** A text that is not empty. */
export function text(what: string, example: string): Reader<string> {
  return (value, place) => {
    if (typeof value !== 'string') return report(place, 'wrong_type', `is not ${what}.`, `Write ${example}.`)
    if (value.trim() === '') return report(place, 'malformed_value', 'is empty.', `Write ${example}.`)
    return value
  }
}

/** A text that fits a test. */
export function textThat(fits: (text: string) => boolean, what: string, example: string): Reader<string> {
  return (value, place) => {
    if (typeof value !== 'string') return report(place, 'wrong_type', `is not ${what}.`, `Write ${example}.`)
    return fits(value) ? value : report(place, 'malformed_value', `is not ${what}.`, `Write ${example}.`)
  }
}

/** A token of RFC 9110 §5.6.2: method and field names. */
export function token(what: string, example: string): Reader<string> {
  return textThat(isToken, what, example)
}

/** A text that may stand in a header field: no CR, LF, NUL, and nothing outside latin1 (HDR-07, RFC 9110 §5.5). */
export function fieldValue(what: string, example: string): Reader<string> {
  return textThat((value) => value !== '' && isFieldValue(value), what, example)
}

/** One of a few words. */
export function oneOf<const T extends string>(...words: readonly T[]): Reader<T> {
  const instead = `Write ${words.map((word) => `'${word}'`).join(' or ')}.`
  return (value, place) => {
    const found = words.find((word) => word === value)
    return found === undefined
      ? report(place, 'malformed_value', 'is not one of the known words.', instead)
      : say<T>(place, found)
  }
}

/** A whole number within bounds. */
export function integer(min: number, max: number): Reader<number> {
  const instead = `Write a whole number from ${min} to ${max}.`
  return (value, place) => {
    if (typeof value !== 'number') return report(place, 'wrong_type', 'is not a number.', instead)
    return Number.isSafeInteger(value) && value >= min && value <= max
      ? say(place, value)
      : report(place, 'out_of_range', 'is out of range.', instead)
  }
}

/** A duration, in milliseconds, within bounds. */
export function duration(min: Duration, max: Duration): Reader<number> {
  const low = parseDuration(min) ?? 0
  const high = parseDuration(max) ?? Infinity
  const instead = `Write a duration from ${min} to ${max}, such as '30s' or '5m', or a number of milliseconds.`
  return (value, place) => {
    if (typeof value !== 'string' && typeof value !== 'number') {
      return report(place, 'wrong_type', 'is not a duration.', instead)
    }
    // Zero is a duration where the bounds allow it; the parser knows only positive ones.
    const ms = value === 0 || value === '0s' ? 0 : parseDuration(value)
    if (ms === undefined) return report(place, 'malformed_value', 'is not a duration.', instead)
    return ms >= low && ms <= high
      ? say(place, ms)
      : report(place, 'out_of_range', 'is out of range.', instead)
  }
}

/** A function; its type is the compiler's business. */
export function callback<T extends (...args: never[]) => unknown>(example: string): Reader<T> {
  return (value, place) =>
    typeof value === 'function'
      ? (value as T)
      : report(place, 'wrong_type', 'is not a function.', `Write ${example}.`)
}

/** A list; wrong members are reported, each at its own path, and left out. */
export function list<T>(
  reader: Reader<T>,
  limits: { readonly min?: number; readonly example: string },
): Reader<readonly T[]> {
  return (value, place) => {
    if (!Array.isArray(value))
      return report(place, 'wrong_type', 'is not a list.', `Write ${limits.example}.`)
    if (value.length < (limits.min ?? 0))
      return report(place, 'out_of_range', 'is empty.', `Write ${limits.example}.`)
    const read: T[] = []
    for (let index = 0; index < value.length; index++) {
      const member = memberOf(at(place, index), value, index)
      const one = member === undefined ? undefined : reader(member.value, at(place, index))
      if (one !== undefined) read.push(one)
    }
    return read
  }
}

/** An object of options inside another. */
export function options<R extends Readonly<Record<string, OptionReader<unknown>>>>(
  readers: R,
): Reader<OptionsRead<R>> {
  return (value, place) => readOptions(place, value, readers)
}

/** An object that is known by its methods. */
export function having<T>(what: string, example: string, ...methods: readonly string[]): Reader<T> {
  return (value, place) =>
    hasMethods(value, methods)
      ? (value as T)
      : report(place, 'wrong_type', `is not ${what}.`, `Write ${example}.`)
}

function hasMethods(value: unknown, methods: readonly string[]): boolean {
  try {
    return methods.every(
      (name) => typeof (value as Record<string, unknown> | null | undefined)?.[name] === 'function',
    )
  } catch {
    return false
  }
}

/** A store of records, known by its methods. */
export function recordStore(): Reader<Records> {
  const example = 'memoryStore(), or a store that the processes share'
  return having<Records>('a store', example, 'add', 'read', 'write', 'remove')
}

/** A store of counters and records, known by its methods. */
export function wholeStore(): Reader<Store> {
  return having<Store>('a store', 'memoryStore()', ...STORE_METHODS)
}

const STORE_METHODS = [
  'take',
  'peek',
  'adjust',
  'block',
  'reset',
  'add',
  'read',
  'write',
  'remove',
  'close',
] as const satisfies readonly (keyof Store)[]

/** A clock, asked once: a time that is no number would compare with nothing, and what expires would not. */
export function timeSource(): Reader<Clock> {
  const read = having<Clock>('a clock', 'systemClock', 'now', 'monotonic')
  return (value, place) => {
    const clock = read(value, place)
    return clock === undefined || tellsTime(clock)
      ? clock
      : report(
          place,
          'malformed_value',
          'does not tell the time.',
          'Let now() and monotonic() give milliseconds.',
        )
  }
}

function tellsTime(clock: Clock): boolean {
  try {
    return Number.isFinite(clock.now()) && Number.isFinite(clock.monotonic())
  } catch {
    return false
  }
}

/** A value that another module reads: handed on as it is. */
export function anything<T>(): Reader<T> {
  return (value) => value as T
}

/** A scope, as RFC 6749 §3.3 spells one. */
export function scopeName(): Reader<string> {
  return textThat(isScopeToken, 'a scope', "one scope without spaces, such as 'data:read'")
}

/** A role. Roles are compared as they are, so a `*` is refused: it would look like a wildcard and be none (AZ-05). */
export function roleName(): Reader<string> {
  return textThat(
    (value) => isRoleName(value) && !value.includes('*'),
    'a role: a name without control characters or wildcards',
    "one role, such as 'admin'",
  )
}

/** A permission: a name like that of a role, compared as it is. */
export function permissionName(): Reader<string> {
  return textThat(
    (value) => isRoleName(value) && !value.includes('*'),
    'a permission: a name without control characters or wildcards',
    "one permission, such as 'invoices:refund'",
  )
}

/** A list of texts, each of which may be said once. */
export function distinctList<T extends string>(
  reader: Reader<T>,
  limits: { readonly min?: number; readonly example: string },
): Reader<readonly T[]> {
  return (value, place) => {
    const seen = new Set<T>()
    const once: Reader<T> = (member, where) => {
      const one = reader(member, where)
      if (one === undefined) return undefined
      if (seen.has(one)) return report(where, 'duplicate_value', 'is said twice.', 'Leave one out.')
      seen.add(one)
      return one
    }
    return list(once, limits)(value, place)
  }
}
