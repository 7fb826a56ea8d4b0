import { type MistakeCode, Mistakes, type Said } from '../contract/mistakes.ts'
import { isPromiseLike } from '../lib/promise.ts'
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
  /** What it gives where it is left out: nobody has to be told then. Absent where it must be there. */
  readonly otherwise?: { readonly value: T }
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
  return {
    otherwise: { value: fallback },
    read(value, place) {
      const read = value === undefined ? undefined : reader(value, place)
      // What a reader hands on as it is may be null: not left out, and for whoever reads it to report.
      return read === undefined ? fallback : read
    },
  }
}

/**
 * Whether a value is an object whose members are all its own: written as `{ ... }`, or a module's namespace.
 *
 * Any other may keep what it means where nobody looks for options: a Map in its entries, a promise in its result, an
 * instance in its prototype. Read as options it would say nothing, and its rules would be gone without a word.
 */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** A plain object as it is; anything else is a mistake. */
export function plainObject(
  place: Place,
  value: unknown,
  what: string,
  instead: string,
): Readonly<Record<string, unknown>> | undefined {
  if (isPlainObject(value)) return value
  return report(place, 'wrong_type', `is not ${what}.`, insteadOf(value, instead))
}

function insteadOf(value: unknown, instead: string): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return instead
  return isPromiseLike(value)
    ? `It is a promise: was an await forgotten? ${instead}`
    : `${instead} A Map, a class instance and whatever else has a prototype of its own is no plain object.`
}

/** A member of an object or list; nothing, after a report, when reading it throws. What was thrown stays unsaid. */
export function memberOf(
  place: Place,
  object: object,
  key: string | number,
): { readonly value: unknown } | undefined {
  try {
    return { value: Reflect.get(object, key) }
  } catch {
    return report(place, 'wrong_type', 'cannot be read: its getter throws.', 'Write the value itself.')
  }
}

/** The members of a plain object, without those that cannot be read, which are reported. */
export function entriesOf(place: Place, object: object): readonly (readonly [key: string, value: unknown])[] {
  return Object.keys(object).flatMap((key) => {
    const member = memberOf(at(place, key), object, key)
    return member === undefined ? [] : [[key, member.value] as const]
  })
}

/** What other packages call an option, where no spelling tells: helmet, cors, express.json, express-rate-limit. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['helmet', 'headers'],
  ['csrf', 'crossSite'],
  ['trustProxy', 'proxy'],
  ['trust proxy', 'proxy'],
  ['allowedHeaders', 'headers'],
  ['allowHeaders', 'headers'],
  ['exposedHeaders', 'expose'],
  ['exposeHeaders', 'expose'],
  ['allowMethods', 'methods'],
  ['limit', 'maxBytes'],
  ['max', 'limit'],
])

function elsewhere(key: string, readers: object): string | undefined {
  const name = ELSEWHERE.get(key)
  return name !== undefined && Object.hasOwn(readers, name) ? name : undefined
}

/** What is the same each time that one set of readers reads: a policy has a rule for each of its routes. */
interface ReadersKnown {
  readonly keys: readonly string[]
  /** What an object gives that has none of the options; those that must be there are `undefined`. */
  readonly otherwise: Readonly<Record<string, unknown>>
}

const KNOWN = new WeakMap<object, ReadersKnown>()

function knownOf(readers: Readonly<Record<string, OptionReader<unknown>>>): ReadersKnown {
  const known = KNOWN.get(readers)
  if (known !== undefined) return known
  const all = Object.entries(readers)
  const made = {
    keys: all.map(([key]) => key),
    otherwise: Object.fromEntries(all.map(([key, { otherwise }]) => [key, otherwise?.value])),
  }
  KNOWN.set(readers, made)
  return made
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
  const { keys, otherwise } = knownOf(readers)
  if (!isPlainObject(value)) {
    const instead = `Write { ${keys.join(', ')} }.`
    return report(place, 'wrong_type', 'is not an object of options.', insteadOf(value, instead))
  }
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(readers, key)) continue
    const near = nearest(key, keys) ?? elsewhere(key, readers)
    const known = near === undefined ? `Known here: ${keys.join(', ')}.` : `Did you mean "${near}"?`
    report(at(place, key), 'unknown_option', 'is not an option.', known)
  }
  const read: Record<string, unknown> = { ...otherwise }
  // Without an iterator: a policy is compiled by the interpreter, which makes an object for each step of one.
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] ?? ''
    const reader = readers[key]
    const isGiven = Object.hasOwn(value, key)
    if (reader === undefined || (!isGiven && reader.otherwise !== undefined)) continue
    const where = at(place, key)
    const member = isGiven ? memberOf(where, value, key) : MISSING
    if (member?.value !== undefined) place.mistakes.say(where.path)
    read[key] =
      member === undefined
        ? // Reported already: that it is missing besides would mislead.
          reader.read(undefined, { mistakes: new Mistakes(), path: where.path })
        : reader.read(member.value, where)
  }
  return read as OptionsRead<R>
}

const MISSING = Object.freeze({ value: undefined })

/** A place below another, which is spelled when somebody asks: of most options there is nothing to say. */
class Below implements Place {
  readonly mistakes: Mistakes
  readonly #above: Place
  readonly #key: string | number
  #path: string | undefined = undefined

  constructor(above: Place, key: string | number) {
    this.mistakes = above.mistakes
    this.#above = above
    this.#key = key
  }

  get path(): string {
    this.#path ??= joined(this.#above.path, stepOf(this.#key))
    return this.#path
  }
}

function joined(path: string, step: string): string {
  return path === '' && step.startsWith('.') ? step.slice(1) : path + step
}

function stepOf(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}

/** The place of a member. */
export function at(place: Place, key: string | number): Place {
  return new Below(place, key)
}

/** Says what was read, which can be no secret: a number, a word of the house. */
export function say<T extends Said>(place: Place, value: T): T {
  place.mistakes.say(place.path, value)
  return value
}

/** Reports a mistake at a place. */
export function report(place: Place, code: MistakeCode, message: string, instead: string): undefined {
  place.mistakes.add(code, place.path === '' ? 'policy' : place.path, message, instead)
  return undefined
}
