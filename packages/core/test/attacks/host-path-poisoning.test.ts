import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileHosts } from '../../src/checks/hosts.ts'
import { compileRequest } from '../../src/checks/request.ts'
import { poisonedHosts } from '../support/attacks.ts'
import { place } from '../support/compile.ts'
import { verdictOf } from '../support/guards.ts'
import { received } from '../support/received.ts'

// CVE-2026-48710 of starlette: the URL was built from `http://` + Host + target, and the path read back from it. A Host with
// a delimiter in it then moved the path: rules saw `/abc`, the router answered `/admin`.
describe('attack: a Host that moves the path (CVE-2026-48710)', () => {
  const any = compileHosts(place(''), undefined, true)
  const listed = compileHosts(place(''), ['example.com'], undefined)
  const shape = compileRequest(place('request'), undefined)
  for (const host of poisonedHosts('example.com')) {
    test(`REQ-04: CVE-2026-48710: ${JSON.stringify(host)} is refused, and the path stays the one of the target`, () => {
      const request = received({ url: '/admin', lines: [['Host', host]] })
      assert.equal(verdictOf(any, request), 'host.malformed')
      assert.equal(verdictOf(listed, request), 'host.malformed')
      assert.equal(request.path, '/admin')
      assert.equal(request.query, '')
    })
  }

  const targets: readonly (readonly [url: string, verdict: string, path: string])[] = [
    // The query begins right after the host: the path is empty, and that is what the handler is asked for, too.
    ['http://example.com?@x/admin', 'pass', '/'],
    ['http://x@example.com/admin', 'request.malformed', '/admin'],
    ['http://example.com\\@x/admin', 'request.malformed', '/admin'],
    ['http://example.com:80/admin', 'pass', '/admin'],
  ]
  for (const [url, verdict, path] of targets) {
    test(`REQ-04: the absolute-form ${url} has the path ${path}, and nothing else decides`, () => {
      const request = received({ url, lines: [['Host', 'example.com']] })
      assert.equal(verdictOf(shape, request), verdict)
      assert.equal(request.path, path)
    })
  }
})
