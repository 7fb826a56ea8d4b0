import { createSecureServer } from 'node:http2'
import { nodeHttp } from '../../../testkit/src/adapter/reference.ts'
import { adapterConformance, type Mount } from '../../../testkit/src/adapter-conformance.ts'
import { tlsSettings } from '../support/certificate.ts'

const tls = await tlsSettings()

/** Of one server that speaks both, the part that is HTTP/1.1: its requests are those of node:http. */
const allowHttp1: Mount = (gate, witness) =>
  createSecureServer(
    { ...tls, allowHTTP1: true },
    nodeHttp(gate, witness) as unknown as Parameters<typeof createSecureServer>[1],
  )

adapterConformance({ name: 'node:https', mount: nodeHttp, tls })
adapterConformance({ name: 'node:http2 with allowHTTP1, over HTTP/1.1', mount: allowHttp1, tls })
adapterConformance({ name: 'node:http2 with TLS', mount: nodeHttp, http2: true, tls })
