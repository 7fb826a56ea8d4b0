/** The host and port of a request, in lower case, without the port that goes without saying (RFC 9421 §2.2.3). */
export function authorityOf(scheme: string, authority: string): string {
  const usual = scheme === 'https' ? ':443' : ':80'
  const text = authority.toLowerCase()
  return text.endsWith(usual) ? text.slice(0, -usual.length) : text
}

/**
 * A parameter of a query, in the one spelling that RFC 9421 §2.2.8 signs; nothing where there is none, or several: those are
 * never signed.
 */
export function queryParameter(query: string, name: string): string | undefined {
  const found = [...new URLSearchParams(query)].filter(([other]) => encoded(other) === name)
  const [only] = found
  return found.length === 1 && only !== undefined ? encoded(only[1]) : undefined
}

/** The percent-encode set of application/x-www-form-urlencoded, with a space as %20. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
