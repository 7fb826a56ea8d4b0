import type { SecurityEvent } from '../../src/contract/event.ts'

/** An event as a gate tells it, with what a test says. */
export function eventWith(said: Partial<SecurityEvent> = {}): SecurityEvent {
  return {
    time: '2026-01-01T00:00:00.000Z',
    outcome: 'refused',
    kind: 'token.expired',
    check: 'authenticate',
    code: 'invalid_token',
    status: 401,
    reason: 'the token has expired',
    requestId: 'request-1',
    method: 'GET',
    path: '/data',
    client: '192.0.2.1',
    peer: '10.0.0.1',
    principal: undefined,
    rule: 'GET /data',
    ...said,
  }
}

/** An event of a request that got through. */
export function allowedEvent(said: Partial<SecurityEvent> = {}): SecurityEvent {
  return eventWith({
    outcome: 'allowed',
    kind: 'request.allowed',
    check: undefined,
    code: undefined,
    status: undefined,
    reason: undefined,
    ...said,
  })
}
