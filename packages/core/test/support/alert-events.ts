import type { SecurityEvent } from '../../src/contract/event.ts'
import { KINDS } from '../../src/contract/kinds.ts'

/** An event as a gate tells it. */
export function securityEvent(parts: Partial<SecurityEvent> = {}): SecurityEvent {
  const kind = parts.kind ?? 'token.bad-signature'
  return {
    time: '2026-01-01T00:00:00.000Z',
    outcome: 'refused',
    kind,
    check: 'authenticate',
    code: KINDS[kind].code,
    status: 401,
    reason: undefined,
    requestId: 'test-1',
    method: 'GET',
    path: '/orders',
    client: '203.0.113.7',
    peer: '203.0.113.7',
    principal: undefined,
    rule: 'default',
    ...parts,
  }
}
