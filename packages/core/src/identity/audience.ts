import type { Place } from '../options/read.ts'
import { distinctList, text } from '../options/readers.ts'

const one = text('an audience', "one, such as 'https://api.example.com'")
const several = distinctList(one, {
  min: 1,
  example: "at least one audience, such as ['https://api.example.com']",
})

/** Reads one audience or a list of them. */
export function readAudience(value: unknown, place: Place): readonly string[] | undefined {
  if (typeof value !== 'string') return several(value, place)
  const audience = one(value, place)
  return audience === undefined ? undefined : [audience]
}
