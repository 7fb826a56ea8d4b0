import { isUtf8 } from 'node:buffer'
import { PASS, type Passed, type Refusal, refuse, type Verdict } from '../contract/check.ts'
import { type Guard, NO_GUARD } from '../contract/guard.ts'
import type { Kind } from '../contract/kinds.ts'
import { type Coding, type ContentRead, hasContent, type RequestFacts } from '../contract/request.ts'
import { parseForm } from '../lib/form.ts'
import { parseJson } from '../lib/json.ts'
import { type MediaType, parseMediaType } from '../lib/media-type.ts'
import type { Place } from '../options/read.ts'
import { type ContentRules, readContent, type Treatment } from './content/options.ts'

export type {
  ContentOptions,
  ContentSetting,
  ContentType,
  FormContentLimits,
  JsonContentLimits,
} from './content/options.ts'

const MISSING = said('content.missing', 'there is no content')
const HAZARDOUS = said('content.hazardous', 'the JSON has a name twice, a dangerous one, or too much in it')
const NO_JSON = said('content.malformed', 'the content is no JSON')
const SCALAR = said('content.malformed', 'the JSON is neither an object nor an array')
const NO_FORM = said('content.malformed', 'the content is no form, has a field twice, or too many of them')
const NO_UTF8 = said('content.malformed', 'the content is no UTF-8')
const TOO_LARGE = closing('content.too-large', 'the content has more bytes than the rule takes')
const LATE = closing('content.late', 'the content did not arrive in time')

/** What a content that could not be read is refused with. */
const UNREAD: Readonly<Record<Exclude<ContentRead['type'], 'whole'>, Refusal>> = {
  'too-large': TOO_LARGE,
  'too-dense': closing('content.too-dense', 'the content decodes to many times its size'),
  late: LATE,
  cut: said('content.cut', 'the connection ended before all of the content had come'),
  undecodable: said('content.malformed', 'the content is not what its Content-Encoding says'),
}

/** RFC 9110 §8.4.1.3: a recipient should take `x-gzip` for `gzip`. */
const CODINGS: Readonly<Record<string, Coding>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  br: 'br',
}

function said(kind: Kind, reason: string, fields?: readonly string[]): Refusal {
  return Object.freeze(refuse(kind, reason, fields))
}

function closing(kind: Kind, reason: string): Refusal {
  return Object.freeze({ ...refuse(kind, reason), closes: true as const })
}

/** What the fields of a request say of its content: how it is treated and what it is coded with, or why it is refused. */
type Declared =
  { readonly treatment: Treatment; readonly coding: Coding | undefined } | { readonly refusal: Refusal }

/**
 * Compiles the option `content`: what may come in, and how much of it.
 *
 * @param shadow whether it only tells: then it looks at what the request declares, and leaves the content to the handler
 */
export function compileContent(place: Place, value: unknown, shadow: boolean): Guard {
  const rules = value === undefined ? undefined : readContent(place, value)
  if (rules === undefined) return NO_GUARD
  const declared = declaredBy(rules)
  const bounded: Passed = Object.freeze({
    ...PASS,
    bounds: { maxBytes: rules.maxBytes, deadlineMs: rules.deadline, tooLarge: TOO_LARGE, late: LATE },
  })
  return {
    check: {
      name: 'content',
      hasDeadline: true,
      decide(request) {
        if (!hasContent(request)) return rules.required ? MISSING : PASS
        const found = declared(request)
        if ('refusal' in found) return found.refusal
        if (shadow) return PASS
        if (found.treatment !== 'stream') return read(request, found.treatment, found.coding, rules)
        // By the check of another rule it may have been read by now.
        return (request.incoming?.bytes ?? 0) > rules.maxBytes ? TOO_LARGE : bounded
      },
    },
    response: undefined,
  }
}

/** Makes the judge of what a request declares: nothing of its content is read for it. */
function declaredBy(rules: ContentRules): (request: RequestFacts) => Declared {
  const { types, encodings, maxBytes, reads } = rules
  // RFC 9110 §15.5.16: what would have been taken instead.
  const taken = types === undefined ? '' : [...types.keys()].join(', ')
  const accept = types === undefined ? [] : ['Accept', taken]
  const acceptEncoding = encodings.length === 0 ? 'identity' : encodings.join(', ')
  const noType = said('content.type-refused', `there is no Content-Type; the rule takes ${taken}`, accept)
  const badType = said(
    'content.type-refused',
    `the Content-Type is none that the rule takes: ${taken}`,
    accept,
  )
  const badCharset = said('content.charset-refused', 'the content is in another charset than UTF-8', accept)
  const badCoding = said('content.coding-refused', 'the Content-Encoding is none that the rule takes', [
    'Accept-Encoding',
    acceptEncoding,
  ])

  function treat(request: RequestFacts): Treatment | Refusal {
    if (types === undefined) return 'stream'
    const value = request.headers['content-type']
    if (value === undefined) return noType
    // Of several lines node:http keeps the first, and whoever reads the content may take another.
    const type = request.count('content-type') > 1 ? undefined : parseMediaType(value)
    const treatment = type && types.get(type.essence)
    if (type === undefined || treatment === undefined) return badType
    if (treatment === 'stream') return treatment
    if (!isInUtf8(type)) return badCharset
    return reads ? treatment : 'stream'
  }

  return (request) => {
    const treatment = treat(request)
    if (typeof treatment !== 'string') return { refusal: treatment }
    const value = request.headers['content-encoding']?.toLowerCase()
    const coding = value === undefined || value === 'identity' ? undefined : CODINGS[value]
    const isCoded = value !== undefined && value !== 'identity'
    if (isCoded && (coding === undefined || !encodings.includes(coding))) return { refusal: badCoding }
    // At once: whoever says so need not send it.
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return { refusal: TOO_LARGE }
    return { treatment, coding }
  }
}

/** RFC 8259 §8.1: JSON is in UTF-8; forms are by the WHATWG URL Standard. */
function isInUtf8({ parameters }: MediaType): boolean {
  const charset = parameters.get('charset')
  return charset === undefined || charset.toLowerCase() === 'utf-8'
}

async function read(
  { incoming }: RequestFacts,
  treatment: Exclude<Treatment, 'stream'>,
  coding: Coding | undefined,
  rules: ContentRules,
): Promise<Verdict> {
  if (incoming === undefined) throw new TypeError('Nobody can read the content.')
  const { maxBytes, deadline: deadlineMs, maxRatio } = rules
  const content = await incoming.read({ maxBytes, deadlineMs, coding, maxRatio })
  if (content.type !== 'whole') return UNREAD[content.type]
  const { bytes } = content
  // No more than Content-Length: 0 says.
  if (bytes.length === 0) return rules.required ? MISSING : PASS
  // Decoding would replace what is no UTF-8, and so make two different contents read alike.
  if (!isUtf8(bytes)) return NO_UTF8
  const text = bytes.toString('utf8')
  return treatment === 'json' ? readJson(text, rules) : readForm(text, rules)
}

function readJson(text: string, { json }: ContentRules): Verdict {
  // A byte order mark is no white space of JSON: RFC 8259 §8.1 lets a parser ignore it, and not all of them do.
  const parsed = parseJson(text, { ...json, loneSurrogates: false })
  if (!parsed.ok) return parsed.reason === 'syntax' ? NO_JSON : HAZARDOUS
  const { value } = parsed
  if (!json.scalars && (typeof value !== 'object' || value === null)) return SCALAR
  return { ...PASS, content: { value } }
}

function readForm(text: string, { form }: ContentRules): Verdict {
  const fields = parseForm(text, form.maxFields)
  if (fields === undefined || fields.has('__proto__')) return NO_FORM
  const value: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [name, field] of fields) value[name] = field
  return { ...PASS, content: { value } }
}
