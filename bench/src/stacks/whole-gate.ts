import { createServer, type Server } from 'node:http'
import * as core from '@gatehouse/core'
import type { Gate, Observer, Store } from '@gatehouse/core'
import { wholePolicy } from '../whole-policy.ts'
import { BODY } from '../workload.ts'
import { readSetup, type Setup } from './setup.ts'

/** What a gate has besides its policy. */
export interface Besides {
  readonly setup?: Setup
  readonly store?: Store
  /** How many verified tokens it remembers; as many as the core likes when left out. */
  readonly maxCachedTokens?: number
}

/**
 * The gate, with everything that a policy of an API has. https is the one exception: the bench speaks plain http, since
 * TLS would cost each stack the same and hide the rest, so the policy says dangerouslyAllowHttp.
 */
export function gateWith(
  observe: readonly Observer[],
  { setup = readSetup(), store, maxCachedTokens }: Besides = {},
): Gate {
  return core.gatehouse({
    ...wholePolicy(core, observe, setup, maxCachedTokens),
    https: 'dangerouslyAllowHttp',
    ...(store !== undefined && { store }),
  })
}

const JSON_CONTENT = ['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(BODY))]

/** The gate on node:http, and a handler that writes as the floor does. */
export function wholeGate(observe: readonly Observer[], besides: Besides = {}): Server {
  const gate = gateWith(observe, besides)
  const listener = gate.handler((_req, res) => {
    res.writeHead(200, JSON_CONTENT)
    res.end(BODY)
  })
  return gate.attach(createServer(listener))
}
