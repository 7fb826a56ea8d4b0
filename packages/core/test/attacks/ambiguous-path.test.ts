import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileRequest } from '../../src/checks/request.ts'
import { place } from '../support/compile.ts'
import { verdictOf } from '../support/guards.ts'
import { received } from '../support/received.ts'

// `/admin` has a rule and `/public` has none. The attacker writes /admin so that the rule does not know it and the
// router, a proxy, or the file system behind it does.
describe('attack: a path that a rule and a router read differently', () => {
  const guard = compileRequest(place('request'), undefined)
  const spellings = [
    '/public/../admin',
    '/public/..%2fadmin',
    '/public/%2e%2e/admin',
    '/public/.%2e/admin',
    '/public/%2E./admin',
    '/public/..;/admin',
    '/public/..;a=b/admin',
    '/public/%2e%2e;/admin',
    '/./admin',
    '/%2e/admin',
    '//admin',
    '/public//../admin',
    '/public/..\\admin',
    '/public\\..\\admin',
    '/public/..%5cadmin',
    '/admin%00.json',
    '/admin%0a',
    '/admin%7f',
    '/admin#/public',
    '/%c0%ae%c0%ae/admin',
    '/%e0%80%ae/admin',
    '/%u002e/admin',
    '/%2/admin',
    '/%zz',
    '/..',
    '/public/..',
    '/public/.',
    '/%2e%2e',
    '/\u002e\u002e/admin',
    '/\uff0e\uff0e/admin',
    '/admin\t',
    '/admin ',
    '/ad\rmin',
    'http://api.example.com/public/../admin',
    'http://api.example.com//admin',
    'http://api.example.com\\admin',
  ]
  for (const url of spellings) {
    test(`REQ-05: ${JSON.stringify(url)} is refused before any rule`, () => {
      assert.match(verdictOf(guard, received({ url })), /^request\.(?:path-ambiguous|malformed)$/)
    })
  }

  for (const url of [
    '/admin',
    '/admin/',
    '/admin;v=1',
    '/admin.json',
    '/%61dmin',
    '/%252e%252e/admin',
    '/...',
    '/a..b',
  ]) {
    test(`REQ-05: ${url} can be read in one way, and goes on to the rules`, () => {
      assert.equal(verdictOf(guard, received({ url })), 'pass')
    })
  }
})
