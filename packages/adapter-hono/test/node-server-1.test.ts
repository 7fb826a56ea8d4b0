import { getRequestListener } from 'node-server1'
import { adapterConformance } from '@gatehouse/testkit'
import { appOf } from './app.ts'

adapterConformance({
  name: 'Hono on node-server 1',
  mount: (gate) => gate.handler(getRequestListener(appOf(gate).fetch)),
  malformed: false,
  // It gives content that is none a type.
  unsendable: ['204 has the fields'],
})
