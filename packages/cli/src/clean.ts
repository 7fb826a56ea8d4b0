/**
 * A text that came from outside, for a terminal: what a server, a file or an error said must not move the cursor, colour the
 * rest, break its line or turn its direction.
 */
export function clean(text: string): string {
  return cleanLine(text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}...` : text)
}

/** The same, however long it is. */
export function cleanLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
}

const MAX_TEXT = 600

/** JSON with the same characters escaped, which JSON itself lets stand: the text means what it meant. */
export function cleanJson(json: string): string {
  return json.replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, (found) =>
    [...Array(found.length).keys()]
      .map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}

/** A URL as it is reported: its query may hold a key, and its authority a password. */
export function shownUrl(url: URL | string): string {
  if (typeof url === 'string' && !URL.canParse(url)) return ''
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

/** A text that may hold URLs, such as that of an error, without what may be secret in them. */
export function withoutCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@]{1,500}@/gi, '$1...@')
}
