import { hexValue } from './chars.ts'

const PERCENT = 0x25

/** The octet that an escape stands for, `at` being the place of its `%`; -1 when it is none (RFC 3986 §2.1). */
export function escapedOctet(text: string, at: number): number {
  const high = hexValue(text.charCodeAt(at + 1))
  const low = hexValue(text.charCodeAt(at + 2))
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

/** What may follow in a UTF-8 sequence: how many octets, and the range of the next one. */
export interface Utf8State {
  readonly pending: number
  readonly low: number
  readonly high: number
}

export const COMPLETE: Utf8State = { pending: 0, low: 0, high: 0 }
const ONE: Utf8State = { pending: 1, low: 0x80, high: 0xbf }
const TWO: Utf8State = { pending: 2, low: 0x80, high: 0xbf }
const THREE: Utf8State = { pending: 3, low: 0x80, high: 0xbf }
const AFTER: readonly Utf8State[] = [COMPLETE, COMPLETE, ONE, TWO]

/** Follows the ABNF of RFC 3629 §4, which leaves no room for overlong forms and surrogates. */
export function nextUtf8(state: Utf8State, octet: number): Utf8State | undefined {
  if (state !== COMPLETE) {
    return octet >= state.low && octet <= state.high ? AFTER[state.pending] : undefined
  }
  if (octet < 0x80) return COMPLETE
  if (octet < 0xc2 || octet > 0xf4) return undefined
  if (octet < 0xe0) return ONE
  if (octet === 0xe0) return { pending: 2, low: 0xa0, high: 0xbf }
  if (octet === 0xed) return { pending: 2, low: 0x80, high: 0x9f }
  if (octet < 0xf0) return TWO
  if (octet === 0xf0) return { pending: 3, low: 0x90, high: 0xbf }
  return octet === 0xf4 ? { pending: 3, low: 0x80, high: 0x8f } : THREE
}

/**
 * Whether every `%` of a text begins an escape, and the escapes are well-formed UTF-8: then all readers that decode it
 * read the same. One pass.
 */
export function isPercentEncoded(text: string): boolean {
  let utf8: Utf8State = COMPLETE
  for (let i = text.indexOf('%'); i >= 0 && i < text.length; i++) {
    if (text.charCodeAt(i) !== PERCENT) {
      if (utf8 !== COMPLETE) return false
      continue
    }
    const octet = escapedOctet(text, i)
    const next = octet < 0 ? undefined : nextUtf8(utf8, octet)
    if (next === undefined) return false
    utf8 = next
    i += 2
  }
  return utf8 === COMPLETE
}
