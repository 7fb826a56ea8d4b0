const TCHAR = 1
const FIELD = 2

/** What each octet may be part of; one load per character on the path of a request. */
const CLASSES: Uint8Array = classify()

function classify(): Uint8Array {
  const classes = new Uint8Array(256)
  const tchars = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
  for (let code = 0; code < 256; code++) {
    const token = tchars.includes(String.fromCharCode(code)) ? TCHAR : 0
    // RFC 9110 §5.5: VCHAR, SP, HTAB and obs-text; CR, LF and NUL are the dangerous ones.
    const field = code === 0x09 || (code >= 0x20 && code !== 0x7f) ? FIELD : 0
    classes[code] = token | field
  }
  return classes
}

function consistsOf(text: string, wanted: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0xff || ((CLASSES[code] ?? 0) & wanted) === 0) return false
  }
  return true
}

/** Whether a character code is a `tchar` of RFC 9110 §5.6.2. */
export function isTokenCode(code: number): boolean {
  return code < 0x80 && ((CLASSES[code] ?? 0) & TCHAR) !== 0
}

/** Whether a character code is SP or HTAB: white space of RFC 9110 §5.6.3. */
export function isOwsCode(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** A text without the white space of RFC 9110 §5.6.3 around it. An expression would be quadratic in a run within it. */
export function trimOws(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isOwsCode(text.charCodeAt(start))) start++
  while (end > start && isOwsCode(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

/** Whether a character code is an ASCII digit. */
export function isDigitCode(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** Whether a character code is an ASCII letter, of either case. */
export function isAlphaCode(code: number): boolean {
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x7a
}

/** The value of an ASCII hexadecimal digit, of either case; -1 for all else. */
export function hexValue(code: number): number {
  if (isDigitCode(code)) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/** Whether the text is a `token` of RFC 9110 §5.6.2: one or more `tchar`. */
export function isToken(text: string): boolean {
  return text.length > 0 && consistsOf(text, TCHAR)
}

/**
 * Whether the text can be sent as a field value: latin1 without CR, LF, NUL or another control but HTAB.
 *
 * The empty text qualifies. White space at either end is not refused here; a recipient strips it.
 *
 * @see RFC 9110 §5.5
 */
export function isFieldValue(text: string): boolean {
  return consistsOf(text, FIELD)
}

/**
 * Whether a text is another, which is in lower case, but for the case of its ASCII letters: as field names are compared (RFC
 * 9110 §5.1). `toLowerCase` would make a copy of each that could be it.
 */
export function isNamed(text: string, lower: string): boolean {
  if (text.length !== lower.length) return false
  for (let i = 0; i < lower.length; i++) {
    const code = text.charCodeAt(i)
    if ((code >= 0x41 && code <= 0x5a ? code | 0x20 : code) !== lower.charCodeAt(i)) return false
  }
  return true
}

/** Whether the text is one or more visible ASCII characters (`VCHAR`): no space, no control, no obs-text. */
export function isVisibleAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x21 || code > 0x7e) return false
  }
  return text.length > 0
}

/** Not where it is used: what is published would compile it in each call. */
const LONE_SURROGATE = /\p{Surrogate}/u

/** Whether the text is Unicode: a lone surrogate has no UTF-8, so that all texts with one would have the same bytes. */
export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text)
}

/**
 * Writes the text as a `quoted-string`.
 *
 * Precondition: {@link isFieldValue} holds; a caller with text from outside asks it first.
 *
 * @see RFC 9110 §5.6.4: only DQUOTE and backslash need an escape, and a sender SHOULD NOT escape others.
 */
export function quotedString(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

/** What stands for the rest of a text that {@link escapeForLog} has cut. */
const CUT = '…'

/**
 * Makes text from outside harmless in a log line or on a terminal.
 *
 * C0 and C1 controls (CR, LF and ESC among them), DEL, the Unicode line and paragraph separators, bidirectional
 * controls and lone surrogates become `\uXXXX`; a backslash is doubled, so that nobody can forge an escape.
 * The result has at most `max` characters (at least 1) and ends in `…` when something was cut; neither an
 * escape nor a surrogate pair is cut in two. The work is bounded by `max`, not by the text.
 */
export function escapeForLog(text: string, max = 512): string {
  return text.length <= max && isPlain(text) ? text : escaped(text, max, '\\\\')
}

/** {@link escapeForLog}, for text that may have been through it in part: its backslashes stay as they are. */
export function escapeControls(text: string, max = 512): string {
  return text.length <= max && isPlain(text) ? text : escaped(text, max, '\\')
}

function escaped(text: string, max: number, backslash: string): string {
  // Joined once: a text that grows piece by piece stays a chain of them, thirty times its size for as long as it is kept.
  const pieces: string[] = []
  let length = 0
  let fits = 0
  for (let i = 0; i < text.length; i++) {
    const piece = escapedAt(text, i, backslash)
    if (length + piece.length > max) return pieces.slice(0, fits).join('') + CUT
    if (isPair(text, i)) i++
    pieces.push(piece)
    length += piece.length
    if (length < max) fits = pieces.length
  }
  return pieces.join('')
}

/** Whether the text is printable ASCII without a backslash, as most texts are. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code > 0x7e || code === 0x5c) return false
  }
  return true
}

function escapedAt(text: string, index: number, backslash: string): string {
  const code = text.charCodeAt(index)
  if (code === 0x5c) return backslash
  if (isPair(text, index)) return text.slice(index, index + 2)
  return isHarmful(code) ? `\\u${code.toString(16).padStart(4, '0')}` : text.charAt(index)
}

function isPair(text: string, index: number): boolean {
  return isSurrogate(text.charCodeAt(index), 0xd800) && isSurrogate(text.charCodeAt(index + 1), 0xdc00)
}

function isSurrogate(code: number, from: number): boolean {
  return code >= from && code < from + 0x400
}

function isHarmful(code: number): boolean {
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true
  if (code < 0x061c) return false
  return (
    code === 0x2028 ||
    code === 0x2029 ||
    // The characters with the Unicode property Bidi_Control: they reorder what a reader of the log sees.
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069) ||
    code === 0x061c ||
    code === 0x200e ||
    code === 0x200f ||
    // A surrogate that reaches this line has no partner.
    (code >= 0xd800 && code <= 0xdfff)
  )
}
