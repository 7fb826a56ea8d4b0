import { StackProcess } from '../stack-process.ts'

/** What hears the events of a gate; each ratio is to the first. The second is the same as the first: what it differs by is noise. */
export const SINKS = [
  'none',
  'none again',
  'healthy',
  'hung stream',
  'hung webhook',
  'throws',
  'broken pipe',
  'full disk',
] as const
export type SinkName = (typeof SINKS)[number]

/** Those that must lose events, or something else was measured. */
export const FAULTY: readonly SinkName[] = [
  'hung stream',
  'hung webhook',
  'throws',
  'broken pipe',
  'full disk',
]

const FILE = new URL('./stack.ts', import.meta.url)

/** Starts a gate with a sink. */
export function startSinkStack(name: SinkName): StackProcess {
  return new StackProcess(name, FILE, { args: [name] })
}
