import { getRequestListener } from 'node-server1'
import { adapterConformance } from '@gatehouse/testkit'
import { appOf } from './app.ts'

adapterConformance({
  name: 'Hono on node-server 1',
  mount: (gate, witness) => gate.handler(getRequestListener(appOf(gate, witness).fetch)),
  malformed: false,
  cutsFailed: true,
  // It gives content that is none a type.
  unsendable: ['204 has the fields'],
})
