import { createServer } from 'node:http'
import { gatehouse } from '@gatehouse/core'
import { redisStore } from '@gatehouse/store-redis'
import { serve } from '../../stacks/serve.ts'
import { BODY, HOST } from '../../workload.ts'
import { connect, readLimit } from './limit.ts'

/*
 * A policy of one limit. What a gate has besides, and its peers here do not, is left as it is: the list of hosts, which
 * must be written, security headers, and the event.
 */

const { port, limit, seconds } = readLimit()
let events = 0

const gate = gatehouse({
  hosts: [HOST],
  https: 'dangerouslyAllowHttp',
  store: redisStore({ client: await connect(port) }),
  rateLimit: { limit, window: seconds * 1000 },
  public: 'the bench measures its limit',
  observe: () => {
    events += 1
  },
})

const listener = gate.handler((_req, res) => {
  res.setHeader('Content-Type', 'application/json')
  res.end(BODY)
})

serve(gate.attach(createServer(listener)), { events: () => events })
