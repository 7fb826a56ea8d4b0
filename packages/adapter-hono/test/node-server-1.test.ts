import { getRequestListener } from 'node-server1'
import { conform } from '../../core/test/conformance/suite.ts'
import { appOf } from './app.ts'

conform('Hono on node-server 1', (gate) => gate.handler(getRequestListener(appOf(gate).fetch)), {
  // It gives content that is none a type.
  unsendable: ['204 has the fields'],
})
