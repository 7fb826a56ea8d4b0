import type { SecurityEvent } from '@gatehouse/core'

/** An event as a gate tells it, but for what the test says. */
export function eventOf(what: Partial<SecurityEvent> = {}): SecurityEvent {
  return {
    time: '2026-01-01T00:00:00.000Z',
    outcome: 'allowed',
    kind: 'request.allowed',
    check: undefined,
    code: undefined,
    status: undefined,
    reason: undefined,
    requestId: 'r-1',
    method: 'GET',
    path: '/data',
    client: '203.0.113.7',
    peer: '203.0.113.7',
    principal: undefined,
    rule: 'GET /data',
    ...what,
  }
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
