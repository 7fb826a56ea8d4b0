import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connectionCertificate, fieldCertificate } from '../../src/request/certificate.ts'
import { Facts, MAX_FIELD_LINES } from '../../src/request/facts.ts'
import type { ProxySetting } from '../../src/request/proxy.ts'
import { type Line, PROXY, rawRequest, trust, xff } from '../support/forwarding.ts'

/** As much of a certificate as is looked at: a DER sequence of one octet. */
const DER = Buffer.from([0x30, 0x01, 0x00])
const FIELD = `:${DER.toString('base64')}:`

describe('MTL-01: the certificate of a connection', () => {
  const raw = (bytes: Buffer | undefined) => () => (bytes === undefined ? {} : { raw: bytes })
  const rows: readonly (readonly [
    string,
    Parameters<typeof connectionCertificate>[0],
    Buffer | undefined,
  ])[] = [
    ['verified', { authorized: true, getPeerCertificate: raw(DER) }, DER],
    ['not verified', { authorized: false, getPeerCertificate: raw(DER) }, undefined],
    ['of a plain socket', {}, undefined],
    ['of a socket that does not say', { getPeerCertificate: raw(DER) }, undefined],
    [
      'of a resumed session that has none',
      { authorized: true, getPeerCertificate: raw(undefined) },
      undefined,
    ],
    ['that is empty', { authorized: true, getPeerCertificate: raw(Buffer.alloc(0)) }, undefined],
    ['of a socket that cannot tell', { authorized: true }, undefined],
    [
      'verified, in a way of speaking',
      { authorized: 'true' as never, getPeerCertificate: raw(DER) },
      undefined,
    ],
  ]
  for (const [name, socket, expected] of rows) {
    test(`MTL-01: ${name}`, () => assert.equal(connectionCertificate(socket), expected))
  }
})

describe('MTL-01: the field Client-Cert', () => {
  const bytes = (...octets: number[]): string => `:${Buffer.from(octets).toString('base64')}:`
  const long = Buffer.concat([Buffer.from([0x30, 0x82, 0x01, 0x00]), Buffer.alloc(256)])
  const rows: readonly (readonly [string, unknown, Buffer | undefined])[] = [
    ['one certificate', FIELD, DER],
    ['one with a long length', `:${long.toString('base64')}:`, long],
    ['nothing', undefined, undefined],
    ['an empty text', '', undefined],
    ['a colon', ':', undefined],
    ['no bytes', '::', undefined],
    ['no colons', FIELD.slice(1, -1), undefined],
    ['one colon', FIELD.slice(1), undefined],
    ['two certificates', bytes(...DER, ...DER), undefined],
    ['two in a list', `${FIELD}, ${FIELD}`, undefined],
    ['a parameter', `${FIELD};a=1`, undefined],
    ['a space', `: ${FIELD.slice(1)}`, undefined],
    ['base64 without its padding', ':MAE:', undefined],
    ['base64url', ':MAH_:', undefined],
    ['something that is cut short', bytes(0x30, 0x02, 0x00), undefined],
    ['a length that is cut short', bytes(0x30, 0x82, 0x01), undefined],
    ['an indefinite length', bytes(0x30, 0x80, 0x00, 0x00), undefined],
    ['another type', bytes(0x31, 0x01, 0x00), undefined],
    ['PEM', ':-----BEGIN CERTIFICATE-----:', undefined],
    ['a list of texts', [FIELD], undefined],
  ]
  for (const [name, value, expected] of rows) {
    test(`MTL-01: ${name}`, () => assert.deepEqual(fieldCertificate(value), expected))
  }
})

describe('MTL-01: the field counts from a trusted proxy alone', () => {
  const line = (value: string): Line => ['Client-Cert', value]
  const ranges: ProxySetting = { trustedRanges: ['10.0.0.0/8'] }
  const fillers = Array.from({ length: MAX_FIELD_LINES }, (_, index): Line => [`X-${index}`, ''])
  const rows: readonly (readonly [string, ProxySetting, string | undefined, readonly Line[], boolean])[] = [
    ['a proxy of a trusted range', ranges, PROXY, [xff('192.0.2.1'), line(FIELD)], true],
    ['a proxy that speaks for itself', ranges, PROXY, [line(FIELD)], true],
    ['another peer', ranges, '192.0.2.1', [line(FIELD)], false],
    ['a peer that nobody knows', ranges, undefined, [line(FIELD)], false],
    ['no proxy', 'none', PROXY, [line(FIELD)], false],
    ['no proxy, said by its prefix', { ipv6Prefix: 64 }, PROXY, [line(FIELD)], false],
    ['as many hops as are trusted', { trustedHops: 1 }, '192.0.2.1', [xff('192.0.2.9'), line(FIELD)], true],
    ['past a proxy', { trustedHops: 2 }, PROXY, [xff('192.0.2.9'), line(FIELD)], false],
    ['without any entry', { trustedHops: 1 }, PROXY, [line(FIELD)], false],
    ['with an entry that is none', { trustedHops: 1 }, PROXY, [xff('nobody'), line(FIELD)], false],
    ['two lines', ranges, PROXY, [line(FIELD), line(FIELD)], false],
    ['a field that is none', ranges, PROXY, [line('x')], false],
    ['more lines than are read', ranges, PROXY, [...fillers, line(FIELD)], false],
  ]
  for (const [name, setting, peer, lines, isBelieved] of rows) {
    test(`MTL-01: ${name}`, () => {
      const { headers, rawHeaders } = rawRequest(peer, ...lines)
      const source = { method: 'GET', url: '/', httpVersion: '1.1', headers, rawHeaders }
      const asked = new Facts({ ...source, socket: { remoteAddress: peer } }, 'id', trust(setting))
      assert.deepEqual(asked.forwardedCertificate, isBelieved ? DER : undefined)
      assert.equal(asked.clientCertificate, undefined)
      // Asked again, it is the same.
      assert.deepEqual(asked.forwardedCertificate, isBelieved ? DER : undefined)
    })
  }

  test('MTL-01: two lines of which a server showed the first alone', () => {
    const { headers } = rawRequest(PROXY, line(FIELD))
    const { rawHeaders } = rawRequest(PROXY, line(FIELD), line(FIELD))
    const source = { method: 'GET', url: '/', httpVersion: '1.1', headers, rawHeaders }
    const asked = new Facts({ ...source, socket: { remoteAddress: PROXY } }, 'id', trust(ranges))
    assert.equal(asked.forwardedCertificate, undefined)
  })
})
