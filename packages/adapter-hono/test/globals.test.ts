import { getRequestListener } from '@hono/node-server'
import { conform } from '../../core/test/conformance/suite.ts'
import { appOf } from './app.ts'

// In a process of its own: node-server puts its own Response in the place of Node's once and for all.
conform('Hono with the globals of Node', (gate) =>
  gate.handler(getRequestListener(appOf(gate).fetch, { overrideGlobalObjects: false })),
)
