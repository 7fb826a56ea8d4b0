import { getRequestListener } from '@hono/node-server'
import { adapterConformance, type Mount } from '@gatehouse/testkit'
import { OVER_HTTP2 } from '../../core/test/support/http2.ts'
import { appOf, listenerOf } from './app.ts'

const inFront: Mount = (gate, witness) => gate.handler(getRequestListener(appOf(gate, witness).fetch))
const guardAlone: Mount = (gate, witness) => listenerOf(appOf(gate, witness))

// Node-server sends the head of an answer before it reads the first piece of it.
adapterConformance({ name: 'Hono', mount: inFront, cutsFailed: true })
adapterConformance({
  name: 'Hono over HTTP/2',
  mount: inFront,
  cutsFailed: true,
  ...OVER_HTTP2,
})

// What node-server refuses by itself comes to no app: answers.test.ts has it.
adapterConformance({
  name: 'Hono with a guard alone',
  mount: guardAlone,
  cutsFailed: true,
  unsendable: ['a malformed host is 400'],
  malformed: false,
})
