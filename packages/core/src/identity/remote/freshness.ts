/** Longer is a mistake, or as good as for ever; also keeps the product with 1000 exact. */
const MAX_SECONDS = 365 * 86_400

/**
 * For how many milliseconds more an answer is fresh, by its own word; `undefined` when it does not say.
 *
 * `no-store` and `no-cache` are zero. Of several `max-age` the smallest counts, one that is no number is zero: what is
 * asked for again too early does no harm (RFC 9111 §4.2.1).
 *
 * @see RFC 9111 §5.2.2, §5.1
 */
export function freshnessOf(cacheControl: string | undefined, age: string | undefined): number | undefined {
  let seconds: number | undefined
  for (const part of (cacheControl ?? '').split(',')) {
    const directive = part.trim().toLowerCase()
    if (directive === 'no-store' || directive === 'no-cache') return 0
    if (!directive.startsWith('max-age=')) continue
    const given = readSeconds(unquoted(directive.slice('max-age='.length))) ?? 0
    seconds = Math.min(seconds ?? given, given)
  }
  if (seconds === undefined) return undefined
  return Math.max(0, seconds - (readSeconds(age ?? '0') ?? 0)) * 1000
}

/** RFC 9111 §1.2.2: one or more digits, and what is too large is taken as large. */
function readSeconds(text: string): number | undefined {
  return /^[0-9]+$/.test(text) ? Math.min(Number(text), MAX_SECONDS) : undefined
}

/** RFC 9111 §5.2: a recipient ought to take the token and the quoted form alike. */
function unquoted(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text
}
