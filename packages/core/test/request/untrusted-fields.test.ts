import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  compileUntrustedFields,
  FAMILIES,
  type Strippable,
  type UntrustedFields,
} from '../../src/request/untrusted-fields.ts'

/** A request as node:http has it, with both objects made. */
function request(...raw: readonly string[]): Strippable {
  const headers: Record<string, string> = {}
  const headersDistinct: Record<string, string[]> = {}
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]?.toLowerCase() ?? ''
    headers[name] = raw[i + 1] ?? ''
    headersDistinct[name] = [raw[i + 1] ?? '']
  }
  return { headers, headersDistinct, rawHeaders: [...raw] }
}

/** The names that are left of those that were sent. */
function left(fields: UntrustedFields, ...names: readonly string[]): readonly string[] {
  const sent = request(...names.flatMap((name) => [name, 'forged']))
  assert.equal(fields.isIn(sent.rawHeaders), fields.remove(sent).length > 0)
  const kept = sent.rawHeaders.filter((_, index) => index % 2 === 0)
  assert.deepEqual(
    Object.keys(sent.headers),
    kept.map((name) => name.toLowerCase()),
  )
  assert.deepEqual(Object.keys(sent.headersDistinct ?? {}), Object.keys(sent.headers))
  return kept
}

const usual = compileUntrustedFields([], [])

describe('fields that are believed of proxies alone', () => {
  const names = FAMILIES.flatMap((family) => family.names)

  test('PRX-11: every name of the table is removed, in any case and with underscores', () => {
    for (const pattern of names) {
      const name = pattern.replace('*', '-name')
      for (const form of [name, name.toUpperCase(), name.replaceAll('-', '_')]) {
        assert.deepEqual(left(usual, form), [], form)
      }
    }
  })

  test('PRX-11: a name ends where it ends, and a beginning needs more than itself', () => {
    for (const name of [
      'remote-users',
      'remote-use',
      'xremote-user',
      'client-certs',
      'x-users',
      'x-use',
      'x-user-',
    ]) {
      assert.deepEqual(left(usual, name), [name], name)
    }
    for (const name of [
      'x-client-cert',
      'x-client-cert-chain',
      'x-ms-client-principal',
      'x-ms-client-principal-id',
    ]) {
      assert.deepEqual(left(usual, name), [], name)
    }
  })

  test('PRX-11: what clients send stays, among it the name of gRPC-Web for its user agent', () => {
    const sent = [
      'Host',
      'User-Agent',
      'Accept',
      'Accept-Encoding',
      'Authorization',
      'Connection',
      'Content-Type',
      'Content-Length',
      'Cookie',
      'Origin',
      'Referer',
      'Sec-Fetch-Site',
      'Idempotency-Key',
      'X-User-Agent',
      'X-Requested-With',
      'X-Request-Id',
      'X-Csrf-Token',
      'X-Api-Key',
      'CF-Access-Jwt-Assertion',
      'TE',
      'X',
      '',
    ]
    assert.deepEqual(left(usual, ...sent), sent)
  })

  test('PRX-11: the others keep their order and values, and what was removed is named as in the table', () => {
    const sent = request(
      'A',
      '1',
      'Remote-User',
      'root',
      'B',
      '2',
      'X-User-Id',
      '7',
      'x-user-name',
      'root',
      'C',
      '3',
    )
    assert.deepEqual(
      usual.remove(sent).map(({ name, tell }) => `${name} ${tell}`),
      ['remote-user who', 'x-user-* who'],
    )
    assert.deepEqual(sent.rawHeaders, ['A', '1', 'B', '2', 'C', '3'])
    assert.deepEqual(sent.headers, { a: '1', b: '2', c: '3' })
  })

  test('PRX-11: of HTTP/2, where there is one object less', () => {
    const headers = { ':path': '/', 'remote-user': 'root' }
    const sent = { headers, rawHeaders: [':path', '/', 'remote-user', 'root'] }
    usual.remove(sent)
    assert.deepEqual(sent, { headers: { ':path': '/' }, rawHeaders: [':path', '/'] })
  })

  test('PRX-11: a policy adds names, and keeps others', () => {
    const own = compileUntrustedFields(
      ['x-acme-user', 'x-gw-*'],
      ['x-user-locale', 'x-webauth-*', 'x-real-ip'],
    )
    assert.deepEqual(
      left(
        own,
        'X-Acme-User',
        'X-Gw-Sub',
        'X-User-Locale',
        'X-User-Id',
        'X-Webauth-User',
        'X-Real-IP',
        'x_user_locale',
      ),
      ['X-User-Locale', 'X-Webauth-User', 'X-Real-IP', 'x_user_locale'],
    )
  })
})
