import type { Coding } from '../../contract/request.ts'
import type { Duration } from '../../lib/duration.ts'
import { parseMediaType } from '../../lib/media-type.ts'
import {
  at,
  optional,
  type OptionReaders,
  type Place,
  readOptions,
  report,
  required,
} from '../../options/read.ts'
import { distinctList, duration, flag, integer, oneOf, options, textThat } from '../../options/readers.ts'

/**
 * What content a rule takes: `'json'` (application/json), `'form'` (application/x-www-form-urlencoded), another media type
 * such as `'application/merge-patch+json'` or `'image/png'`, or `'any'`, whatever it is and says.
 */
export type ContentType = 'json' | 'form' | 'any' | `${string}/${string}`

/** How much structure JSON may have. */
export interface JsonContentLimits {
  /**
   * The most objects and arrays inside one another: 1 to 1000.
   *
   * @default 32
   */
  readonly maxDepth?: number
  /**
   * The most member names over all objects: 1 to 1,000,000.
   *
   * @default 1000
   */
  readonly maxKeys?: number
  /**
   * The most elements over all arrays, an empty array counted as one: 1 to 10,000,000.
   *
   * @default 10_000
   */
  readonly maxItems?: number
  /**
   * Whether a text, a number, a boolean or `null` alone will do. A handler that looks for a member of `null` throws.
   *
   * @default false
   */
  readonly scalars?: boolean
}

/** How many fields a form may have. */
export interface FormContentLimits {
  /**
   * The most fields: 1 to 10,000.
   *
   * @default 100
   */
  readonly maxFields?: number
}

/** What content a rule takes, and how much of it. */
export interface ContentOptions {
  /** Which types. All else is refused (415). */
  readonly types: ContentType | readonly ContentType[]
  /**
   * Whether the gate reads JSON and forms itself. Else, and with every other type, the handler (or a body parser) does, and
   * the gate ends it when there is too much or it takes too long.
   *
   * @default true
   */
  readonly read?: boolean
  /**
   * Whether a request without content is refused.
   *
   * @default false
   */
  readonly required?: boolean
  /**
   * The most bytes, as they come and decoded: 1 to 1 GiB.
   *
   * @default 102_400
   */
  readonly maxBytes?: number
  /**
   * For how long all of it may take to come: 10 milliseconds to an hour.
   *
   * @default '10s'
   */
  readonly deadline?: Duration
  /**
   * The content codings that are taken, one at a time. What a handler reads itself is not decoded, and its decoded size
   * not bounded here.
   *
   * @default []
   */
  readonly encodings?: readonly Coding[]
  /**
   * How many bytes one compressed byte may come to: 1 to 1032, which is the most that deflate can do.
   *
   * @default 100
   */
  readonly maxRatio?: number
  /** How much structure JSON may have that the gate reads: each limit has a default of its own. */
  readonly json?: JsonContentLimits
  /** How many fields a form may have that the gate reads. */
  readonly form?: FormContentLimits
}

/** Which types are taken, or what shall be otherwise than by default besides. */
export type ContentSetting = ContentType | readonly ContentType[] | ContentOptions

const JSON_DEFAULTS = Object.freeze({ maxDepth: 32, maxKeys: 1_000, maxItems: 10_000, scalars: false })
const JSON_READERS = {
  maxDepth: optional(integer(1, 1_000), JSON_DEFAULTS.maxDepth),
  maxKeys: optional(integer(1, 1_000_000), JSON_DEFAULTS.maxKeys),
  maxItems: optional(integer(1, 10_000_000), JSON_DEFAULTS.maxItems),
  scalars: optional(flag(), JSON_DEFAULTS.scalars),
} satisfies OptionReaders<JsonContentLimits>

const FORM_DEFAULTS = Object.freeze({ maxFields: 100 })
const FORM_READERS = {
  maxFields: optional(integer(1, 10_000), FORM_DEFAULTS.maxFields),
} satisfies OptionReaders<FormContentLimits>

const EXAMPLE = "'json', 'form', 'any', or a media type such as 'image/png'"
const readType = textThat(isType, 'a type of content', EXAMPLE)
const readTypes = distinctList(readType, { min: 1, example: "a list of types, such as ['json', 'form']" })

const READERS = {
  types: required<readonly string[]>(oneOrMore, `Write ${EXAMPLE}.`),
  read: optional(flag(), true),
  required: optional(flag(), false),
  maxBytes: optional(integer(1, 1_073_741_824), 102_400),
  deadline: optional(duration('10ms', '1h'), 10_000),
  encodings: optional(
    distinctList(oneOf('gzip', 'deflate', 'br'), { example: "a list of codings, such as ['gzip', 'br']" }),
    [],
  ),
  maxRatio: optional(integer(1, 1_032), 100),
  json: optional(options(JSON_READERS)),
  form: optional(options(FORM_READERS)),
} satisfies OptionReaders<ContentOptions>

/** How the content of a type is treated: read as JSON or as a form, or left to the handler within bounds. */
export type Treatment = 'json' | 'form' | 'stream'

/** What a rule says of content, read. */
export interface ContentRules {
  /** The types that are taken, in lower case; `undefined` when any is. */
  readonly types: ReadonlyMap<string, Treatment> | undefined
  readonly reads: boolean
  readonly required: boolean
  readonly maxBytes: number
  /** In milliseconds. */
  readonly deadline: number
  readonly encodings: readonly string[]
  readonly maxRatio: number
  readonly json: Readonly<Required<JsonContentLimits>>
  readonly form: Readonly<Required<FormContentLimits>>
}

/** Reads the option `content`. */
export function readContent(place: Place, value: unknown): ContentRules | undefined {
  const isShort = typeof value === 'string' || Array.isArray(value)
  const read = readOptions(place, isShort ? { types: value } : value, READERS)
  if (read?.types === undefined) return undefined
  const types = typesOf(read.types)
  if (types === undefined && read.types.length > 1) {
    report(at(place, 'types'), 'contradiction', "has 'any' beside others.", "Leave 'any' out, or the others.")
  }
  const treatments = new Set(types?.values())
  for (const part of ['json', 'form'] as const) {
    if (read[part] === undefined || (read.read && treatments.has(part))) continue
    report(
      at(place, part),
      'contradiction',
      'limits what the gate does not read.',
      `Take the type ${part} and let the gate read it, or leave this out.`,
    )
  }
  return {
    ...read,
    types,
    reads: read.read,
    json: read.json ?? JSON_DEFAULTS,
    form: read.form ?? FORM_DEFAULTS,
  }
}

function oneOrMore(value: unknown, place: Place): readonly string[] | undefined {
  if (Array.isArray(value)) return readTypes(value, place)
  const type = readType(value, place)
  return type === undefined ? undefined : [type]
}

function isType(text: string): boolean {
  if (text === 'json' || text === 'form' || text === 'any') return true
  const type = parseMediaType(text)
  // Types are compared without their parameters, and one by one: `*` would look like a wildcard and be none.
  return type?.essence === text.toLowerCase() && !text.includes('*')
}

const NAMED: Readonly<Record<string, string>> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
}

function typesOf(types: readonly string[]): ReadonlyMap<string, Treatment> | undefined {
  if (types.includes('any')) return undefined
  return new Map(
    types.map((type) => {
      const essence = (NAMED[type] ?? type).toLowerCase()
      return [essence, treatmentOf(essence)]
    }),
  )
}

function treatmentOf(essence: string): Treatment {
  if (essence === NAMED['form']) return 'form'
  // RFC 6839 §3.1: whatever ends in +json can be read as JSON.
  return essence === NAMED['json'] || essence.endsWith('+json') ? 'json' : 'stream'
}
