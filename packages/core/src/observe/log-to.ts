import { CODES } from '../contract/codes.ts'
import type { EventOutcome, SecurityEvent } from '../contract/event.ts'
import { KINDS } from '../contract/kinds.ts'
import { isPromiseLike } from '../lib/promise.ts'
import { readOrThrow } from '../options/read-or-throw.ts'
import { isPlainObject, optional, type OptionReaders, type Place, report } from '../options/read.ts'
import { oneOf } from '../options/readers.ts'
import { otelAttributes } from './otel-attributes.ts'
import { Losses, type LossyObserver } from './sink.ts'

/** The levels that a logger has. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** A logger that takes an object and a text: pino, bunyan, the logger of Fastify, `console`. */
export interface Logger {
  /** Hears the outcomes that {@link LogToOptions.levels} puts there, and no others; without it, nobody hears them. */
  readonly debug?: (fields: object, text: string) => unknown
  /** Hears of requests that were allowed or answered, unless the levels say otherwise. */
  readonly info: (fields: object, text: string) => unknown
  /** Hears of refusals, of those that shadow mode would make, and of warnings, unless the levels say otherwise. */
  readonly warn: (fields: object, text: string) => unknown
  /** Hears of what is a fault of the server, whatever the levels say. */
  readonly error: (fields: object, text: string) => unknown
}

/** How a logger is told. */
export interface LogToOptions {
  /**
   * The level of an outcome, where it is not the usual one: `info` for `allowed` and `answered`, `warn` for the others.
   * What is a fault of the server is an `error`, whatever is said here.
   *
   * @example
   * levels: { allowed: 'debug' }
   */
  readonly levels?: Partial<Readonly<Record<EventOutcome, LogLevel>>>
  /**
   * What the object has: the event as its member `event`, or the attributes of OpenTelemetry.
   *
   * @default 'event'
   */
  readonly fields?: 'event' | 'otel'
}

const LEVELS: Readonly<Record<EventOutcome, LogLevel>> = {
  allowed: 'info',
  answered: 'info',
  refused: 'warn',
  'would-refuse': 'warn',
  warning: 'warn',
}

const READERS = {
  levels: optional(readLevels, {}),
  fields: optional(oneOf('event', 'otel'), 'event'),
} satisfies OptionReaders<LogToOptions>

/**
 * Tells a logger of each event: an object, and a text for people.
 *
 * The event is a member of the object and not spread over it, since loggers have a `time` of their own. What a logger does
 * when it cannot keep up is its own business; what it throws or rejects with is counted as lost, and told once a minute.
 *
 * @throws ConfigError with every unusable option at once
 * @throws TypeError for what is no logger
 * @example
 * gatehouse({ ...policy, observe: logTo(pino()) })
 */
export function logTo(logger: Logger, options: LogToOptions = {}): LossyObserver {
  const { levels, fields } = readOrThrow('logTo', options, READERS, [])
  for (const name of ['info', 'warn', 'error'] as const)
    if (typeof logger[name] !== 'function') throw new TypeError(`logTo: the logger has no ${name}().`)
  const levelOf = { ...LEVELS, ...levels }
  const fieldsOf = fields === 'otel' ? otelAttributes : (event: SecurityEvent): object => ({ event })
  const losses = new Losses('A logger')
  const observe = (event: SecurityEvent): void => {
    const level = isFault(event) ? 'error' : levelOf[event.outcome]
    const text = textOf(event)
    try {
      // Not taken out of it: most loggers need to be called as what they are.
      const done =
        level === 'debug' ? logger.debug?.(fieldsOf(event), text) : logger[level](fieldsOf(event), text)
      // A promise that rejects with nobody to hear of it would be the end of the process.
      if (isPromiseLike(done)) done.then(undefined, () => losses.note([event]))
    } catch {
      losses.note([event])
    }
  }
  const { dropped, droppedByOutcome } = losses
  return Object.assign(observe, { dropped, droppedByOutcome })
}

/** A refusal that is no fault of the client, and a warning of what would be one. */
function isFault({ kind, status }: SecurityEvent): boolean {
  const { code } = KINDS[kind]
  return (status ?? (code === undefined ? 0 : CODES[code].status)) >= 500 || kind === 'store.down'
}

function textOf({ outcome, kind, method, path }: SecurityEvent): string {
  return `${outcome} ${method} ${path} [${kind}]`
}

const readLevel = oneOf('debug', 'info', 'warn', 'error')

function readLevels(value: unknown, place: Place): LogToOptions['levels'] {
  const entries = isPlainObject(value) ? Object.entries(value) : undefined
  if (entries?.every(([outcome]) => Object.hasOwn(LEVELS, outcome)) !== true)
    return report(
      place,
      'wrong_type',
      'is not an object of outcomes and levels.',
      "Write { allowed: 'debug' }.",
    )
  return Object.fromEntries(entries.map(([outcome, level]) => [outcome, readLevel(level, place)]))
}
