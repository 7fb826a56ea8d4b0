import { createAdaptorServer, getRequestListener } from '@hono/node-server'
import { createSecureServer } from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import { adapterConformance, type Mount } from '@gatehouse/testkit'
import { tlsSettings } from '../../core/test/support/certificate.ts'
import { appOf, listenerOf } from './app.ts'

const inFront: Mount = (gate, witness) => gate.handler(getRequestListener(appOf(gate, witness).fetch))
const guardAlone: Mount = (gate, witness) => listenerOf(appOf(gate, witness))

const tls = await tlsSettings()

// Node-server sends the head of an answer before it reads the first piece of it.
const cutsFailed = true
adapterConformance({ name: 'Hono', mount: inFront, cutsFailed })
adapterConformance({ name: 'Hono over https', mount: inFront, cutsFailed, tls, malformed: false })
adapterConformance({ name: 'Hono over HTTP/2', mount: inFront, cutsFailed, tls, http2: true })
adapterConformance({ name: 'Hono over HTTP/2 in clear', mount: inFront, cutsFailed, http2: true })

// What node-server refuses by itself comes to no app: answers.test.ts has it.
adapterConformance({
  name: 'Hono with a guard alone',
  mount: guardAlone,
  cutsFailed,
  unsendable: ['a malformed host is 400'],
  malformed: false,
})
// The servers that node-server makes of them.
adapterConformance({
  name: 'Hono with a guard alone over https',
  mount: (gate, witness) =>
    createAdaptorServer({
      fetch: appOf(gate, witness).fetch,
      createServer: createTlsServer,
      serverOptions: tls,
    }),
  tls,
  cutsFailed,
  unsendable: ['a malformed host is 400'],
  malformed: false,
})
adapterConformance({
  name: 'Hono with a guard alone over HTTP/2',
  mount: (gate, witness) =>
    createAdaptorServer({
      fetch: appOf(gate, witness).fetch,
      createServer: createSecureServer,
      serverOptions: tls,
    }),
  tls,
  http2: true,
  cutsFailed,
})
