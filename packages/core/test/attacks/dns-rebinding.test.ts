import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileHosts } from '../../src/checks/hosts.ts'
import { place } from '../support/compile.ts'
import { verdictOf } from '../support/guards.ts'
import { received } from '../support/received.ts'

// The attacker's page has a name of the attacker's that now resolves to this server: for the browser the two are one
// origin, so that neither CORS nor Origin says a word. What gives the request away is its Host.
describe('attack: DNS rebinding', () => {
  const guard = compileHosts(
    place(''),
    ['api.example.com', '*.apps.example.com', '127.0.0.1:3000'],
    undefined,
  )
  const names = [
    'rebind.evil.example',
    'rebind.evil.example:3000',
    '127.0.0.1.nip.io:3000',
    'api.example.com.evil.example',
    'evilapi.example.com',
    'apps.example.com',
    'apps.example.com.evil.example',
    'evilapps.example.com',
    'localhost:3000',
    '[::1]:3000',
    '[::ffff:127.0.0.1]:3000',
    '0.0.0.0:3000',
    '127.0.0.2:3000',
    '127.0.0.1',
    '127.0.0.1:3001',
    'api.example.com:3000',
  ]
  for (const host of names) {
    test(`REQ-03: ${host} is not ours`, () => {
      assert.equal(verdictOf(guard, received({ lines: [['Host', host]] })), 'host.unknown')
    })
  }

  for (const host of ['127.1:3000', '2130706433:3000', '0x7f.0.0.1:3000', '0177.0.0.1:3000']) {
    test(`REQ-02: ${host} is an address in a spelling that no two readers share`, () => {
      assert.equal(verdictOf(guard, received({ lines: [['Host', host]] })), 'host.malformed')
    })
  }
})
