import { type Reader, report } from '../../options/read.ts'
import { list, token } from '../../options/readers.ts'

/** Field names, or all of them. */
export interface NameSet {
  /** Whether `'*'` was said. */
  readonly any: boolean
  /** As written, each once, `'*'` left out. */
  readonly names: readonly string[]
}

/** Fetch, "forbidden method": no browser sends them. */
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK'])

/** Fetch, "forbidden request-header": a script cannot set these, so a browser never asks for them. */
const FORBIDDEN_REQUEST_HEADERS: ReadonlySet<string> = new Set([
  'accept-charset',
  'accept-encoding',
  'connection',
  'content-length',
  'cookie',
  'cookie2',
  'date',
  'dnt',
  'expect',
  'host',
  'keep-alive',
  'origin',
  'referer',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
])

/** Fetch, "forbidden response-header name": no script may read these, whatever a server exposes. */
const FORBIDDEN_RESPONSE_HEADERS: ReadonlySet<string> = new Set(['set-cookie', 'set-cookie2'])

const readMethod: Reader<string> = (value, place) => {
  const name = token('a method', "a method such as 'PUT'")(value, place)
  if (name === undefined) return undefined
  const upper = name.toUpperCase()
  if (FORBIDDEN_METHODS.has(upper)) {
    return report(place, 'unsafe_value', 'is a method that no browser sends.', 'Leave it out.')
  }
  if (name === '*') {
    return report(place, 'malformed_value', 'is no method.', "List the methods, such as ['PUT', 'DELETE'].")
  }
  // RFC 9110 §9.1: methods are case-sensitive. Browsers send put as PUT, but patch as it is (Fetch, "normalize").
  if (name !== upper) {
    return report(
      place,
      'malformed_value',
      'is in lower case, and methods are case-sensitive.',
      `Write '${upper}'.`,
    )
  }
  return name
}

/** Reads the methods that are allowed besides GET, HEAD and POST (COR-15, COR-18). */
export const readMethods: Reader<readonly string[]> = list(readMethod, {
  example: "a list of methods, such as ['PUT', 'DELETE']",
})

const readRequestHeader: Reader<string> = (value, place) => {
  const name = token('a field name', "a field name such as 'content-type'")(value, place)?.toLowerCase()
  if (name === undefined) return undefined
  if (name === 'cookie') {
    return report(
      place,
      'unsafe_value',
      'is a field that no script can set.',
      'Write credentials: true to accept cookies.',
    )
  }
  // Access-Control-* among requested fields is a response field in the wrong list, or one that the browser sets.
  const reserved = name.startsWith('sec-') || name.startsWith('proxy-') || name.startsWith('access-control-')
  if (reserved || FORBIDDEN_REQUEST_HEADERS.has(name)) {
    return report(place, 'unsafe_value', 'is a field that no script can set.', 'Leave it out.')
  }
  return name
}

const readResponseHeader: Reader<string> = (value, place) => {
  const name = token('a field name', "a field name such as 'etag'")(value, place)
  if (name === undefined || !FORBIDDEN_RESPONSE_HEADERS.has(name.toLowerCase())) return name
  return report(place, 'unsafe_value', 'is a field that no script may read.', 'Leave it out.')
}

/** Reads the request fields that are allowed, in lower case (COR-18). */
export const readHeaders: Reader<NameSet> = nameSet(
  list(readRequestHeader, { example: "a list of field names, such as ['content-type'], or '*'" }),
)

/** Reads the response fields that scripts may read (COR-18). */
export const readExposed: Reader<NameSet> = nameSet(
  list(readResponseHeader, { example: "a list of field names, such as ['ETag'], or '*'" }),
)

function nameSet(names: Reader<readonly string[]>): Reader<NameSet> {
  return (value, place) => {
    const read = names(value === '*' ? ['*'] : value, place)
    if (read === undefined) return undefined
    return { any: read.includes('*'), names: withoutRepeats(read.filter((name) => name !== '*')) }
  }
}

/** The names, each once and as first written; field names have no case (RFC 9110 §5.1). */
export function withoutRepeats(names: Iterable<string>): readonly string[] {
  const first = new Map<string, string>()
  for (const name of names) if (!first.has(name.toLowerCase())) first.set(name.toLowerCase(), name)
  return [...first.values()]
}
