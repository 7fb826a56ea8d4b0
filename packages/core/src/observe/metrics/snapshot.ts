import type { EventOutcome } from '../../contract/event.ts'
import type { Kind } from '../../contract/kinds.ts'
import type { OutcomeCounts } from '../sink.ts'
import type { HistogramState } from './histogram.ts'
import type { LoopDelays } from './loop-delay.ts'

/** How often something was told. */
export interface EventCount {
  readonly outcome: EventOutcome
  readonly kind: Kind
  readonly check: string | undefined
  readonly rule: string
  readonly count: number
}

/** How long responses took. */
export interface ResponseTimes {
  readonly rule: string
  /** `2xx`, `4xx`, ...; `none` when the client was gone before. */
  readonly status: string
  /** The check that refused or answered; `undefined` for what the handler answered. */
  readonly check: string | undefined
  readonly times: HistogramState
}

/** How long a store took. */
export interface StoreCallTimes {
  readonly answered: HistogramState
  readonly failed: HistogramState
}

/** All that is measured, as it stands: plain data. Times are in seconds. */
export interface MetricsSnapshot {
  readonly events: readonly EventCount[]
  readonly responses: readonly ResponseTimes[]
  /** The bounds that belong to `buckets`. */
  readonly bounds: readonly number[]
  /** How many requests are under way. */
  readonly active: number
  /** The times are those of the limits. */
  readonly store: StoreCallTimes & {
    /** Whether the store of the limits of every gate answers; `undefined` where no gate is measured. */
    readonly up: boolean | undefined
    /** Those of the records of schemes and idempotency keys. */
    readonly records: StoreCallTimes
  }
  readonly keySets: readonly { readonly issuer: string; readonly age: number | undefined }[]
  /** `undefined` when it was asked for the first time: it is measured from then on. */
  readonly loopDelay: LoopDelays | undefined
  /** How many events each sink has lost: by outcome, where it knows. */
  readonly dropped: Readonly<Record<string, number | OutcomeCounts>>
}
