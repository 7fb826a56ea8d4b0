import type { Readable, Writable } from 'node:stream'
import { cleanLine } from './clean.ts'

/** Everything that a command knows of the world: the bin fills it in, and tests make it up. */
export interface Io {
  /** Where answers to questions come from: only read where {@link Io.canAsk}. */
  readonly stdin: Readable
  /** What the command was asked for: a table, a report, JSON. */
  readonly stdout: Writable
  /** All else: progress, warnings, mistakes. Never part of the result. */
  readonly stderr: Writable
  /** The environment variables: doctor looks at some, and hands all of them to the package manager. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder from which paths and policies are looked up. */
  readonly cwd: string
  /** As `process.version` has it. */
  readonly nodeVersion: string
  /** What time it is. */
  readonly now: () => Date
  /** Whether a person reads it: colours, spinners. */
  readonly isTerminal: boolean
  /** Whether a person can answer. */
  readonly canAsk: boolean
  /** How wide tables and texts may be; 80 where that is not known. */
  readonly columns: number
  /**
   * Called before the module of a policy is loaded: whatever writes to the standard output of the process from then on, past
   * `stdout`, is no part of a report.
   */
  readonly divert?: () => void
  /** How long the module of a policy may take to load, in milliseconds: half a minute, unless it is said. */
  readonly loadTimeout?: number
}

/** What a command ends with. */
export const EXIT = {
  /** The command has done its work, and nothing that it found counts. */
  ok: 0,
  /** Something was found that `--fail-on` counts, or a route is unguarded. */
  findings: 1,
  /** The command was called wrongly. */
  usage: 2,
  /** The command could not do its work: no such file, a policy that does not load. */
  failed: 3,
} as const

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Ends a command with a sentence and without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string) {
    super(
      message
        .split('\n')
        .map((line) => cleanLine(line))
        .join('\n'),
    )
    this.exitCode = exitCode
  }
}

/** Writes to somebody who reads the result. */
export function print(io: Pick<Io, 'stdout'>, text: string): void {
  io.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

/** Writes to somebody who watches; never part of the result. */
export function tell(io: Pick<Io, 'stderr'>, text: string): void {
  io.stderr.write(text.endsWith('\n') ? text : `${text}\n`)
}
