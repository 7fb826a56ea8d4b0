import assert from 'node:assert/strict'
import { parse } from 'node:querystring'
import { after, describe, test } from 'node:test'
import { compileRequest } from '../../src/checks/request.ts'
import { apiKey } from '../../src/identity/api-key.ts'
import { hashApiKey } from '../../src/identity/api-key-format.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { PROTOTYPE_QUERIES } from '../support/attacks.ts'
import { place } from '../support/compile.ts'
import { type Guarded, guarded } from '../support/gate.ts'
import { verdictOf } from '../support/guards.ts'
import { start } from '../support/http.ts'
import { received } from '../support/received.ts'

// One reader checks one account, and another pays from the other (ASVS 15.3.7).
describe('attack: a parameter that is one value to the check and another to the handler', () => {
  const open: Pick<Guarded, 'close'>[] = []
  after(async () => {
    for (const each of open) await each.close()
  })

  const spellings = [
    'account=mine&account=yours',
    'account=mine&%61ccount=yours',
    'account=mine&account[]=yours',
    'account[]=mine&account=yours',
    'account[]=mine&account[]=yours',
    'account[0]=yours',
    'account[$ne]=x',
    'account=mine&account%5B%5D=yours',
    'account=mine&[account]=yours',
    'account=mine&account[=yours',
    'account&account=yours',
    `account=mine&${'x&'.repeat(998)}account=yours`,
    // The parsers of node and of Express stop reading after a thousand.
    `account=mine&${'x&'.repeat(1500)}account=yours`,
  ]
  for (const query of spellings) {
    test(`REQ-12: ${query.slice(0, 60)} is refused`, async () => {
      const server = await guarded({
        request: { query: { once: ['account'] } },
        routes: { '/*': { public: 'a test' } },
      })
      open.push(server)
      const answer = await server.send({ path: `/pay?${query}` })
      assert.equal(answer.status, 400)
      assert.match(answer.body, /"code":"invalid_query"/)
    })
  }

  test('REQ-12: what gets through is one value, to every reader', async () => {
    const server = await guarded(
      { request: { query: { once: ['account'] } }, routes: { '/*': { public: 'a test' } } },
      (req, res, pass) => {
        const sent = (req.url ?? '').split('?')[1] ?? ''
        const read = [
          pass.query.get('account'),
          parse(sent)['account'],
          new URLSearchParams(sent).get('account'),
        ]
        res.end(JSON.stringify(read))
      },
    )
    open.push(server)
    const { body } = await server.send({ path: '/pay?x=1&accoun%74=%e2%82%ac+1&accounts=2' })
    assert.equal(body, JSON.stringify(Array.from({ length: 3 }, () => '\u20ac 1')))
  })

  test('REQ-12: a key in the query may come once, though the policy names no parameter', async () => {
    const key = 'k-0123456789abcdef'
    const gate = gatehouse({
      hosts: ['api.example.com'],
      https: 'dangerouslyAllowHttp',
      request: { query: { repeated: 'last' } },
      authenticate: apiKey({
        keys: [{ id: 'k1', hash: hashApiKey(key), subject: 'alice' }],
        dangerouslyQueryParameter: 'key',
      }),
    })
    const server = await start(gate.handler((_req, res) => res.end('ok')))
    open.push(server)
    const fields = ['Host', 'api.example.com']
    assert.equal((await server.send({ path: `/?key=${key}`, fields })).status, 200)
    for (const [query, code] of [
      // These the scheme sees itself, and answers with its challenge (AUT-04).
      ['key=a&key=b', 'invalid_request'],
      ['key=a&%6bey=b', 'invalid_request'],
      // These are other names to it, and the same to qs.
      ['key[]=a', 'invalid_query'],
      ['key=a&key[x]=b', 'invalid_query'],
      ['key=a&[key]=b', 'invalid_query'],
    ]) {
      const answer = await server.send({ path: `/?${query}`, fields })
      assert.equal(answer.status, 400)
      assert.match(answer.body, new RegExp(`"code":"${code}"`), query)
    }
  })
})

// qs before 6.10.3 made of the first an object that said it was a list of a hundred million (CVE-2022-24999).
describe('attack: a parameter whose name is a prototype', () => {
  const guard = compileRequest(place('request'), undefined)
  for (const query of PROTOTYPE_QUERIES) {
    test(`REQ-12: CVE-2022-24999: ${query} is refused`, () => {
      assert.equal(verdictOf(guard, received({ url: `/?${query}` })), 'request.query-ambiguous')
    })
  }
})
