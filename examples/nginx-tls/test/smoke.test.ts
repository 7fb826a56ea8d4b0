import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { connect, type SecureVersion } from 'node:tls'
import { call } from '../../../packages/core/test/support/call.ts'
import { type Child, run } from '../../../packages/core/test/support/child.ts'
import { skip } from '../../../packages/core/test/support/nginx.ts'
import { freePort } from '../../../packages/core/test/support/ports.ts'

describe('the example behind nginx', { skip }, () => {
  let child: Child
  let tls: number
  let plain: number
  let token: string

  before(async () => {
    ;[tls, plain] = [await freePort(), await freePort()]
    child = run('nginx-tls', [], { PORT: String(plain), TLS_PORT: String(tls) })
    await child.printed(/Ctrl\+C/)
    token = /^ {2}ALICE=(\S+)$/m.exec(child.output())?.[1] ?? assert.fail('it printed no token')
  })
  after(() => child?.stop())

  const secure = (path: string, headers: Readonly<Record<string, string>> = {}): ReturnType<typeof call> =>
    call(`https://localhost:${tls}${path}`, { headers })

  test('PRX-10: it has checked its proxy, and found nothing', () => {
    assert.match(child.output(), /nothing that a client makes up is believed/)
    assert.doesNotMatch(child.output(), /proxy\.|unreachable/)
  })

  test('a token opens what it is for', async () => {
    assert.equal((await secure('/secure-data')).status, 401)
    const { status, json } = await secure('/secure-data', { Authorization: `Bearer ${token}` })
    assert.deepEqual([status, json['for']], [200, 'alice'])
    assert.equal((await secure('/nowhere', { Authorization: `Bearer ${token}` })).status, 404)
    assert.equal((await secure('/health', { Host: 'evil.example' })).status, 421)
  })

  test('PRX-04, PRX-07: who the client is, and how it came, nginx says alone', async () => {
    const seen = { client: '127.0.0.1', scheme: 'https', host: `localhost:${tls}` }
    for (const headers of [
      {},
      { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': 'http', 'X-Forwarded-Host': 'evil.example' },
      { Forwarded: 'for=203.0.113.7;proto=http;host=evil.example' },
      { 'X-Real-IP': '203.0.113.7' },
    ]) {
      assert.deepEqual((await secure('/whoami', headers)).json, seen, JSON.stringify(headers))
    }
  })

  test('TLS-02: plain http is redirected, and refused where it carries a token', async () => {
    const { status, headers } = await call(`http://localhost:${plain}/health?a=%2f`)
    assert.equal(status, 308)
    assert.equal(headers.location, `https://localhost:${tls}/health?a=%2f`)
    const told = await call(`http://localhost:${plain}/secure-data`, { token })
    assert.equal(told.status, 403)
    // What the client says of its scheme opens nothing.
    const lied = await call(`http://localhost:${plain}/secure-data`, {
      token,
      headers: { 'X-Forwarded-Proto': 'https' },
    })
    assert.equal(lied.status, 403)
  })

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`it speaks ${version}`, async () => {
      assert.equal(await speaks(version), version)
    })
  }

  test('and nothing older', async () => {
    await assert.rejects(speaks('TLSv1.1'), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' })
  })

  async function speaks(version: SecureVersion): Promise<string | null> {
    const socket = connect({
      port: tls,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      minVersion: version,
      maxVersion: version,
      // OpenSSL of today would not even ask.
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    try {
      await once(socket, 'secureConnect')
      return socket.getProtocol()
    } finally {
      socket.destroy()
    }
  }

  test('SIGTERM ends both with 0', async () => {
    assert.deepEqual(await child.stop('SIGTERM'), { code: 0, signal: null })
    await assert.rejects(secure('/health'), { code: 'ECONNREFUSED' })
  })
})
