import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Answer } from './answer.ts'
import type { Recorded } from './profiler.ts'

/** What the bench asks of a stack. */
export type Asked =
  | { readonly type: 'usage' }
  | { readonly type: 'answer'; readonly answer: Answer }
  | { readonly type: 'record'; readonly intervalMicros: number }
  | { readonly type: 'recorded' }

/** What a stack tells: its port when it listens, and then one reply for each question. */
export type Told =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'answering' }
  | { readonly type: 'recording' }
  | { readonly type: 'recorded'; readonly recorded: Recorded }

/** What a stack has used since it was started. */
export interface Usage {
  /** Processor time of the whole process in user mode, in microseconds: garbage collection is part of it. */
  readonly userMicros: number
  /** And in the kernel, which is mostly the network. */
  readonly systemMicros: number
  /** Resident memory of the process, in bytes. */
  readonly rssBytes: number
  /** Events that its observer has counted, where it has one. */
  readonly events: number | undefined
  /** Events that its sinks have lost, where it has some. */
  readonly lost: number | undefined
}

/** What else a stack can do. */
export interface Abilities {
  readonly events?: () => number
  readonly lost?: () => number
  readonly setAnswer?: (answer: Answer) => void
}

/** Runs a stack: on a loopback port of its own, until the bench that forked it ends it or is gone. */
export function serve(server: Server, { events, lost, setAnswer }: Abilities = {}): void {
  // Whatever loads TypeScript turns source maps on. Then every stack trace that is written costs more, and a
  // peer whose refusals are exceptions would pay for our tools.
  process.setSourceMapsEnabled(false)
  // Ctrl-C reaches the whole process group. The bench hears it as well, and ends its stacks itself.
  process.on('SIGINT', () => undefined)
  process.on('disconnect', () => process.exit())
  process.on('message', (asked: Asked) => {
    if (asked.type === 'record' || asked.type === 'recorded') {
      void record(asked).then(tell)
    } else if (asked.type === 'usage') {
      const { user, system } = process.cpuUsage()
      tell({
        type: 'usage',
        usage: {
          userMicros: user,
          systemMicros: system,
          rssBytes: process.memoryUsage.rss(),
          events: events?.(),
          lost: lost?.(),
        },
      })
    } else {
      setAnswer?.(asked.answer)
      tell({ type: 'answering' })
    }
  })
  server.listen(0, '127.0.0.1', () =>
    tell({ type: 'listening', port: (server.address() as AddressInfo).port }),
  )
}

/** Loaded where it is asked for: nobody else is measured beside an inspector. */
async function record(asked: Asked & { readonly type: 'record' | 'recorded' }): Promise<Told> {
  const { startRecording, stopRecording } = await import('./profiler.ts')
  if (asked.type === 'recorded') return { type: 'recorded', recorded: await stopRecording() }
  await startRecording(asked.intervalMicros)
  return { type: 'recording' }
}

function tell(told: Told): void {
  if (process.send === undefined) throw new Error('A stack is forked by the bench: npm run bench')
  process.send(told)
}
