import { Session } from 'node:inspector/promises'
import { performance } from 'node:perf_hooks'

/** What V8 tells of a process, and how long it had nothing to do meanwhile. */
export interface Recorded {
  readonly profile: Profile
  /** How long its event loop waited, in microseconds: see `sharesOf`. */
  readonly idleMicros: number
}

/** What is used of a profile: a tree of functions, and which of them ran at each look. */
export interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  /** How long it was since the look before, in microseconds. */
  readonly timeDeltas: readonly number[]
}

/** A function, as it was called by one row of others. */
export interface ProfileNode {
  readonly id: number
  readonly callFrame: {
    readonly functionName: string
    readonly url: string
    /** Where the function begins, from 0. */
    readonly lineNumber: number
  }
  readonly children?: readonly number[] | undefined
}

let session: Session | undefined
let idleBefore = 0

/**
 * Looks at what runs each so many microseconds from now on; what was recorded before is forgotten.
 *
 * Trap: what the compiler inlined is told apart only where it knew, when it did, that somebody would ask. So a process is
 * recorded from its start, and what counts is recorded anew when it is warm.
 */
export async function startRecording(intervalMicros: number): Promise<void> {
  session ??= connected()
  await session.post('Profiler.stop').catch(() => undefined)
  await session.post('Profiler.setSamplingInterval', { interval: intervalMicros })
  await session.post('Profiler.start')
  idleBefore = performance.nodeTiming.idleTime
}

/** Stops, and tells what there was to be seen. */
export async function stopRecording(): Promise<Recorded> {
  if (session === undefined) throw new Error('nothing is recorded')
  const idleMicros = (performance.nodeTiming.idleTime - idleBefore) * 1000
  const { profile } = await session.post('Profiler.stop')
  const { nodes, samples = [], timeDeltas = [] } = profile
  return { profile: { nodes, samples, timeDeltas }, idleMicros }
}

function connected(): Session {
  const made = new Session()
  made.connect()
  void made.post('Profiler.enable')
  return made
}
