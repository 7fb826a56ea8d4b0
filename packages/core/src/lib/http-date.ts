const MONTHS: readonly string[] = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
]

/** The three forms of a date, each of a bounded length. A recipient has to read the two that are obsolete as well. */
const FORMS: readonly RegExp[] = [
  // IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
  /^[A-Z][a-z]{2}, (?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  // RFC 850: Sunday, 06-Nov-94 08:49:37 GMT
  /^[A-Z][a-z]{5,8}, (?<day>\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  // asctime: Sun Nov  6 08:49:37 1994
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>\d{2}| \d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/,
]

/**
 * Reads an `HTTP-date`: milliseconds since 1970, or `undefined` for what is none. Names of days are not looked at.
 *
 * `Date.parse` would take much else for a date, and read it in the time zone of this machine.
 *
 * @param now decides what century a year of two digits is of
 * @see RFC 9110 §5.6.7
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  // As node joins and trims them, a field may be as long as a header section.
  if (text.length > 40) return undefined
  for (const form of FORMS) {
    const { day = '', month = '', year = '', time = '' } = form.exec(text)?.groups ?? {}
    if (time === '') continue
    const index = MONTHS.indexOf(month)
    if (index < 0) return undefined
    return timeOf(
      year.length === 2 ? fullYear(Number(year), now) : year,
      index,
      `${day.trim().padStart(2, '0')}T${time}`,
    )
  }
  return undefined
}

/** `undefined` for a day or a time that there is not. */
function timeOf(year: string, month: number, rest: string): number | undefined {
  const iso = `${year}-${String(month + 1).padStart(2, '0')}-${rest}`
  // A leap second is the last of its minute: nobody waits for it more exactly.
  const ms = Date.parse(`${iso.replace(/:60$/, ':59')}.000Z`)
  // The thirtieth of February is read as the second of March.
  return !Number.isNaN(ms) && new Date(ms).getUTCDate() === Number(rest.slice(0, 2)) ? ms : undefined
}

/** A year that seems to be more than 50 years in the future is the last one with these digits. */
function fullYear(digits: number, now: number): string {
  const year = new Date(now).getUTCFullYear()
  const full = year - (year % 100) + digits
  return String(full > year + 50 ? full - 100 : full).padStart(4, '0')
}
