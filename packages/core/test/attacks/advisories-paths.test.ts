import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { readPattern } from '../../src/chain/routes.ts'
import { mistakesOf } from '../support/compile.ts'
import { type Guarded, guarded } from '../support/gate.ts'

/*
 * What has gone wrong where a guard and a router read one path in two ways, by the id of its public advisory:
 * docs/advisories.md. The handler stands for the most lenient router there is: whatever reaches it has got through.
 */

let server: Guarded
let ran = 0
before(async () => {
  server = await guarded(
    {
      routes: {
        '/': { public: 'a test' },
        '/docs/*': { public: 'a test' },
        'GET /secret': { roles: ['admin'] },
        'GET /users/:id/secret': { roles: ['admin'] },
      },
    },
    (_req, res) => {
      ran++
      res.end()
    },
  )
})
after(() => server.close())

/** The status of a request with a target as it stands. */
async function statusOf(target: string): Promise<number> {
  const text = await server.raw(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1])
}

describe('advisories: a guard and a router that disagree', () => {
  const rows: readonly (readonly [id: string, name: string, targets: readonly string[]])[] = [
    ['CVE-2026-22031', '@fastify/middie', ['/%73ecret', '/s%65cret', '/%73%65%63%72%65%74']],
    [
      'CVE-2026-2880',
      '@fastify/middie',
      ['//secret', '/secret//', '/secret;foo=bar', '/secret/', '/;/secret'],
    ],
    ['CVE-2026-33804', '@fastify/middie', ['//secret', '///secret', '/users//1/secret']],
    [
      'CVE-2026-14198',
      '@fastify/middie',
      ['/users/a%2fb/secret', '/users/%2F/secret', '/users/..%2f/secret'],
    ],
    [
      'CVE-2026-85184',
      '@fastify/middie',
      ['http://127.0.0.1/secret', 'HTTP://127.0.0.1/secret?x', 'https://evil.example/secret'],
    ],
    ['CVE-2026-133250', '@fastify/middie', ['/users//secret', 'secret', '*', '/users/%/secret', '?/secret']],
    [
      'CVE-2026-33808',
      '@fastify/express',
      ['//secret', '/secret;x', '/docs/..;/secret', '/docs/%2e%2e/secret'],
    ],
  ]
  for (const [id, name, targets] of rows) {
    test(`REQ-04, REQ-05: ${id}, ${name}: no other spelling of a guarded path is let in`, async () => {
      for (const target of targets) {
        ran = 0
        const status = await statusOf(target)
        assert.ok(status === 401 || status === 400, `${target}: ${status}`)
        assert.equal(ran, 0, target)
      }
      assert.equal(await statusOf('/docs/a'), 200)
    })
  }
})

describe('advisories: redirects', () => {
  for (const id of ['CVE-2024-29041', 'CVE-2024-43796']) {
    test(`TLS-03: ${id}, express: the one redirect goes to a host of the policy, and has no page`, async () => {
      const plain = await guarded({ routes: { '/*': { public: 'a test' } }, https: 'redirect' })
      for (const target of [
        '/\\\\evil.example',
        '//evil.example',
        '/\\evil.example',
        'http://evil.example/',
      ]) {
        const { status, headers } = await plain.send({ path: target, fields: ['Host', 'api.example.com'] })
        assert.deepEqual([status, headers.location], [400, undefined], target)
      }
      for (const target of [
        '/@evil.example',
        '/.evil.example',
        '/a?u=//evil.example',
        '/a?<script>alert(1)</script>',
      ]) {
        const { status, headers, body } = await plain.send({
          path: target,
          fields: ['Host', 'api.example.com'],
        })
        assert.deepEqual([status, headers.location], [308, `https://api.example.com${target}`])
        assert.doesNotMatch(body, /script/)
      }
      await plain.close()
    })
  }
})

describe('advisories: patterns that cost', () => {
  test('AZ-11: CVE-2024-45296, path-to-regexp: a pattern has one parameter in a segment, and is no expression', async () => {
    for (const pattern of ['/:a-:b', '/:a-:b-:c', '/:a(.*)', '/*a-:b', '/{a}{b}']) {
      assert.notDeepEqual(
        mistakesOf('routes', (where) => readPattern(where, pattern)),
        [],
        pattern,
      )
    }
    const begun = process.cpuUsage()
    assert.equal(await statusOf(`/users/${'-'.repeat(8000)}/secre`), 401)
    const { user, system } = process.cpuUsage(begun)
    assert.ok((user + system) / 1000 < 1000)
  })
})
