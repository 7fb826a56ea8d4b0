import type { Policy } from '@gatehouse/core'
import type { Core } from '../whole-policy.ts'
import { BODY } from '../workload.ts'
import type { Listen } from './exchange-loop.ts'

/** Sets one field, as most handlers do. */
const handler: Listen = (_req, res) => {
  res.setHeader('Content-Type', 'application/json')
  res.end(BODY)
}

/** A gate in front of a handler. */
export function listenerOf(core: Core, policy: Policy, handle: Listen = handler): Listen {
  return core.gatehouse(policy).handler((req, res) => handle(req, res))
}
