import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Guarded, guarded } from '../support/gate.ts'
import { as } from '../support/scheme.ts'

/*
 * net/http of Go 1.25.0: AddInsecureBypassPattern("/hello/") also let through "/hello", since its router would have sent that
 * on to "/hello/": another handler answered for it. An exemption is for a route, and not for what looks like it.
 */

let server: Guarded
before(async () => {
  const why = 'a test'
  server = await guarded({
    routes: {
      '/hello/': { public: why, dangerouslyCrossSite: why },
      '/plain': { public: why, dangerouslyCrossSite: why },
      '/guarded/': { authenticated: true, dangerouslyCrossSite: why },
      '/tree/*': { authenticated: true, dangerouslyCrossSite: why },
      '/tree/admin/*': { authenticated: true },
      '/Case': { authenticated: true, dangerouslyCrossSite: why },
    },
  })
})
after(() => server.close())

const forged = ['Cookie', 'session=1', 'Origin', 'https://evil.example', 'Sec-Fetch-Site', 'cross-site']
const isExempt = async (path: string): Promise<boolean> => {
  const { body } = await server.send({ method: 'POST', path, fields: [...as('alice'), ...forged] })
  return !body.includes('cross_site_request')
}

describe('attack: an exemption is stretched', () => {
  test('CSR-03: CVE-2025-47910, net/http: /hello is not exempt when /hello/ is', async () => {
    assert.equal(await isExempt('/hello/'), true)
    assert.equal(await isExempt('/hello'), false)
    assert.equal(await isExempt('/guarded/'), true)
    assert.equal(await isExempt('/guarded'), false)
  })

  test('CSR-03: nor is /plain/ when /plain is', async () => {
    assert.equal(await isExempt('/plain'), true)
    for (const path of ['/plain/', '/plain/x', '/plainer', '/Plain', '/pl%61in'])
      assert.equal(await isExempt(path), false, path)
  })

  const respelled = [
    '/TREE/a',
    '/tree',
    '/tr%65e/a',
    '/case',
    '/CASE',
    '/Case/',
    '/tree/admin/x',
    '/tree/ADMIN/x',
    '/tree/%61dmin/x',
  ]
  for (const path of respelled)
    test(`CSR-03: ${path} is not exempt`, async () => assert.equal(await isExempt(path), false))

  test('CSR-03: a path that could be read in two ways is refused before', async () => {
    for (const path of [
      '/tree/../other',
      '/tree/..%2fother',
      '/tree//other',
      '/tree/%2e%2e/other',
      '/hello/./',
    ])
      assert.equal((await server.send({ method: 'POST', path, fields: forged })).status, 400, path)
  })
})
