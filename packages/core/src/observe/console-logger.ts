import { styleText } from 'node:util'
import type { EventOutcome, Observer, SecurityEvent } from '../contract/event.ts'

/** Where a console logger writes, and how. */
export interface ConsoleLoggerOptions {
  /**
   * Where to.
   *
   * @default `process.stderr`
   */
  readonly stream?: { readonly write: (text: string) => unknown; readonly isTTY?: boolean }
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

/**
 * Writes each event as one line for people: when, what became of it, the request, the client, and why.
 *
 * Colours are used on a terminal, unless `NO_COLOR` is set.
 *
 * @example
 * gatehouse({ ...policy, observe: consoleLogger() })
 */
export function consoleLogger(options: ConsoleLoggerOptions = {}): Observer {
  const { stream = process.stderr, allowed = true, stacks = false } = options
  const colors = stream.isTTY === true && !process.env['NO_COLOR']
  return (event) => {
    if (event.outcome === 'allowed' && !allowed) return
    const stack = stacks && event.error instanceof Error ? `${event.error.stack}\n` : ''
    stream.write(`${lineOf(event, colors)}\n${stack}`)
  }
}

function lineOf(event: SecurityEvent, colors: boolean): string {
  const { mark, color } = STYLE[event.outcome]
  const padded = mark.padEnd(MARK_WIDTH)
  const parts = [
    event.time.slice(11, 23),
    colors ? styleText(color, padded) : padded,
    event.status === undefined ? '   ' : String(event.status),
    `${event.method} ${event.path}`,
    `from ${event.client ?? 'an unknown address'}`,
  ]
  if (event.principal !== undefined) parts.push(`as ${event.principal.subject}`)
  if (event.outcome !== 'allowed') parts.push(`[${event.kind}]`)
  if (event.reason !== undefined) parts.push(event.reason)
  return parts.join('  ')
}
