import { at, report } from '../../options/read.ts'
import { OVERRIDE_FIELDS } from '../../request/method-override.ts'
import type { PlacedEntry } from './overlaps.ts'

/**
 * Reports settings that let a page name a method which they do not allow: its preflight asks for POST and for a field, and
 * the gate then takes the request for what the field names (COR-15).
 */
export function reportOverriding(entries: readonly PlacedEntry[], overriding: ReadonlySet<string>): void {
  for (const { place, read } of entries) {
    const field = OVERRIDE_FIELDS.find((name) => read.headers.any || read.headers.names.includes(name))
    const missing = [...overriding].filter((method) => !read.methods.includes(method))
    if (field === undefined || missing.length === 0) continue
    report(
      at(place, 'methods'),
      'contradiction',
      `lacks ${missing.join(', ')}, and "headers" lets pages send ${field}, which makes one of a POST.`,
      `Add what pages may do, and list "headers" without ${field} where they may not.`,
    )
  }
}
