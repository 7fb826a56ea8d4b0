import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { gatehouse, jwt, signJwt } from '@gatehouse/core'

// A whole policy, through a real socket, from the tarball.
const key = { alg: 'HS256', key: 'a secret of thirty-two bytes, yes' }
const issuer = 'https://id.example.com'
const audience = 'https://api.example.com'
const gate = gatehouse({
  hosts: ['api.example.com'],
  https: 'dangerouslyAllowHttp',
  rateLimit: { limit: 10, window: '1m' },
  authenticate: jwt({ issuer, audience, keys: key }),
  routes: { 'GET /data': { scopes: ['data:read'] } },
})
const server = gate.attach(createServer(gate.handler((_req, res, pass) => res.end(pass.principal.subject))))
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))

const url = `http://127.0.0.1:${server.address().port}/data`
const exp = Math.floor(Date.now() / 1000) + 60
const token = signJwt({ iss: issuer, aud: audience, sub: 'alice', exp, scope: 'data:read' }, { key })
const { request } = await import('node:http')
const ask = (headers) =>
  new Promise((resolve, reject) => {
    const req = request(url, { headers: { Host: 'api.example.com', ...headers } }, (res) => {
      let body = ''
      res.setEncoding('utf8')
      res.on('data', (chunk) => (body += chunk))
      res.on('end', () => resolve({ status: res.statusCode, headers: res.headers, body }))
    })
    req.on('error', reject)
    req.end()
  })

const refused = await ask({})
assert.equal(refused.status, 401)
assert.equal(JSON.parse(refused.body).code, 'authentication_required')
const allowed = await ask({ Authorization: `Bearer ${token}` })
assert.deepEqual([allowed.status, allowed.body], [200, 'alice'])
assert.equal(allowed.headers['x-content-type-options'], 'nosniff')

server.closeAllConnections()
server.close()
await gate.close()
