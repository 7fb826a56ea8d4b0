import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { discover, metadataUrls } from '../../../src/identity/remote/discover.ts'
import { FAILED } from '../../../src/identity/remote/failures.ts'
import type { FetchResult } from '../../../src/identity/remote/fetch-json.ts'

const ISSUER = 'https://id.example.com/tenant'
const OPENID = 'https://id.example.com/tenant/.well-known/openid-configuration'
const OAUTH = 'https://id.example.com/.well-known/oauth-authorization-server/tenant'

/** A fetcher that answers by URL; everything else has the status 404. */
function fetcherOf(answers: Readonly<Record<string, unknown>>): {
  readonly getJson: (url: string) => Promise<FetchResult>
  readonly asked: string[]
} {
  const asked: string[] = []
  return {
    asked,
    getJson(url) {
      asked.push(url)
      const value = answers[url]
      if (value === undefined) return Promise.resolve(FAILED.status)
      const failed = Object.values(FAILED).find((failure) => failure === value)
      return Promise.resolve(failed ?? { ok: true, value, maxAgeMs: undefined })
    },
  }
}

describe('where the metadata of an issuer are', () => {
  const rows: readonly [issuer: string, openid: string, oauth: string][] = [
    [
      'https://id.example.com',
      'https://id.example.com/.well-known/openid-configuration',
      'https://id.example.com/.well-known/oauth-authorization-server',
    ],
    [
      'https://id.example.com/',
      'https://id.example.com/.well-known/openid-configuration',
      'https://id.example.com/.well-known/oauth-authorization-server',
    ],
    [
      'https://id.example.com:8443/a/b/',
      'https://id.example.com:8443/a/b/.well-known/openid-configuration',
      'https://id.example.com:8443/.well-known/oauth-authorization-server/a/b',
    ],
    [ISSUER, OPENID, OAUTH],
  ]
  for (const [issuer, openid, oauth] of rows) {
    test(`JWKS-01: ${issuer}`, () => assert.deepEqual(metadataUrls(issuer), [openid, oauth]))
  }
})

describe('the metadata of an issuer', () => {
  const metadata = {
    issuer: ISSUER,
    jwks_uri: 'https://keys.example.com/keys',
    authorization_endpoint: 'https://id.example.com/authorize',
    token_endpoint: 'https://id.example.com/token',
    introspection_endpoint: 'https://id.example.com/introspect',
  }

  test('JWKS-01: are read from the document of OpenID Connect, and no other is asked for', async () => {
    const fetcher = fetcherOf({ [OPENID]: metadata })
    assert.deepEqual(await discover(ISSUER, fetcher, false), {
      ok: true,
      metadata: {
        issuer: ISSUER,
        jwksUri: metadata.jwks_uri,
        introspectionEndpoint: metadata.introspection_endpoint,
      },
    })
    assert.deepEqual(fetcher.asked, [OPENID])
  })

  for (const name of ['status', 'contentType', 'redirect'] as const) {
    test(`JWKS-01: are read from that of OAuth when the other is not there (${name})`, async () => {
      const fetcher = fetcherOf({ [OPENID]: FAILED[name], [OAUTH]: metadata })
      assert.equal((await discover(ISSUER, fetcher, false)).ok, true)
      assert.deepEqual(fetcher.asked, [OPENID, OAUTH])
    })
  }

  for (const name of ['connection', 'timeout', 'address', 'size', 'json', 'closed'] as const) {
    test(`JWKS-03: are not asked for again when asking failed (${name})`, async () => {
      const fetcher = fetcherOf({ [OPENID]: FAILED[name], [OAUTH]: metadata })
      assert.equal(await discover(ISSUER, fetcher, false), FAILED[name])
      assert.deepEqual(fetcher.asked, [OPENID])
    })
  }

  const others: readonly [name: string, value: unknown][] = [
    ['no issuer', { ...metadata, issuer: undefined }],
    ['another issuer', { ...metadata, issuer: 'https://id.example.com/other' }],
    ['an issuer with a slash more', { ...metadata, issuer: `${ISSUER}/` }],
    ['an issuer in upper case', { ...metadata, issuer: ISSUER.toUpperCase() }],
    ['a list of issuers', { ...metadata, issuer: [ISSUER] }],
    ['no object', [metadata]],
    ['null', null],
    ['a text', ISSUER],
  ]
  for (const [name, value] of others) {
    test(`JWKS-01: are refused with ${name}`, async () => {
      const discovery = await discover(ISSUER, fetcherOf({ [OPENID]: value, [OAUTH]: metadata }), false)
      assert.equal(discovery.ok, false)
    })
  }

  const urls: readonly [name: string, url: unknown, allowHttp: boolean, taken: boolean][] = [
    ['https', 'https://keys.example.com/keys', false, true],
    ['https with a query', 'https://keys.example.com/keys?p=signin', false, true],
    ['http', 'http://keys.example.com/keys', false, false],
    ['http, allowed', 'http://keys.example.com/keys', true, true],
    ['a file', 'file:///etc/passwd', true, false],
    ['userinfo', 'https://id@keys.example.com/keys', true, false],
    ['a fragment', 'https://keys.example.com/keys#a', true, false],
    ['relative', '/keys', true, false],
    ['a number', 7, true, false],
    ['very long', `https://keys.example.com/${'a'.repeat(2048)}`, true, false],
  ]
  for (const [name, url, allowHttp, taken] of urls) {
    test(`JWKS-01: name a URL of keys: ${name}`, async () => {
      const fetcher = fetcherOf({ [OPENID]: { ...metadata, jwks_uri: url } })
      const discovery = await discover(ISSUER, fetcher, allowHttp)
      assert.ok(discovery.ok)
      assert.equal(discovery.metadata.jwksUri, taken ? url : undefined)
    })
  }

  test('JWKS-01: what is inherited is nothing that the metadata say', async () => {
    const fetcher = fetcherOf({ [OPENID]: Object.create({ ...metadata }) })
    assert.equal((await discover(ISSUER, fetcher, false)).ok, false)
  })

  test('JWKS-01: an issuer that is no URL has none', async () => {
    assert.equal(await discover('issuer', fetcherOf({}), false), FAILED.url)
  })
})
