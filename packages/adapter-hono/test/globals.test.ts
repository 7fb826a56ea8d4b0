import { getRequestListener } from '@hono/node-server'
import { adapterConformance } from '@gatehouse/testkit'
import { appOf } from './app.ts'

// In a process of its own: node-server puts its own Response in the place of Node's once and for all.
adapterConformance({
  name: 'Hono with the globals of Node',
  mount: (gate, witness) =>
    gate.handler(getRequestListener(appOf(gate, witness).fetch, { overrideGlobalObjects: false })),
  malformed: false,
  cutsFailed: true,
})
