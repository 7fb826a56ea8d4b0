import { isFieldValue, isToken } from './chars.ts'
import { mergeVary } from './field-list.ts'
import { remembered, rememberedOfFrozen } from './remembered.ts'

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

/**
 * Fields as the lines of a header section; `undefined` when one is not fit for it, and so never more lines than fields
 * (response splitting).
 */
export const fieldLines: (fields: Fields) => string | undefined = rememberedOfFrozen((fields) => {
  let lines = ''
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] ?? ''
    const value = fields[i + 1] ?? ''
    const { start } = look(name)
    if (start === undefined || !isFieldValue(value)) return undefined
    lines += `${start}${value}\r\n`
  }
  return lines
})

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

const MAX_VARY = 50

/** Lines of `Vary`, by the fields that every response depends on, and by those that one does besides. */
const varyLines = rememberedOfFrozen((names: readonly string[]) =>
  remembered(MAX_VARY, (besides) => {
    const value = mergeVary(besides, names)
    return value === '' ? '' : fieldLines([VARY, value])
  }),
)

/**
 * The `Vary` of a response as a line; nothing where it depends on no field, and `undefined` when it is not fit for one.
 *
 * @param names what every response of a plan depends on
 * @param besides what this one does, as a field value
 */
export function varyLine(names: readonly string[], besides = ''): string | undefined {
  return varyLines(names)(besides)
}

/** What is known of a name. */
interface Looked {
  readonly key: string
  /** What its line begins with; `undefined` when the name is not fit for one. */
  readonly start: string | undefined
}

/** How many names are remembered: those that the checks add are few. */
const MAX_SEEN = 200

const look = remembered(MAX_SEEN, (name): Looked => {
  const key = name.toLowerCase()
  return { key, start: isToken(name) && !FRAMING.has(key) ? `${name}: ` : undefined }
})

/** A name in lower case. */
export function lowerCase(name: string): string {
  return look(name).key
}
