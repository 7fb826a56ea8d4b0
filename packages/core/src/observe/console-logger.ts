import type { EventOutcome, SecurityEvent } from '../contract/event.ts'
import { utilModule } from '../lib/builtins.ts'
import { escapeForLog } from '../lib/chars.ts'
import { readOrThrow } from '../options/read-or-throw.ts'
import { optional, type OptionReaders } from '../options/read.ts'
import { flag, having } from '../options/readers.ts'
import { type LineStream, lineStream } from './line-stream.ts'
import type { LossyObserver } from './sink.ts'

/** Where a console logger writes, and how. */
export interface ConsoleLoggerOptions {
  /**
   * Where to.
   *
   * @default `process.stderr`
   */
  readonly stream?: LineStream & {
    /** Whether it is a terminal: its lines are coloured then, unless the environment has `NO_COLOR`. */
    readonly isTTY?: boolean
  }
  /**
   * Whether to tell of requests that were allowed, too.
   *
   * @default `true`
   */
  readonly allowed?: boolean
  /**
   * Whether to print the stack of what a handler or a check threw. It is for development: the text of somebody else's
   * error can hold a secret.
   *
   * @default `false`
   */
  readonly stacks?: boolean
}

type ConsoleStream = NonNullable<ConsoleLoggerOptions['stream']>

const READERS = {
  stream: optional(having<ConsoleStream>('a stream', 'process.stderr', 'write')),
  allowed: optional(flag(), true),
  stacks: optional(flag(), false),
} satisfies OptionReaders<ConsoleLoggerOptions>

const STYLE: Readonly<
  Record<EventOutcome, { readonly mark: string; readonly color: 'green' | 'red' | 'yellow' | 'cyan' }>
> = {
  allowed: { mark: 'allowed', color: 'green' },
  answered: { mark: 'answered', color: 'cyan' },
  refused: { mark: 'refused', color: 'red' },
  'would-refuse': { mark: 'would refuse', color: 'yellow' },
  warning: { mark: 'warning', color: 'yellow' },
}

const MARK_WIDTH = 'would refuse'.length

/** How many events wait for a stream that is full: nobody reads more of them. */
const MAX_WAITING = 1_000

/**
 * Writes each event as one line for people: when, what became of it, the request, the client, and why.
 *
 * A stream that is full is not waited for, and one that fails does not end the process: what it loses is counted. Colours are
 * used on a terminal, unless `NO_COLOR` is set.
 *
 * @throws ConfigError with every unusable option at once
 * @example
 * gatehouse({ ...policy, observe: consoleLogger() })
 */
export function consoleLogger(options: ConsoleLoggerOptions = {}): LossyObserver {
  const { stream = process.stderr, allowed, stacks } = readOrThrow('consoleLogger', options, READERS, [])
  const colors = stream.isTTY === true && !process.env['NO_COLOR']
  const write = lineStream(stream, {
    name: 'A console',
    maxWaiting: MAX_WAITING,
    lineOf(event) {
      return `${lineOf(event, colors)}\n${stacks ? stackOf(event.error) : ''}`
    },
  })
  const observe = (event: SecurityEvent): void => {
    if (event.outcome !== 'allowed' || allowed) write(event)
  }
  return Object.assign(observe, { dropped: write.dropped, droppedByOutcome: write.droppedByOutcome })
}

/** Set in, and escaped: what it quotes of a request must not look like an event of its own. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const lines = String(error.stack).split('\n')
  return lines.map((line) => `    ${escapeForLog(line)}\n`).join('')
}

function lineOf(event: SecurityEvent, colors: boolean): string {
  const { mark, color } = STYLE[event.outcome]
  const padded = mark.padEnd(MARK_WIDTH)
  const parts = [
    event.time.slice(11, 23),
    colors ? utilModule().styleText(color, padded) : padded,
    event.status === undefined ? '   ' : String(event.status),
    `${event.method} ${event.path}`,
    `from ${event.client ?? 'an unknown address'}`,
  ]
  if (event.principal !== undefined) parts.push(`as ${event.principal.subject}`)
  if (event.outcome !== 'allowed') parts.push(`[${event.kind}]`)
  if (event.reason !== undefined) parts.push(event.reason)
  return parts.join('  ')
}
