import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { compileCrossSite, crossSiteToken } from '../../src/checks/cross-site.ts'
import { mistakesOf } from '../support/compile.ts'
import { crossSite, outcome, type Said } from '../support/cross-site.ts'
import { UnsentResponse } from '../support/unsent.ts'

/*
 * What went wrong in protections of other projects, by their public advisories: each as the request that it let through.
 */

const EVIL = 'https://evil.example'
const FORGED: Said = { site: 'cross-site', origin: EVIL, cookie: 'session=1' }
const OLD: Said = { origin: EVIL, cookie: 'session=1' }
const type = (value: string): readonly string[] => ['Content-Type', value]

const requests: readonly (readonly [advisory: string, what: string, request: Said])[] = [
  ['CVE-2023-29003 (SvelteKit)', 'text/plain was not looked at', { ...OLD, more: type('text/plain') }],
  ['CVE-2023-29003 (SvelteKit)', 'nor were PUT, PATCH and DELETE', { ...OLD, method: 'DELETE' }],
  ['CVE-2023-29008 (SvelteKit)', 'the case of a content type decided', { ...OLD, more: type('Text/Plain') }],
  [
    'CVE-2024-43787 (Hono)',
    'the case of a content type decided',
    { ...OLD, more: type('Application/X-WWW-Form-Urlencoded') },
  ],
  ['CVE-2024-48913 (Hono)', 'a request without a content type was safe', OLD],
  [
    'CVE-2024-56140 (Astro)',
    'a parameter of the content type decided',
    { ...OLD, more: type('application/x-www-form-urlencoded; abc') },
  ],
  [
    'CVE-2026-25155 (Qwik City)',
    'a parameter of the content type decided',
    { ...OLD, more: type('multipart/form-data; boundary=a') },
  ],
  ['CVE-2026-27978 (Next.js)', 'the origin null was no origin', { ...OLD, origin: 'null' }],
  [
    'CVE-2026-42190 (RedwoodSDK)',
    'a page of the same site was a friend',
    { ...FORGED, site: 'same-site', origin: 'https://blog.example.com' },
  ],
  [
    'CVE-2025-24358 (gorilla/csrf), CVE-2025-46721 (nosurf)',
    'a sibling over https was not compared',
    { ...OLD, origin: 'https://evil.example.com' },
  ],
  [
    'CVE-2025-24358 (gorilla/csrf), CVE-2025-46721 (nosurf)',
    'every request was taken for one over http',
    { ...OLD, scheme: 'https', origin: 'http://api.example.com' },
  ],
  [
    'CVE-2025-24010 (Vite)',
    'a page of a stranger opened a WebSocket',
    { ...FORGED, method: 'GET', isUpgrade: true },
  ],
]

describe('advisories of other protections', () => {
  for (const [advisory, what, request] of requests) {
    test(`CSR-01, ${advisory}: ${what}; here it is refused`, () => {
      assert.equal(outcome(crossSite(), request), 'cross-site.refused')
      assert.equal(
        outcome(crossSite({ crossSite: { trustedOrigins: ['https://app.example.com'] } }), request),
        'cross-site.refused',
      )
    })
  }

  test('CSR-04, CVE-2025-47909 (gorilla/csrf): a trusted host was trusted over http, too; here its scheme counts', () => {
    const policy = crossSite({ crossSite: { trustedOrigins: ['https://app.example.com'] } })
    assert.equal(outcome(policy, { ...FORGED, origin: 'https://app.example.com' }), 'pass')
    assert.equal(outcome(policy, { ...FORGED, origin: 'http://app.example.com' }), 'cross-site.refused')
    const bare = { trustedOrigins: ['app.example.com'] }
    const found = mistakesOf('crossSite', (where) =>
      compileCrossSite(where, bare, { cors: undefined, keyFields: [] }),
    )
    assert.deepEqual(found, ['malformed_value crossSite.trustedOrigins[0]'])
  })

  const session = ({
    headers,
  }: {
    readonly headers: { readonly cookie?: string | undefined }
  }): string | undefined => /session=(\w+)/.exec(headers.cookie ?? '')?.[1]
  const csrf = crossSiteToken({ keys: [{ id: 'a', secret: randomBytes(32) }], session })

  test('CSR-01, CVE-2021-29624, CVE-2023-27495 (@fastify/csrf-protection): who fixed the cookie could make the token', () => {
    // The secret of the old tokens was in the cookie: whoever planted it had all that a token was made of.
    const planted = `__Host-csrf=${randomBytes(32).toString('base64url')}`
    const own = new UnsentResponse()
    const token = csrf.issue({ headers: { cookie: `session=attacker; ${planted}` } }, own)
    assert.ok(csrf.verify(token, { headers: { cookie: `session=attacker; ${planted}` } }))
    assert.equal(csrf.verify(token, { headers: { cookie: `session=victim; ${planted}` } }), false)
  })

  test('CSR-01, CVE-2023-45128 (Fiber): a cookie that the attacker chose was a token', () => {
    const chosen = randomBytes(32).toString('base64url')
    for (const token of [chosen, `a.${chosen}`, `a.${chosen}${chosen}`])
      assert.equal(
        csrf.verify(token, { headers: { cookie: `session=victim; __Host-csrf=${chosen}` } }),
        false,
      )
  })

  test('CSR-01, CVE-2023-45141 (Fiber): a token that was given to the attacker was good for everybody', () => {
    const res = new UnsentResponse()
    const token = csrf.issue({ headers: { cookie: 'session=attacker' } }, res)
    const victim = new UnsentResponse()
    csrf.issue({ headers: { cookie: 'session=victim' } }, victim)
    assert.equal(csrf.verify(token, { headers: { cookie: `session=victim; ${victim.cookie}` } }), false)
  })
})
