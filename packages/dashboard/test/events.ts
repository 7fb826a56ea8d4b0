import type { SecurityEvent } from '@gatehouse/core'
import { allowedEvent } from '../../core/test/support/events.ts'

/** An event as a gate tells it, but for what the test says. */
export function eventOf(what: Partial<SecurityEvent> = {}): SecurityEvent {
  return allowedEvent({ client: '203.0.113.7', peer: '203.0.113.7', ...what })
}

/** A refusal by a limit. */
export function limitedBy(client: string): SecurityEvent {
  return eventOf({
    outcome: 'refused',
    kind: 'limit.exceeded',
    check: 'client-limits',
    status: 429,
    reason: 'the limit default is spent',
    client,
  })
}
