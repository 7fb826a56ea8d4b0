import { type Mistake, Mistakes, ConfigError } from '../../src/contract/mistakes.ts'
import type { SchemeContext } from '../../src/contract/scheme.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import type { Place } from '../../src/options/read.ts'
import { movableClock } from './clock.ts'

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

/** What a scheme is compiled with: a store of its own, and a clock that stands still. */
export function schemeContext(where: Place, clock: Clock = movableClock()): SchemeContext {
  return { ...where, clock, store: memoryStore({ clock }), onClose: () => undefined }
}
