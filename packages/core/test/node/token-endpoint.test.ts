import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokenIssuer } from '../../src/identity/sign.ts'
import { tokenEndpoint } from '../../src/identity/token-endpoint.ts'
import { guarded } from '../support/gate.ts'

const issuer = tokenIssuer({
  issuer: 'https://id.example.com',
  audience: 'https://api.example.com',
  key: { alg: 'HS256', key: 'a secret of thirty-two bytes, yes' },
  lifetime: '5m',
})

test('LOG-01: a login is an event, right or wrong, and so is a look-up that fails', async () => {
  const token = tokenEndpoint({
    issuer,
    verify(username, password) {
      if (username === 'throw') throw new Error('secret detail')
      return password === 'right' ? { subject: username } : undefined
    },
  })
  const server = await guarded({ routes: { 'POST /token': { public: 'a test' } } }, token)
  const fields = ['Content-Type', 'application/x-www-form-urlencoded']
  const logIn = async (username: string, password: string): Promise<number> => {
    const body = new URLSearchParams({ grant_type: 'password', username, password }).toString()
    return (await server.send({ method: 'POST', path: '/token', fields, body })).status
  }
  assert.equal(await logIn('alice', 'right'), 200)
  assert.equal(await logIn('alice', 'secret'), 400)
  assert.equal(await logIn('throw', 'secret'), 503)
  const events = await server.events()
  const told = events.filter((event) => event.reason?.includes('token endpoint') === true)
  assert.deepEqual(
    told.map((event) => [event.outcome, event.kind, event.client, event.rule]),
    [
      ['allowed', 'credentials.accepted', '127.0.0.1', 'POST /token'],
      ['refused', 'credentials.wrong', '127.0.0.1', 'POST /token'],
      ['refused', 'dependency.failed', '127.0.0.1', 'POST /token'],
    ],
  )
  assert.equal(JSON.stringify(events).includes('secret'), false)
  await server.close()
})
