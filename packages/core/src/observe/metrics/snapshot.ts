import type { EventOutcome } from '../../contract/event.ts'
import type { Kind } from '../../contract/kinds.ts'
import type { OutcomeCounts } from '../sink.ts'
import type { HistogramState } from './histogram.ts'
import type { LoopDelays } from './loop-delay.ts'

/** How often something was told. */
export interface EventCount {
  /** How those events ended. */
  readonly outcome: EventOutcome
  /** What happened, from the table of kinds. */
  readonly kind: Kind
  /** The check that decided; `undefined` where none did. */
  readonly check: string | undefined
  /** The rule that was matched; `other` for all that came after as many as are told apart. */
  readonly rule: string
  /** How many there were since the meter was made. */
  readonly count: number
}

/** How long responses took. */
export interface ResponseTimes {
  /** The rule that was matched; `other` for all that came after as many as are told apart. */
  readonly rule: string
  /** `2xx`, `4xx`, ...; `none` when the client was gone before. */
  readonly status: string
  /** The check that refused or answered; `undefined` for what the handler answered. */
  readonly check: string | undefined
  /** How many seconds it took from the header section of the request to the end of the response. */
  readonly times: HistogramState
}

/** How long a store took. */
export interface StoreCallTimes {
  /** Of calls that the store answered. */
  readonly answered: HistogramState
  /** Of calls that it failed, or did not answer in time: how long was waited for nothing. */
  readonly failed: HistogramState
}

/** All that is measured, as it stands: plain data. Times are in seconds. */
export interface MetricsSnapshot {
  /** One row for each outcome, kind, check and rule that was told together. */
  readonly events: readonly EventCount[]
  /** One row for each rule, class of status and check that a response has had. */
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
  /** The sets of keys that are fetched from issuers, for each gate that is measured. */
  readonly keySets: readonly {
    /** Whose keys they are. */
    readonly issuer: string
    /** How many seconds ago they were fetched; `undefined` while there are none. */
    readonly age: number | undefined
  }[]
  /** `undefined` when it was asked for the first time: it is measured from then on. */
  readonly loopDelay: LoopDelays | undefined
  /** How many events each sink has lost: by outcome, where it knows. */
  readonly dropped: Readonly<Record<string, number | OutcomeCounts>>
}
