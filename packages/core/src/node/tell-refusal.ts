import type { Events } from '../chain/events.ts'
import type { Refusal } from '../contract/check.ts'
import { type Code, CODES } from '../contract/codes.ts'
import { KINDS } from '../contract/kinds.ts'
import type { Facts } from '../request/facts.ts'

/** How a refusal came about, besides its verdict. */
export interface Refused {
  /** The check that refused. */
  readonly check?: string | undefined
  /** The status, where a framework chose it. */
  readonly status?: number | undefined
  /** What was thrown. */
  readonly error?: unknown
}

/** Tells of a refusal; gives the code that the client sees. */
export function tellRefusal(
  events: Events,
  facts: Facts,
  rule: string,
  refusal: Refusal,
  how: Refused = {},
): Code {
  const { kind, reason, account } = refusal
  const { check, error } = how
  const code = KINDS[kind].code ?? 'internal_error'
  const status = how.status ?? CODES[code].status
  events.tell(facts, { outcome: 'refused', kind, rule, check, status, reason, account, error })
  return code
}
