import { type Mistake, Mistakes, ConfigError } from '../../src/contract/mistakes.ts'
import type { Place } from '../../src/options/read.ts'

/** A place at `path`, with mistakes of its own. */
export function place(path: string): Place {
  return { mistakes: new Mistakes(), path }
}

/** The mistakes collected at a place. */
export function mistakesAt(where: Place): readonly Mistake[] {
  try {
    where.mistakes.throwIfAny()
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
}

/** The mistakes that compiling reports, as `code path`, for tables. */
export function mistakesOf(path: string, compile: (where: Place) => unknown): readonly string[] {
  const where = place(path)
  compile(where)
  return mistakesAt(where).map((mistake) => `${mistake.code} ${mistake.path}`)
}
