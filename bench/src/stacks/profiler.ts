import { readFile } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'

/** What V8 tells of a process, and how long its main thread had a core meanwhile. */
export interface Recorded {
  readonly profile: Profile
  /** Processor time of the thread that was looked at; `undefined` where the system does not tell it. */
  readonly threadMicros: number | undefined
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
let before: number | undefined

/**
 * Looks at what runs each so many microseconds from now on; what was recorded before is forgotten.
 *
 * Trap: what the compiler inlined is told apart only where it knew, when it did, that somebody would ask. So a process is recorded from
 * its start, and what counts is recorded anew when it is warm.
 */
export async function startRecording(intervalMicros: number): Promise<void> {
  session ??= connected()
  await session.post('Profiler.stop').catch(() => undefined)
  await session.post('Profiler.setSamplingInterval', { interval: intervalMicros })
  await session.post('Profiler.start')
  before = await threadMicros()
}

/** Stops, and tells what there was to be seen. */
export async function stopRecording(): Promise<Recorded> {
  if (session === undefined) throw new Error('nothing is recorded')
  const after = await threadMicros()
  const { profile } = await session.post('Profiler.stop')
  const { nodes, samples = [], timeDeltas = [] } = profile
  return {
    profile: { nodes, samples, timeDeltas },
    threadMicros: after === undefined || before === undefined ? undefined : after - before,
  }
}

function connected(): Session {
  const made = new Session()
  made.connect()
  void made.post('Profiler.enable')
  return made
}

/**
 * Linux tells how long a thread ran, in nanoseconds (proc(5), schedstat). That of the process would hold the thread that looks, too.
 */
async function threadMicros(): Promise<number | undefined> {
  const text = await readFile('/proc/self/schedstat', 'utf8').catch(() => '')
  return /^\d+ /.test(text) ? Number.parseInt(text, 10) / 1000 : undefined
}
