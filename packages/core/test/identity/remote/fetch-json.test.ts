import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import type { ResolveAll } from '../../../src/identity/remote/address.ts'
import { FAILED } from '../../../src/identity/remote/failures.ts'
import { createFetcher } from '../../../src/identity/remote/fetch-json.ts'
import { endpoint, json, localFetcher, signal, tlsEndpoint } from '../../support/endpoint.ts'

/** A resolver that knows one answer, and counts. */
function resolver(...addresses: readonly string[]): {
  readonly resolve: ResolveAll
  readonly names: string[]
} {
  const names: string[] = []
  return {
    names,
    resolve(name, _options, done) {
      names.push(name)
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
    },
  }
}

describe('asking for JSON', () => {
  test('JWKS-01: an answer over https comes with its value and its freshness', async () => {
    const { url, ca, asked } = await tlsEndpoint((_req, res) => {
      json(res, { keys: [] }, { 'Cache-Control': 'max-age=300', Age: '100' })
    })
    const fetcher = localFetcher({ ca, dangerouslyAllowHttp: false })
    const answer = await fetcher.getJson(`${url}/keys?a=b`)
    assert.deepEqual(answer, { ok: true, value: { keys: [] }, maxAgeMs: 200_000 })
    assert.deepEqual(asked, ['/keys?a=b'])
  })

  test('JWKS-01: a request asks for JSON that is not compressed, over a connection of its own', async () => {
    const { url } = await endpoint((req, res) => json(res, { method: req.method, ...req.headers }))
    const answer = await localFetcher().getJson(url)
    assert.ok(answer.ok)
    const { host: _host, ...rest } = answer.value as Record<string, string>
    assert.deepEqual(rest, {
      method: 'GET',
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'gatehouse',
      connection: 'close',
    })
  })

  test('INT-01: a form is posted with the fields that it was given, and those that protect stay', async () => {
    const { url } = await endpoint((req, res) => {
      let body = ''
      req.setEncoding('utf8').on('data', (text: string) => (body += text))
      req.on('end', () => json(res, { method: req.method, body, ...req.headers }))
    })
    const answer = await localFetcher().postForm(
      url,
      { token: 'a b&c=é', token_type_hint: 'access_token' },
      { Authorization: 'Basic eA==', 'accept-encoding': 'gzip', 'content-type': 'text/plain' },
    )
    assert.ok(answer.ok)
    const { host: _host, ...rest } = answer.value as Record<string, string>
    assert.deepEqual(rest, {
      method: 'POST',
      body: 'token=a+b%26c%3D%C3%A9&token_type_hint=access_token',
      authorization: 'Basic eA==',
      accept: 'application/json',
      'accept-encoding': 'identity',
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': '51',
      'user-agent': 'gatehouse',
      connection: 'close',
    })
  })

  test('INT-01: a field that cannot be written fails, and throws nothing', async () => {
    const { url, asked } = await endpoint((_req, res) => json(res, {}))
    assert.equal(await localFetcher().postForm(url, {}, { 'X-A': 'a\nb' }), FAILED.request)
    assert.deepEqual(asked, [])
  })

  for (const type of ['application/json; charset=utf-8', 'Application/JSON', 'application/jwk-set+json']) {
    test(`JWKS-01: ${type} is JSON`, async () => {
      const { url } = await endpoint((_req, res) => json(res, {}, { 'Content-Type': type }))
      assert.equal((await localFetcher().getJson(url)).ok, true)
    })
  }

  test('JWKS-01: an answer of exactly the most bytes is taken, one more is not', async () => {
    const { url } = await endpoint((req, res) => json(res, `"${'x'.repeat(Number(req.url?.slice(1)) - 2)}"`))
    const fetcher = localFetcher({ maxBytes: 2048 })
    assert.equal((await fetcher.getJson(`${url}/2048`)).ok, true)
    assert.equal(await fetcher.getJson(`${url}/2049`), FAILED.size)
  })
})

describe('an answer that is not taken says why', () => {
  const rows: readonly [status: number, failure: object][] = [
    [204, FAILED.status],
    [302, FAILED.redirect],
    [404, FAILED.status],
    [500, FAILED.status],
  ]
  for (const [status, failure] of rows) {
    test(`JWKS-01: status ${status}`, async () => {
      const { url } = await endpoint((_req, res) => void res.writeHead(status, { Location: '/other' }).end())
      assert.equal(await localFetcher().getJson(url), failure)
    })
  }
})

describe('where may be asked', () => {
  const strict = { allowPrivateAddresses: false, dangerouslyAllowHttp: false } as const
  const rows: readonly [name: string, url: string, failure: object][] = [
    ['http', 'http://keys.example.com/', FAILED.url],
    ['another scheme', 'file:///etc/passwd', FAILED.url],
    ['no URL', 'keys.example.com', FAILED.url],
    ['a user name', 'https://user@keys.example.com/', FAILED.url],
    ['a password', 'https://:secret@keys.example.com/', FAILED.url],
    ['loopback', 'https://127.0.0.1/', FAILED.address],
    ['loopback in another spelling', 'https://0x7f.1/', FAILED.address],
    ['loopback as one number', 'https://2130706433/', FAILED.address],
    ['loopback of IPv6', 'https://[::1]/', FAILED.address],
    ['loopback, mapped', 'https://[::ffff:7f00:1]/', FAILED.address],
    ['loopback behind NAT64', 'https://[64:ff9b::7f00:1]/', FAILED.address],
    ['unspecified', 'https://0.0.0.0/', FAILED.address],
    ['the metadata of a cloud', 'https://169.254.169.254/latest/', FAILED.address],
    ['a private network', 'https://10.1.2.3/', FAILED.address],
    ['unique local', 'https://[fd00::1]/', FAILED.address],
    ['localhost', 'https://localhost/', FAILED.address],
    ['localhost with a dot', 'https://LOCALHOST./', FAILED.address],
    ['a name below localhost', 'https://a.localhost/', FAILED.address],
  ]
  for (const [name, url, failure] of rows) {
    test(`JWKS-01: not ${name}`, async () => {
      const { resolve, names } = resolver('192.0.2.1')
      assert.equal(await localFetcher({ ...strict, resolve }).getJson(url), failure)
      assert.deepEqual(names, [], 'nothing is looked up')
    })
  }

  const answers: readonly [name: string, addresses: readonly string[]][] = [
    ['loopback', ['127.0.0.1']],
    ['the metadata of a cloud', ['169.254.169.254']],
    ['a private address among public ones', ['93.184.216.34', '10.0.0.1']],
    ['a mapped address', ['::ffff:127.0.0.1']],
    ['a unique local address', ['fd00::1']],
    ['a link-local address with a zone', ['fe80::1%lo']],
    ['what is no address', ['example.org']],
  ]
  for (const [name, addresses] of answers) {
    test(`JWKS-01: not a name that resolves to ${name}`, async () => {
      const { resolve, names } = resolver(...addresses)
      const result = await localFetcher({ ...strict, resolve }).getJson('https://keys.example.com/')
      assert.equal(result, FAILED.address)
      assert.deepEqual(names, ['keys.example.com'])
    })
  }

  test('JWKS-01: a name that resolves to nothing fails', async () => {
    const { resolve } = resolver()
    assert.equal(
      await localFetcher({ ...strict, resolve }).getJson('https://keys.example.com/'),
      FAILED.connection,
    )
  })

  test('JWKS-01: each request looks up the name again, and checks what it connects to', async () => {
    const { port, asked } = await endpoint((_req, res) => json(res, {}))
    const { resolve, names } = resolver('127.0.0.1')
    const fetcher = localFetcher({ resolve })
    const url = `http://keys.example.com:${port}/`
    assert.equal((await fetcher.getJson(url)).ok, true)
    assert.equal((await fetcher.getJson(url)).ok, true)
    assert.deepEqual(names, ['keys.example.com', 'keys.example.com'])
    assert.equal(asked.length, 2)
    const strictFetcher = localFetcher({ resolve, allowPrivateAddresses: false })
    assert.equal(await strictFetcher.getJson(url), FAILED.address)
    assert.equal(asked.length, 2, 'nothing is asked at an address that may not be')
  })

  test('JWKS-01: a name with several addresses is reached at the one that answers', async () => {
    const { port } = await endpoint((_req, res) => json(res, {}))
    const { resolve } = resolver('::1', '127.0.0.1')
    assert.equal((await localFetcher({ resolve }).getJson(`http://keys.example.com:${port}/`)).ok, true)
  })
})

describe('letting go', () => {
  test('REQ-14: a timeout ends the request, and the server sees the connection end', async () => {
    const ended = signal()
    const { url } = await endpoint((req) => req.on('close', () => ended.resolve()))
    assert.equal(await localFetcher({ timeout: 50 }).getJson(url), FAILED.timeout)
    await ended.promise
  })

  test('REQ-14: a timeout also ends a look-up that hangs', async () => {
    // Something has to keep the process of the test alive: the fetcher does not.
    await endpoint(() => undefined)
    const fetcher = localFetcher({ timeout: 50, resolve: () => undefined })
    assert.equal(await fetcher.getJson('https://keys.example.com/'), FAILED.timeout)
  })

  test('REQ-17: close ends what is under way, and nothing is asked afterwards', async () => {
    const arrived = signal()
    const { url, asked } = await endpoint(() => arrived.resolve())
    const fetcher = localFetcher({ timeout: 60_000 })
    const pending = fetcher.getJson(url)
    await arrived.promise
    fetcher.close()
    assert.equal(await pending, FAILED.closed)
    assert.equal(await fetcher.getJson(url), FAILED.closed)
    assert.equal(asked.length, 1)
  })

  test('REQ-17: neither an answer nor a request under way keeps the process alive', async () => {
    const hanging = signal()
    const { url, asked } = await endpoint((req, res) => {
      if (req.url === '/hang') hanging.resolve()
      else json(res, {})
    })
    const source = new URL('../../../src/identity/remote/fetch-json.ts', import.meta.url).href
    const script = `
      import { createFetcher } from '${source}'
      const rules = { timeout: 60000, maxBytes: 1024, allowPrivateAddresses: true, dangerouslyAllowHttp: true }
      const fetcher = createFetcher(rules)
      const alive = setInterval(() => {}, 1000)
      const answer = await fetcher.getJson('${url}/answer')
      void fetcher.getJson('${url}/hang')
      process.stdin.on('data', () => { clearInterval(alive); process.stdin.destroy() })
      process.exitCode = answer.ok ? 0 : 1`
    const args = [...process.execArgv, '--input-type=module', '--eval', script]
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'inherit'], timeout: 20_000 })
    await hanging.promise
    child.stdin.write('go')
    const [code] = (await once(child, 'exit')) as [number | null]
    assert.equal(code, 0)
    assert.deepEqual(asked, ['/answer', '/hang'])
  })
})

test('JWKS-01: a certificate that nobody trusts is refused, whatever the environment says', async () => {
  const { url, asked } = await tlsEndpoint((_req, res) => json(res, {}))
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  try {
    const fetcher = createFetcher({
      timeout: 2000,
      maxBytes: 1024,
      allowPrivateAddresses: true,
      dangerouslyAllowHttp: false,
    })
    assert.equal(await fetcher.getJson(url), FAILED.connection)
  } finally {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
  }
  assert.deepEqual(asked, [])
})
