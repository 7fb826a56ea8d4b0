/**
 * The values of every parameter of one name in a query, as they were sent.
 *
 * Behind the gate a framework decodes names, so an escaped spelling of the name is the same parameter.
 *
 * @param query with its `?`, or empty
 */
export function queryValues(query: string, name: string): readonly string[] {
  const values: string[] = []
  let start = query.startsWith('?') ? 1 : 0
  while (start < query.length) {
    const ampersand = query.indexOf('&', start)
    const end = ampersand < 0 ? query.length : ampersand
    const pair = query.slice(start, end)
    const equals = pair.indexOf('=')
    const key = equals < 0 ? pair : pair.slice(0, equals)
    if (key === name || (key.includes('%') && decodeComponent(key) === name)) {
      values.push(equals < 0 ? '' : pair.slice(equals + 1))
    }
    start = end + 1
  }
  return values
}

/** Undoes percent-encoding; nothing when it is broken. */
export function decodeComponent(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
