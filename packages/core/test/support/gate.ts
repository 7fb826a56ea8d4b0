import { createServer } from 'node:http'
import type { Policy } from '../../src/chain/policy.ts'
import type { SecurityEvent } from '../../src/contract/event.ts'
import type { Gate, Handler } from '../../src/node/gate.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import type { ServerLimits } from '../../src/node/server-limits.ts'
import { type MovableClock, movableClock } from './clock.ts'
import { type Running, start } from './http.ts'
import { type TestPrincipal, testScheme } from './scheme.ts'

/** A gate that serves on loopback. */
export interface Guarded extends Running {
  readonly gate: Gate<TestPrincipal>
  readonly clock: MovableClock
  /** Events so far, delivered. */
  readonly events: () => Promise<readonly SecurityEvent[]>
}

/** A policy that lets plain http in on loopback; what the test says comes on top. */
export function testPolicy(policy: Policy<TestPrincipal> = {}): Policy<TestPrincipal> {
  return {
    hosts: ['127.0.0.1', 'api.example.com'],
    https: 'dangerouslyAllowHttp',
    authenticate: testScheme(),
    ...policy,
  }
}

/** Serves a handler behind a policy. Every Host is 127.0.0.1 without a port unless the test sends another. */
export async function guarded(
  policy: Policy<TestPrincipal> = {},
  handle: Handler<TestPrincipal> = (_req, res) => res.end('ok'),
  limits: ServerLimits = {},
): Promise<Guarded> {
  const clock = movableClock()
  const events: SecurityEvent[] = []
  const gate = gatehouse(testPolicy({ clock, ...policy }))
  gate.events.on('event', (event) => events.push(event))
  const running = await start(gate.attach(createServer(gate.handler(handle)), limits))
  return {
    ...running,
    send: ({ fields = [], ...sent }) =>
      running.send({ ...sent, fields: fields.includes('Host') ? fields : ['Host', '127.0.0.1', ...fields] }),
    gate,
    clock,
    async events() {
      await new Promise((resolve) => setImmediate(resolve))
      return events
    },
  }
}
