import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, request as send } from 'node:http'
import { type AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { formatIp } from '../../src/lib/ip.ts'
import {
  entryAddress,
  fieldText,
  MAX_FORWARDING_ENTRIES,
  MAX_FORWARDING_LENGTH,
  nodeAddress,
  splitEntries,
} from '../../src/request/forwarded-for.ts'
import { rawRequest } from '../support/forwarding.ts'

/** The canonical text of the address that a reader finds. */
function text(read: typeof entryAddress, entry: string): string | undefined {
  const ip = read(entry)
  return ip && formatIp(ip)
}

describe('an entry of X-Forwarded-For', () => {
  const rows = [
    ['PRX-08: an IPv4 address', '192.0.2.1', '192.0.2.1'],
    ['PRX-08: an IPv4 address with a port', '192.0.2.1:5678', '192.0.2.1'],
    ['PRX-08: a bare IPv6 address', '2001:db8::1', '2001:db8::1'],
    ['PRX-08: an IPv6 address in brackets', '[2001:db8::1]', '2001:db8::1'],
    ['PRX-08: an IPv6 address in brackets with a port', '[2001:DB8:0::1]:443', '2001:db8::1'],
    ['PRX-08: an IPv4-mapped address is the IPv4 address', '::ffff:192.0.2.1', '192.0.2.1'],
    ['PRX-08: so it is in hexadecimal', '[::ffff:c000:201]:80', '192.0.2.1'],
    ['PRX-08: a zone is dropped', 'fe80::1%eth0', 'fe80::1'],
    ['PRX-08: a zone in brackets is dropped', '[fe80::1%25eth0]:80', 'fe80::1'],
    ['PRX-08: an obfuscated port is no harm', '192.0.2.1:_a.B-9_', '192.0.2.1'],
    ['PRX-08: 0.0.0.0 is no client', '0.0.0.0', undefined],
    ['PRX-08: 0.0.0.0 with a port is no client', '0.0.0.0:80', undefined],
    ['PRX-08: :: is no client', '::', undefined],
    ['PRX-08: [::] is no client', '[::]:80', undefined],
    ['PRX-08: a mapped 0.0.0.0 is no client', '::ffff:0.0.0.0', undefined],
    ['PRX-05: an empty entry', '', undefined],
    ['PRX-05: a word', 'unknown', undefined],
    ['PRX-05: a host name', 'client.example', undefined],
    ['PRX-05: a leading zero, which some read as octal', '192.0.2.010', undefined],
    ['PRX-05: three numbers', '192.0.2', undefined],
    ['PRX-05: an IPv4 address in brackets', '[192.0.2.1]', undefined],
    ['PRX-05: no closing bracket', '[2001:db8::1', undefined],
    ['PRX-05: something after the bracket', '[2001:db8::1]x', undefined],
    ['PRX-05: an empty port', '192.0.2.1:', undefined],
    ['PRX-05: an empty port after brackets', '[2001:db8::1]:', undefined],
    ['PRX-05: a port that is too large', '192.0.2.1:65536', undefined],
    ['PRX-05: a port that is too long', '192.0.2.1:000080', undefined],
    ['PRX-05: a port that is no number', '192.0.2.1:8o', undefined],
    ['PRX-05: an empty obfuscated port', '192.0.2.1:_', undefined],
    ['PRX-05: an obfuscated port with a space', '192.0.2.1:_a b', undefined],
    ['PRX-05: two addresses', '192.0.2.1 192.0.2.2', undefined],
    ['PRX-05: a quoted address', '"192.0.2.1"', undefined],
  ] as const
  for (const [name, entry, expected] of rows) {
    test(name, () => assert.equal(text(entryAddress, entry), expected))
  }
})

describe('a node of Forwarded', () => {
  const rows = [
    ['PRX-06: an IPv4 address with a port', '192.0.2.1:80', '192.0.2.1'],
    ['PRX-06: an IPv6 address in brackets', '[2001:db8::1]', '2001:db8::1'],
    ['PRX-06: an IPv6 address with an obfuscated port', '[2001:db8::1]:_x', '2001:db8::1'],
    ['PRX-06: a bare IPv6 address is no node (RFC 7239 §6)', '2001:db8::1', undefined],
    ['PRX-06: unknown is no address', 'unknown', undefined],
    ['PRX-06: unknown in another case and with a port is none either', 'UNKNOWN:80', undefined],
    ['PRX-06: an obfuscated identifier is no address', '_hidden', undefined],
    ['PRX-06: an obfuscated identifier that looks like one is none', '_192.0.2.1', undefined],
  ] as const
  for (const [name, node, expected] of rows) {
    test(name, () => assert.equal(text(nodeAddress, node), expected))
  }
})

describe('splitting', () => {
  test('PRX-03: entries come in order and without the white space around them', () => {
    assert.deepEqual(splitEntries(' 192.0.2.1 ,\t192.0.2.2,192.0.2.3\t '), [
      '192.0.2.1',
      '192.0.2.2',
      '192.0.2.3',
    ])
  })

  test('PRX-05: an empty entry keeps its place, for it may stand for a hop', () => {
    assert.deepEqual(splitEntries('192.0.2.1,, '), ['192.0.2.1', '', ''])
  })

  test('PRX-05: only SP and HTAB are white space', () => {
    assert.deepEqual(splitEntries('\u00a0192.0.2.1'), ['\u00a0192.0.2.1'])
  })

  test('PRX-05: the number of entries is bounded', () => {
    assert.equal(splitEntries(Array(MAX_FORWARDING_ENTRIES).fill('a').join())?.length, MAX_FORWARDING_ENTRIES)
    assert.equal(
      splitEntries(
        Array(MAX_FORWARDING_ENTRIES + 1)
          .fill('a')
          .join(),
      ),
      undefined,
    )
  })

  test('PRX-05: the length is bounded', () => {
    assert.equal(splitEntries(' '.repeat(MAX_FORWARDING_LENGTH))?.length, 1)
    assert.equal(splitEntries(' '.repeat(MAX_FORWARDING_LENGTH + 1)), undefined)
  })
})

describe('the lines of a field', () => {
  test('PRX-03: lines are joined in order, whatever their case and whatever is between them', () => {
    const raw = rawRequest(
      undefined,
      ['X-Forwarded-For', '192.0.2.1'],
      ['X-Forwarded-Foo', 'not this'],
      ['x-forwarded-for', '192.0.2.2,192.0.2.3'],
      ['Accept', '*/*'],
      ['X-FORWARDED-FOR', ''],
    )
    assert.equal(fieldText(raw, 'x-forwarded-for'), '192.0.2.1, 192.0.2.2,192.0.2.3, ')
  })

  test('PRX-03: the raw lines decide when something has rewritten headers', () => {
    const raw = rawRequest(undefined, ['X-Forwarded-For', '192.0.2.1'], ['X-Forwarded-For', '192.0.2.2'])
    assert.equal(
      fieldText({ ...raw, headers: { 'x-forwarded-for': '192.0.2.9' } }, 'x-forwarded-for'),
      '192.0.2.1, 192.0.2.2',
    )
  })

  test('PRX-03: headers stand in where there are no raw lines, joined or as a list', () => {
    const read = (value: string | string[]): string | undefined =>
      fieldText({ headers: { 'x-forwarded-for': value }, rawHeaders: [] }, 'x-forwarded-for')
    assert.equal(read('192.0.2.1, 192.0.2.2'), '192.0.2.1, 192.0.2.2')
    assert.equal(read(['192.0.2.1', '192.0.2.2']), '192.0.2.1, 192.0.2.2')
  })

  test('PRX-03: a field that is not there is undefined, also under a name that every object has', () => {
    assert.equal(fieldText(rawRequest(undefined), 'x-forwarded-for'), undefined)
    assert.equal(fieldText(rawRequest(undefined), 'constructor'), undefined)
  })

  test('PRX-03: node:http joins the lines of every forwarding field as we join the raw ones', async () => {
    const names = [
      'X-Forwarded-For',
      'Forwarded',
      'X-Forwarded-Proto',
      'X-Forwarded-Host',
      'CF-Connecting-IP',
    ]
    const seen = await new Promise<IncomingMessage>((resolve, reject) => {
      const server = createServer((req, res) => {
        res.end()
        server.close()
        resolve(req)
      })
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo
        const headers = names.flatMap((name) => [name, 'first', name.toLowerCase(), 'second', name, 'third'])
        const request = send({ port, host: '127.0.0.1', agent: false, headers: ['Host', 'a', ...headers] })
        request.on('error', reject).on('response', (response) => response.resume())
        request.end()
      })
    })
    for (const name of names) {
      const lower = name.toLowerCase()
      assert.equal(seen.headers[lower], 'first, second, third')
      assert.equal(fieldText(seen, lower), 'first, second, third')
    }
  })
})
