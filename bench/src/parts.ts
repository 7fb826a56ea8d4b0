import { adaptersPart } from './adapters/part.ts'
import { gatePart } from './gate/part.ts'
import { growthPart } from './growth/part.ts'
import { limiterPart } from './limiter/part.ts'
import { microPart } from './micro/part.ts'
import type { Part } from './part.ts'
import { profilePart } from './profile/part.ts'
import { sinksPart } from './sinks/part.ts'

/** The parts of the bench, in the order in which they are measured. */
export const PARTS: readonly Part[] = [
  gatePart,
  adaptersPart,
  profilePart,
  limiterPart,
  microPart,
  growthPart,
  sinksPart,
]
