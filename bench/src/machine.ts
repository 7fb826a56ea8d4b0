import { availableParallelism, cpus, loadavg } from 'node:os'

/** Where the numbers come from: no name and no path of it, so that results can be shown to anybody. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly node: string
  readonly platform: string
  /** RFC 3339, UTC. */
  readonly date: string
  /** The load average of the last minute before the bench began. */
  readonly loadBefore: number
}

/** Describes this machine. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    date: new Date().toISOString(),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  }
}
