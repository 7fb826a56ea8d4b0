/**
 * A value as it lies in the database: as a JSON text in ASCII, for no column of text holds a NUL or half a character, and
 * not every database has an encoding that holds the rest.
 */
export function writeValue(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007F-\uFFFF]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The values of a list of those; `undefined` for one that is not there. */
export function readValues(told: string, count: number): readonly (string | undefined)[] {
  const values: unknown = JSON.parse(told)
  if (!Array.isArray(values) || values.length !== count) {
    throw new Error('The database gave other records than were asked for')
  }
  return values.map((value: unknown) => (typeof value === 'string' ? value : undefined))
}
