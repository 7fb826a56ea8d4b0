/** Longer names are no names; the bound keeps log lines and challenges small. */
const MAX_LENGTH = 256

/**
 * Whether the text is a `scope-token`: printable ASCII without space, quote and backslash.
 *
 * @see RFC 6749 §3.3
 */
export function isScopeToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x21 || code > 0x7e || code === 0x22 || code === 0x5c) return false
  }
  return text.length > 0 && text.length <= MAX_LENGTH
}

/** Whether the text can name a role: not empty, no control character, no white space at either end. */
export function isRoleName(text: string): boolean {
  return text.length > 0 && text.length <= MAX_LENGTH && text.trim() === text && !hasControl(text)
}

/** Whether a value is a list of texts. A text is none: it can be spread and searched, too, and its letters mean nothing. */
export function isTextList(value: unknown): value is readonly string[] {
  if (!Array.isArray(value)) return false
  // Not by `every`, which does not look at holes.
  for (let i = 0; i < value.length; i++) if (typeof value[i] !== 'string') return false
  return true
}

/** Whether the text has a control character: C0, DEL or C1, the category `Cc` of Unicode. */
export function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true
  }
  return false
}
