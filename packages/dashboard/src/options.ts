import { type Clock, ConfigError, type Mistake, type MistakeCode, systemClock } from '@gatehouse/core'
import type { ShownAlert } from './view.ts'

/** Where alerts come from: what `alerts()` of the core gives is one. */
export interface DashboardAlerts {
  /** What fires now. */
  readonly active: () => readonly ShownAlert[]
  /** The last ones, the newest first. */
  readonly recent: () => readonly ShownAlert[]
}

/** How a dashboard is made. */
export interface DashboardOptions {
  /**
   * What the page is called: the service, say.
   *
   * @default 'Gatehouse'
   */
  readonly title?: string
  /**
   * The path below which the page is served: it begins and ends with a slash.
   *
   * @default '/gatehouse/'
   */
  readonly base?: string
  /** Shows these alerts. */
  readonly alerts?: DashboardAlerts
  /**
   * How many pages may be open at once: 1 to 1000. Further ones are answered with 503.
   *
   * @default 20
   */
  readonly listeners?: number
  /** @default the clock of this process */
  readonly clock?: Clock
}

/** Options, as they were read. */
export interface DashboardSettings {
  readonly title: string
  readonly base: string
  readonly listeners: number
  readonly clock: Clock
  readonly alerts: DashboardAlerts | undefined
}

/** What an option has to be, and what to write instead. */
interface Row {
  readonly fits: (value: unknown) => boolean
  readonly code: MistakeCode
  readonly message: string
  readonly instead: string
}

const ROWS: Readonly<Record<keyof DashboardOptions, Row>> = {
  title: {
    fits: (value) => typeof value === 'string' && value !== '',
    code: 'wrong_type',
    message: 'is not a text, or an empty one.',
    instead: "Write the name of the service: 'Orders'.",
  },
  base: {
    fits: (value) => typeof value === 'string' && /^\/(?:[A-Za-z0-9._~-]+\/)+$/.test(value),
    code: 'malformed_value',
    message: 'is not a path with a slash at both ends.',
    instead: "Write it like '/gatehouse/'.",
  },
  alerts: {
    fits: (value) => hasFunctions(value, ['active', 'recent']),
    code: 'wrong_type',
    message: 'has not the functions active and recent.',
    instead: 'Write what alerts() gives.',
  },
  listeners: {
    fits: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 1000,
    code: 'out_of_range',
    message: 'is not a whole number from 1 to 1000.',
    instead: 'Write how many pages may be open at once.',
  },
  clock: {
    fits: (value) => hasFunctions(value, ['now', 'monotonic']),
    code: 'wrong_type',
    message: 'is not a clock.',
    instead: 'Write { now() { ... }, monotonic() { ... } }, or leave it out.',
  },
}

/**
 * Reads the options of a dashboard.
 *
 * @throws ConfigError listing every unusable option at once
 */
export function readDashboard(options: DashboardOptions): DashboardSettings {
  const given: unknown = options
  const mistakes: Mistake[] = []
  const known = Object.keys(ROWS).join(', ')
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const instead = `Write { ${known} }, or leave it out.`
    const mistake: Mistake = {
      code: 'wrong_type',
      path: 'dashboard',
      message: 'is not an object of options.',
      instead,
    }
    throw new ConfigError([mistake], 'dashboard')
  }
  for (const [name, value] of Object.entries(given)) {
    const path = `dashboard.${name}`
    if (!Object.hasOwn(ROWS, name)) {
      const instead = `Known here: ${known}.`
      mistakes.push({ code: 'unknown_option', path, message: 'is not an option.', instead })
      continue
    }
    const { fits, ...mistake } = ROWS[name as keyof DashboardOptions]
    if (value !== undefined && !fits(value)) mistakes.push({ path, ...mistake })
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes, 'dashboard')
  const { title = 'Gatehouse', base = '/gatehouse/', listeners = 20, clock = systemClock, alerts } = options
  return { title, base, listeners, clock, alerts }
}

function hasFunctions(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return names.every((name) => typeof Reflect.get(value, name) === 'function')
}
