import type { SecurityEvent } from '../../contract/event.ts'
import type { Kind } from '../../contract/kinds.ts'
import { type Duration, parseDuration } from '../../lib/duration.ts'
import {
  at,
  optional,
  type OptionReaders,
  type OptionsRead,
  type Place,
  type Reader,
  readOptions,
  report,
  required,
} from '../../options/read.ts'
import { callback, duration, integer, oneOf, options, text, textThat } from '../../options/readers.ts'
import type { Alert, AlertSeverity, AlertSubject } from './alert.ts'
import { type AlertRuleName, BUILT_IN, type BuiltInRule } from './built-in.ts'
import { ALL, type TextOf, TEXTS } from './subject.ts'

/**
 * Does something about an alert that has begun to fire. It is called once for each client, account or key that crosses the
 * threshold; again when it throws or rejects; and, at most once a minute, when as many events as the threshold have come
 * since. So it should do no harm twice.
 */
export type AlertAction = (alert: Alert) => unknown

/** What may be said otherwise of a rule that is built in. */
export interface AlertTuning {
  /**
   * How many events it takes: 1 to 10,000.
   *
   * @default that of the rule
   */
  readonly threshold?: number
  /**
   * In which time: 1 second to a day. It slides, in steps of a thirtieth of it.
   *
   * @default that of the rule
   */
  readonly window?: Duration
  /**
   * It clears when fewer events than that are within the window.
   *
   * @default half of the threshold
   */
  readonly clearBelow?: number
  /**
   * How many different paths, accounts or clients there must be among them, for the rules that ask for it: 2 to 256.
   *
   * @default that of the rule, and no more than the threshold
   */
  readonly atLeast?: number
  /**
   * How much it matters.
   *
   * @default that of the rule
   */
  readonly severity?: AlertSeverity
  /**
   * How long the same client, account or key is not told of again: 0 to 30 days.
   *
   * @default the `quiet` of all rules
   */
  readonly quiet?: Duration
  /** What is done besides telling: {@link banWith}, or a function of your own. */
  readonly action?: AlertAction
}

/** A rule of your own. */
export interface AlertRule {
  /** Letters, digits and hyphens; that of no other rule. */
  readonly name: string
  /** Whether an event counts. Called for every event, those of requests that were allowed included. */
  readonly when: (event: SecurityEvent) => boolean
  /**
   * What is counted together: the events of one client (an address, of IPv6 a /64), of one account, of one kind, or what a
   * function gives; an event for which that is `undefined` does not count. All events together when left out.
   */
  readonly by?: 'client' | 'account' | 'kind' | TextOf
  /** How many events it takes: 1 to 10,000. */
  readonly threshold: number
  /** In which time: 1 second to a day. It slides, in steps of a thirtieth of it. */
  readonly window: Duration
  /**
   * It clears when fewer events than that are within the window.
   *
   * @default half of the threshold
   */
  readonly clearBelow?: number
  /** What must be different among the events, and how often: 2 to 256. */
  readonly different?: {
    /** What is compared, or what a function gives; an event of which that is `undefined` counts, and differs from none. */
    readonly what: 'path' | 'account' | 'client' | TextOf
    /** How many different ones it takes besides the threshold, which it cannot exceed. */
    readonly atLeast: number
  }
  /**
   * How much it matters.
   *
   * @default 'warning'
   */
  readonly severity?: AlertSeverity
  /** What it means, for people. */
  readonly meaning?: string
  /** What to do about it. */
  readonly advice?: string
  /**
   * How long the same client, account or key is not told of again: 0 to 30 days.
   *
   * @default the `quiet` of all rules
   */
  readonly quiet?: Duration
  /** What is done besides telling: {@link banWith}, or a function of your own. */
  readonly action?: AlertAction
}

/** A rule as events are put to it. */
export interface CompiledRule {
  readonly name: string
  /** The kinds that it counts; `undefined` when it wants to see every event. */
  readonly kinds: readonly Kind[] | undefined
  readonly clearedBy: readonly Kind[]
  readonly counts: (event: SecurityEvent) => boolean
  readonly by: AlertSubject
  readonly keyOf: TextOf
  readonly threshold: number
  readonly windowMs: number
  readonly clearBelow: number
  readonly differentOf: TextOf | undefined
  readonly atLeast: number
  readonly severity: AlertSeverity
  readonly meaning: string
  readonly advice: string
  readonly quietMs: number
  readonly action: AlertAction | undefined
}

/** What a rule counts by, or what is to be different: a word, or a function. */
type Named<W extends keyof typeof TEXTS> = { readonly word: W | undefined; readonly textOf: TextOf }

const readThreshold = integer(1, 10_000)
const readWindow = duration('1s', '1d')
const readAtLeast = integer(2, 256)
const readQuiet = duration('0s', '30d')
const readSeverity = oneOf('info', 'warning', 'critical')
const readAction = callback<AlertAction>("(alert) => ..., or banWith(gate.limit('api'), '15m')")

const TUNING_READERS = {
  threshold: optional(readThreshold),
  window: optional(readWindow),
  clearBelow: optional(readThreshold),
  atLeast: optional(readAtLeast),
  severity: optional(readSeverity),
  quiet: optional(readQuiet),
  action: optional(readAction),
} satisfies OptionReaders<AlertTuning>

const DIFFERENT_READERS = {
  what: required(
    textOfReader('path', 'account', 'client'),
    "Write 'path', 'account', 'client' or a function.",
  ),
  atLeast: required(readAtLeast, 'Write how many, such as 10.'),
} satisfies OptionReaders<NonNullable<AlertRule['different']>>

const RULE_READERS = {
  name: required(
    textThat(
      (name) => /^[a-z][a-z0-9-]{0,63}$/.test(name),
      'a name of small letters, digits and hyphens',
      "'exports'",
    ),
    "Write a name, such as 'exports'.",
  ),
  when: required(callback<AlertRule['when']>('(event) => true or false'), 'Write (event) => true or false.'),
  by: optional(textOfReader('client', 'account', 'kind')),
  threshold: required(readThreshold, 'Write how many events it takes, such as 20.'),
  window: required(readWindow, "Write in which time, such as '5m'."),
  clearBelow: optional(readThreshold),
  different: optional(options(DIFFERENT_READERS)),
  severity: optional(readSeverity),
  meaning: optional(text('what it means', "'One client exports far more than people do.'")),
  advice: optional(text('what to do', "'Ask who it is.'")),
  quiet: optional(readQuiet),
  action: optional(readAction),
} satisfies OptionReaders<AlertRule>

function textOfReader<W extends keyof typeof TEXTS>(...words: readonly W[]): Reader<Named<W>> {
  const readWord = oneOf<W>(...words)
  return (value, place) => {
    if (typeof value === 'function') return { word: undefined, textOf: value as TextOf }
    const word = readWord(value, place)
    return word === undefined ? undefined : { word, textOf: TEXTS[word] }
  }
}

/** What all rules share. */
export interface RuleDefaults {
  readonly quietMs: number
}

/** Compiles a rule that is built in, as it is or tuned; nothing when it is switched off. */
export function compileBuiltIn(
  name: AlertRuleName,
  tuning: unknown,
  place: Place,
  defaults: RuleDefaults,
): CompiledRule | undefined {
  if (tuning === false) return undefined
  const rule: BuiltInRule = BUILT_IN[name]
  const read: Partial<OptionsRead<typeof TUNING_READERS>> =
    tuning === undefined || tuning === true ? {} : (readOptions(place, tuning, TUNING_READERS) ?? {})
  const { threshold = rule.threshold, atLeast } = read
  if (atLeast !== undefined && rule.different === undefined) {
    const message = 'is not for this rule: it asks for nothing different.'
    report(at(place, 'atLeast'), 'contradiction', message, 'Leave it out.')
  }
  const kinds = new Set<Kind>(rule.kinds)
  const { only } = rule
  const compiled: CompiledRule = {
    name,
    kinds: rule.kinds,
    clearedBy: rule.clearedBy ?? [],
    counts: (event) => kinds.has(event.kind) && (only === undefined || only(event)),
    by: rule.by ?? 'all',
    keyOf: rule.by === undefined ? () => ALL : TEXTS[rule.by],
    threshold,
    windowMs: read.window ?? parseDuration(rule.window) ?? 0,
    clearBelow: read.clearBelow ?? Math.ceil(threshold / 2),
    differentOf: rule.different && TEXTS[rule.different.what],
    atLeast: rule.different === undefined ? 0 : (atLeast ?? Math.min(threshold, rule.different.atLeast)),
    severity: read.severity ?? rule.severity,
    meaning: rule.meaning,
    advice: rule.advice,
    quietMs: read.quiet ?? defaults.quietMs,
    action: read.action,
  }
  findContradictions(compiled, place, 'atLeast')
  return compiled
}

/** Compiles a rule of the user's own; nothing, after a report, when it cannot be used. */
export function compileOwn(value: unknown, place: Place, defaults: RuleDefaults): CompiledRule | undefined {
  const read = readOptions(place, value, RULE_READERS)
  if (read === undefined) return undefined
  const { name, when, threshold, window, by, different } = read
  if (name === undefined || when === undefined || threshold === undefined || window === undefined)
    return undefined
  if (Object.hasOwn(BUILT_IN, name)) {
    const instead = `Write "rules: { '${name}': { ... } }" to tune that one.`
    report(at(place, 'name'), 'duplicate_value', 'is the name of a rule that is built in.', instead)
  }
  const compiled: CompiledRule = {
    name,
    kinds: undefined,
    clearedBy: [],
    counts: (event) => isTrue(when(event)),
    by: by === undefined ? 'all' : (by.word ?? 'key'),
    keyOf: by === undefined ? () => ALL : by.textOf,
    threshold,
    windowMs: window,
    clearBelow: read.clearBelow ?? Math.ceil(threshold / 2),
    differentOf: different?.what?.textOf,
    atLeast: different?.atLeast ?? 0,
    severity: read.severity ?? 'warning',
    meaning: read.meaning ?? `More events than the rule ${name} allows.`,
    advice: read.advice ?? 'Look at the samples.',
    quietMs: read.quiet ?? defaults.quietMs,
    action: read.action,
  }
  findContradictions(compiled, at(place, 'different'), 'atLeast', place)
  return compiled
}

/** Only `true` counts. */
function isTrue(said: unknown): boolean {
  return refusePromise(said) === true
}

/** A promise says nothing yet. One that nobody waits for would end the process when it rejects. */
export function refusePromise(said: unknown): unknown {
  if (!(said instanceof Promise)) return said
  said.catch(() => {})
  throw new TypeError('A function of a rule gave a promise: it has to say at once.')
}

function findContradictions(
  { threshold, clearBelow, atLeast }: CompiledRule,
  inner: Place,
  name: string,
  place: Place = inner,
): void {
  if (clearBelow > threshold) {
    const message = 'is more than the threshold: the alert would clear as it begins.'
    report(at(place, 'clearBelow'), 'contradiction', message, 'Write fewer than the threshold.')
  }
  if (atLeast > threshold) {
    const message = 'is more than the threshold: so few events never have as many different values.'
    report(at(inner, name), 'contradiction', message, 'Write a higher threshold.')
  }
}
