import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { otelAttributes } from '../../src/observe/otel-attributes.ts'
import { allowedEvent, eventWith } from '../support/events.ts'

describe('otelAttributes()', () => {
  test('LOG-01: gives the names of the semantic conventions, and its own for the rest', () => {
    const principal = { issuer: 'https://id.example.com', subject: 'alice' }
    assert.deepEqual(otelAttributes(eventWith({ principal, account: 'a'.repeat(16) })), {
      'event.name': 'gatehouse.refused',
      'gatehouse.outcome': 'refused',
      'gatehouse.kind': 'token.expired',
      'gatehouse.check': 'authenticate',
      'gatehouse.code': 'invalid_token',
      'http.response.status_code': 401,
      'gatehouse.reason': 'the token has expired',
      'gatehouse.request.id': 'request-1',
      'url.path': '/data',
      'client.address': '192.0.2.1',
      'network.peer.address': '10.0.0.1',
      'gatehouse.account': 'a'.repeat(16),
      'gatehouse.rule': 'GET /data',
      'http.request.method': 'GET',
      'http.route': '/data',
      'error.type': 'token.expired',
      'user.id': 'alice',
      'gatehouse.principal.issuer': 'https://id.example.com',
    })
  })

  test('what an event does not have is not there', () => {
    const attributes = otelAttributes(
      allowedEvent({ client: undefined, principal: { issuer: undefined, subject: 'a' } }),
    )
    for (const name of [
      'http.response.status_code',
      'client.address',
      'error.type',
      'gatehouse.principal.issuer',
    ])
      assert.equal(name in attributes, false, name)
    assert.ok(Object.values(attributes).every((value) => value !== undefined))
  })

  test('a method that the conventions do not know is told beside', () => {
    const attributes = otelAttributes(eventWith({ method: 'PROPFIND' }))
    assert.equal(attributes['http.request.method'], '_OTHER')
    assert.equal(attributes['http.request.method_original'], 'PROPFIND')
  })

  const rules: readonly (readonly [rule: string, route: string | undefined])[] = [
    ['GET /users/:id', '/users/:id'],
    ['/admin/*', '/admin/*'],
    ['default', undefined],
    ['/admin/*, route 1', undefined],
    ['a name of /somebody', undefined],
  ]
  for (const [rule, route] of rules)
    test(`the route of "${rule}" is ${route ?? 'not said'}`, () => {
      assert.equal(otelAttributes(eventWith({ rule }))['http.route'], route)
    })
})
