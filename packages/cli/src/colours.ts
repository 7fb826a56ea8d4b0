import picocolors from 'picocolors'
import type { Io } from './io.ts'

/** The colours of a terminal, or none. */
export type Colours = ReturnType<typeof picocolors.createColors>

/** Colours where a person reads, unless `NO_COLOR` (no-color.org) says not to; `FORCE_COLOR` has them anywhere. */
export function coloursOf({ env, isTerminal }: Pick<Io, 'env' | 'isTerminal'>): Colours {
  const { NO_COLOR, FORCE_COLOR, TERM } = env
  if (NO_COLOR !== undefined && NO_COLOR !== '') return picocolors.createColors(false)
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '')
    return picocolors.createColors(FORCE_COLOR !== '0' && FORCE_COLOR !== 'false')
  return picocolors.createColors(isTerminal && TERM !== 'dumb')
}
