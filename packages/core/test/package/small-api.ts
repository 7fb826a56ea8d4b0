/*
 * A small API behind a gate, and its requests: what hardened.test.ts starts with the strictest flags of node. Prints what was
 * answered.
 */
import { readFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import {
  apiKey,
  basic,
  digest,
  gatehouse,
  hashPassword,
  introspection,
  jsonLines,
  jwt,
  metrics,
  secret,
  signJwt,
  verifyPassword,
} from '@gatehouse/core'

const issuer = 'https://id.example'
const audience = 'https://api.example'
const key = { alg: 'HS256', key: secret('0123456789abcdef0123456789abcdef') } as const
/** Options that say nothing. */
const NOTHING = {} as never
const meter = metrics()
let lines = 0
const out = new Writable({
  write(_chunk, _encoding, done) {
    lines++
    done()
  },
})
const gate = gatehouse({
  hosts: ['127.0.0.1'],
  https: 'dangerouslyAllowHttp',
  cors: { origins: ['https://app.example'], credentials: true },
  authenticate: jwt({ issuer, audience, keys: [key] }),
  rateLimit: { limit: 50, window: '1m' },
  metrics: meter,
  observe: [meter.observe, jsonLines(out)],
  routes: {
    'GET /open': { public: 'a test', rateLimit: { limit: 1, window: '1m' } },
    '/read': { scopes: ['read'] },
    'POST /notes': { scopes: ['read'], content: { types: ['application/json'] } },
  },
})
const server = gate.attach(
  createServer(
    gate.handler((req, res, pass) => {
      if (req.url === '/fails') throw new TypeError('a bug')
      res.setHeader('Content-Type', 'application/json')
      res.end(JSON.stringify({ code: req.url === '/open' ? 'anybody' : pass.principal.subject }))
    }),
  ),
)

function send(path: string, headers: Readonly<Record<string, string>> = {}, body?: string): Promise<string> {
  const { port } = server.address() as AddressInfo
  const method = body === undefined ? 'GET' : 'POST'
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, method, headers: { Host: '127.0.0.1', ...headers }, agent: false },
      (res) => {
        let text = ''
        res.setEncoding('utf8').on('data', (part: string) => (text += part))
        res.on('end', () => resolve(`${res.statusCode} ${(JSON.parse(text) as { code?: string }).code}`))
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

function token(scope: string): Readonly<Record<string, string>> {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: issuer, aud: audience, sub: 'ada', scope, iat: now, exp: now + 60 }
  return { Authorization: `Bearer ${signJwt(claims, { key })}` }
}

/** What it throws, by its name or its code. */
function thrownBy(act: () => unknown): string {
  try {
    return `no error: ${String(act())}`
  } catch (error) {
    const { name, code } = error as { name: string; code?: string }
    return code ?? name
  }
}

async function answers(): Promise<Readonly<Record<string, unknown>>> {
  const json = { ...token('read'), 'Content-Type': 'application/json' }
  return {
    open: await send('/open'),
    limited: await send('/open'),
    'no token': await send('/read'),
    'a bad token': await send('/read', { Authorization: 'Bearer a.b.c' }),
    'a good token': await send('/read', token('read')),
    'no scope': await send('/read', token('write')),
    content: await send('/notes', json, '{"a":1}'),
    'bad content': await send('/notes', json, '{"__proto__":{}}'),
    'an error': await send('/fails', token('read')),
    'another page': await send('/read', { ...token('read'), Origin: 'https://app.example' }),
    password: await verifyPassword('a long password', await hashPassword('a long password')),
    schemes: [
      thrownBy(() => gatehouse({ authenticate: apiKey(NOTHING) })),
      thrownBy(() => gatehouse({ authenticate: basic(NOTHING) })),
      thrownBy(() => gatehouse({ authenticate: digest(NOTHING) })),
      thrownBy(() => gatehouse({ authenticate: introspection(NOTHING) })),
    ].join(),
    mistakes: thrownBy(() => gatehouse({ hosts: [] })),
    lines: lines > 0,
    metrics: meter.prometheus().includes('gatehouse'),
    // What the flags are for.
    outside: thrownBy(() => readFileSync(process.argv[2] ?? '', 'utf8')),
    // oxlint-disable-next-line no-eval -- it is what the flag has to stop
    'code of text': thrownBy(() => (0, eval)('1')),
    'a prototype that is set': thrownBy(() => {
      ;(Array.prototype as { at: unknown }).at = 1
      return Array.prototype.at
    }),
    'the setter of prototypes': '__proto__' in {},
  }
}

server.listen(0, '127.0.0.1', () => {
  void answers().then((made) => {
    process.stdout.write(JSON.stringify(made))
    server.close()
    return gate.close()
  })
})
