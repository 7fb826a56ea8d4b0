import type { MistakeCode, Mistakes } from '../contract/mistakes.ts'
import { nearest } from '../lib/spelling.ts'

/** Where a value stands in a policy, and where to report what is wrong with it. */
export interface Place {
  readonly mistakes: Mistakes
  /** The path so far, such as `cors.origins[1]`; empty for the policy itself. */
  readonly path: string
}

/**
 * Reads one value: returns it in the form that the code uses, or reports a mistake and returns `undefined`.
 *
 * A reader never sees `undefined`: {@link required} and {@link optional} decide what a missing value means.
 */
export type Reader<T> = (value: unknown, place: Place) => T | undefined

/** Reads one option of an object, missing or not. */
export interface OptionReader<T> {
  readonly read: (value: unknown, place: Place) => T
}

/** The readers of an options type: one for each of its keys, kept complete by the compiler. */
export type OptionReaders<Options> = { readonly [K in keyof Options]-?: OptionReader<unknown> }

/** What the readers of an object give. */
export type OptionsRead<R> = { readonly [K in keyof R]: R[K] extends OptionReader<infer T> ? T : never }

/** An option that must be there; `undefined` (after a report) when it is missing or wrong. */
export function required<T>(reader: Reader<T>, instead: string): OptionReader<T | undefined> {
  return {
    read(value, place) {
      if (value !== undefined) return reader(value, place)
      report(place, 'missing_option', 'is missing.', instead)
      return undefined
    },
  }
}

/** An option that may be left out; `fallback` when it is missing, and (after a report) when it is wrong. */
export function optional<T>(reader: Reader<T>): OptionReader<T | undefined>
export function optional<T>(reader: Reader<T>, fallback: T): OptionReader<T>
export function optional<T>(reader: Reader<T>, fallback?: T): OptionReader<T | undefined> {
  return { read: (value, place) => (value === undefined ? fallback : (reader(value, place) ?? fallback)) }
}

/**
 * Reads an object of options: each known key through its reader, each unknown key as a mistake with the likely
 * spelling. Returns what could be read, so that contradictions are found in the same pass; nothing when the value
 * is no plain object.
 */
export function readOptions<R extends Readonly<Record<string, OptionReader<unknown>>>>(
  place: Place,
  value: unknown,
  readers: R,
): OptionsRead<R> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report(
      place,
      'wrong_type',
      'is not an object of options.',
      `Write { ${Object.keys(readers).join(', ')} }.`,
    )
    return undefined
  }
  const given = value as Readonly<Record<string, unknown>>
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(readers, key)) continue
    const near = nearest(key, Object.keys(readers))
    const instead =
      near === undefined ? `Known here: ${Object.keys(readers).join(', ')}.` : `Did you mean "${near}"?`
    report(at(place, key), 'unknown_option', 'is not an option.', instead)
  }
  const read: Record<string, unknown> = {}
  for (const [key, reader] of Object.entries(readers)) {
    read[key] = reader.read(Object.hasOwn(given, key) ? given[key] : undefined, at(place, key))
  }
  return read as OptionsRead<R>
}

/** The place of a member. */
export function at(place: Place, key: string | number): Place {
  const step =
    typeof key === 'number'
      ? `[${key}]`
      : /^[A-Za-z_$][\w$]*$/.test(key)
        ? `.${key}`
        : `[${JSON.stringify(key)}]`
  const path = place.path === '' && step.startsWith('.') ? step.slice(1) : place.path + step
  return { mistakes: place.mistakes, path }
}

/** Reports a mistake at a place. */
export function report(place: Place, code: MistakeCode, message: string, instead: string): undefined {
  place.mistakes.add(code, place.path === '' ? 'policy' : place.path, message, instead)
  return undefined
}
