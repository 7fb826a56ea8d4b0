import { getRequestListener } from '@hono/node-server'
import { adapterConformance, type Mount } from '@gatehouse/testkit'
import { OVER_HTTP2 } from '../../core/test/support/http2.ts'
import { appOf, listenerOf } from './app.ts'

const inFront: Mount = (gate) => gate.handler(getRequestListener(appOf(gate).fetch))
const guardAlone: Mount = (gate) => listenerOf(appOf(gate))

adapterConformance({ name: 'Hono', mount: inFront })
adapterConformance({
  name: 'Hono over HTTP/2',
  mount: inFront,
  ...OVER_HTTP2,
})

// What node-server refuses by itself comes to no app: answers.test.ts has it.
adapterConformance({
  name: 'Hono with a guard alone',
  mount: guardAlone,
  unsendable: ['a malformed host is 400'],
  malformed: false,
})
