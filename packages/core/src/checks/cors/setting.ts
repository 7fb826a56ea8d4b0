import { at, type Place, report } from '../../options/read.ts'
import { list } from '../../options/readers.ts'
import { readCorsOptions } from './options.ts'
import { type PlacedEntry, reportOverlaps } from './overlaps.ts'

const EXAMPLE = "a list of settings, such as [{ origins: ['https://app.example.com'] }, { origins: '*' }]"

/**
 * Reads settings, a list of them, or `'none'`, which is an empty list here; `undefined` when there is no entry that could
 * be read.
 */
export function readCorsSetting(place: Place, value: unknown): readonly PlacedEntry[] | undefined {
  if (value === 'none') return []
  if (value === false) {
    return report(place, 'wrong_type', 'is false.', "Write 'none' to let no other origin in.")
  }
  if (!Array.isArray(value)) {
    const read = readCorsOptions(place, value)
    return read === undefined ? undefined : [{ place, read }]
  }
  const readEntry = (member: unknown, where: Place): PlacedEntry | undefined => {
    const read = readCorsOptions(where, member)
    return read === undefined ? undefined : { place: where, read }
  }
  const entries = list(readEntry, { min: 1, example: EXAMPLE })(value, place)
  if (entries === undefined || entries.length === 0) return undefined
  reportOverlaps(entries)
  reportIdleBlocks(entries)
  return entries
}

/** Blocked is what no entry names. */
function reportIdleBlocks(entries: readonly PlacedEntry[]): void {
  if (!entries.some(({ read }) => read.origins.type === 'any')) return
  for (const { place, read } of entries) {
    // Of the entry itself it is told where that is read.
    if (!read.block || read.origins.type === 'any') continue
    report(
      at(place, 'block'),
      'contradiction',
      "has nothing to block: another entry has origins '*'.",
      'Leave one of the two out.',
    )
  }
}
