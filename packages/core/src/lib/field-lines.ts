import { isFieldValue, isToken } from './chars.ts'
import { mergeVary } from './field-list.ts'

/** Name, value, name, value, ... */
type Fields = readonly string[]

/** What node:http decides by: it must see these, and write them itself. */
const FRAMING: ReadonlySet<string> = new Set([
  'connection',
  'content-disposition',
  'content-length',
  'date',
  'expect',
  'keep-alive',
  'trailer',
  'transfer-encoding',
])

/** The lines of lists that were made when a policy was compiled. */
const ready = new WeakMap<Fields, string>()

/**
 * Fields as the lines of a header section; `undefined` when one is not fit for it, and so never more lines than fields
 * (response splitting).
 */
export function fieldLines(fields: Fields): string | undefined {
  if (fields.length === 0) return ''
  const known = ready.get(fields)
  if (known !== undefined) return known
  let lines = ''
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] ?? ''
    const value = fields[i + 1] ?? ''
    const { start } = look(name)
    if (start === undefined || !isFieldValue(value)) return undefined
    lines += `${start}${value}\r\n`
  }
  // A list that can still change is one request's.
  if (Object.isFrozen(fields)) ready.set(fields, lines)
  return lines
}

/** The fields of lines: what {@link fieldLines} made them of. A name has no colon (RFC 9110 §5.1). */
export function fieldsOfLines(lines: string): Fields {
  const fields: string[] = []
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(': ')
    if (colon > 0) fields.push(line.slice(0, colon), line.slice(colon + 2))
  }
  return fields
}

const VARY = 'Vary'

/** Fields without those of a name, which is in lower case. */
export function withoutField(fields: Fields, key: string): Fields {
  return fields.filter((_, i) => lowerCase(fields[i - (i % 2)] ?? '') !== key)
}

/** Lines of `Vary`, by the fields that every response depends on, and by those that one does besides. */
const varyLines = new WeakMap<readonly string[], Map<string, string | undefined>>()
const MAX_VARY = 50

/**
 * The `Vary` of a response as a line; nothing where it depends on no field, and `undefined` when it is not fit for one.
 *
 * @param names what every response of a plan depends on
 * @param besides what this one does, as a field value
 */
export function varyLine(names: readonly string[], besides = ''): string | undefined {
  let known = varyLines.get(names)
  if (known === undefined) {
    known = new Map()
    varyLines.set(names, known)
  }
  if (known.has(besides)) return known.get(besides)
  const value = mergeVary(besides, names)
  const line = value === '' ? '' : fieldLines([VARY, value])
  if (known.size < MAX_VARY) known.set(besides, line)
  return line
}

/** What is known of a name. */
interface Looked {
  readonly key: string
  /** What its line begins with; `undefined` when the name is not fit for one. */
  readonly start: string | undefined
}

/** Names that were seen: those that the checks add, and so few. */
const seen = new Map<string, Looked>()
const MAX_SEEN = 200

/** A name in lower case. */
export function lowerCase(name: string): string {
  return look(name).key
}

function look(name: string): Looked {
  const known = seen.get(name)
  if (known !== undefined) return known
  const key = name.toLowerCase()
  const looked = { key, start: isToken(name) && !FRAMING.has(key) ? `${name}: ` : undefined }
  if (seen.size < MAX_SEEN) seen.set(name, looked)
  return looked
}
