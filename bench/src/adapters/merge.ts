import { mergeStacks } from '../merge-stacks.ts'
import { datedOf } from '../merge.ts'
import type { Kept } from '../part.ts'
import { roundsOf } from '../rounds.ts'
import { type AdaptersPlan, type AdaptersResults, FRAMEWORKS } from './run.ts'
import { SIDES } from './stacks/side.ts'

type KeptAdapters = Kept<AdaptersPlan, AdaptersResults>

/** Puts what was measured now beside what was kept: framework by framework, on each line of Node. */
export function mergeAdapters(earlier: KeptAdapters, now: KeptAdapters): KeptAdapters {
  const names = { scenarios: FRAMEWORKS, stacks: SIDES, floor: 'bare' } as const
  const { runs, taken, lines, scenarios } = mergeStacks(
    datedOf(earlier, roundsOf),
    datedOf(now, roundsOf),
    names,
  )
  return {
    machine: now.machine,
    plan: { ...now.plan, frameworks: scenarios, ...lines },
    results: { runs, taken },
  }
}
