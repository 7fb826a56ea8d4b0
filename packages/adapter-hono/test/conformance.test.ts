import { getRequestListener } from '@hono/node-server'
import { withstand } from '../../core/test/conformance/malformed.ts'
import { conform, type Mount } from '../../core/test/conformance/suite.ts'
import { startHttp2 } from '../../core/test/support/http2.ts'
import { appOf, listenerOf } from './app.ts'

const inFront: Mount = (gate) => gate.handler(getRequestListener(appOf(gate).fetch))
const guardAlone: Mount = (gate) => listenerOf(appOf(gate))

conform('Hono', inFront)
conform('Hono over HTTP/2', inFront, {
  serve: startHttp2,
  unsendable: ['a malformed host is 400', 'two Authorization fields are 400'],
  lacks: ['connection', 'content-length'],
})
withstand('Hono', inFront)

// What node-server refuses by itself comes to no app: answers.test.ts has it.
conform('Hono with a guard alone', guardAlone, { unsendable: ['a malformed host is 400'] })
