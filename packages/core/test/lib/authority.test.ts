import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAuthority, formatHost, type HostKind, parseAuthority } from '../../src/lib/authority.ts'

const LABEL63 = 'a'.repeat(63)
const NAME253 = `${LABEL63}.${LABEL63}.${LABEL63}.${'a'.repeat(61)}`

const read: readonly (readonly [
  name: string,
  text: string,
  host: string,
  kind: HostKind,
  port: number | undefined,
])[] = [
  ['a name', 'api.example.com', 'api.example.com', 'name', undefined],
  ['a name with a port', 'api.example.com:8443', 'api.example.com', 'name', 8443],
  ['a single label', 'localhost:3000', 'localhost', 'name', 3000],
  ['upper case', 'API.Example.COM', 'api.example.com', 'name', undefined],
  ['one trailing dot', 'example.com.', 'example.com', 'name', undefined],
  ['one trailing dot and a port', 'example.com.:80', 'example.com', 'name', 80],
  ['underscores and hyphens', '_dmarc.my-api.-x-.example', '_dmarc.my-api.-x-.example', 'name', undefined],
  ['punycode', 'xn--bcher-kva.example', 'xn--bcher-kva.example', 'name', undefined],
  ['a label that begins with a digit', '1.2.3.4a', '1.2.3.4a', 'name', undefined],
  ['a numeric label that is not the last', '1.example', '1.example', 'name', undefined],
  ['a last label that only looks hexadecimal', 'a.0xg', 'a.0xg', 'name', undefined],
  ['a label of 63', `${LABEL63}.example`, `${LABEL63}.example`, 'name', undefined],
  ['a name of 253', NAME253, NAME253, 'name', undefined],
  ['a name of 253 with dot and port', `${NAME253}.:65535`, NAME253, 'name', 65_535],
  ['the highest port', 'a:65535', 'a', 'name', 65_535],
  ['the lowest port', 'a:1', 'a', 'name', 1],
  ['a dotted quad', '192.0.2.1', '192.0.2.1', 'ipv4', undefined],
  ['the lowest dotted quad', '0.0.0.0', '0.0.0.0', 'ipv4', undefined],
  ['a dotted quad with a port', '192.0.2.1:8080', '192.0.2.1', 'ipv4', 8080],
  ['a dotted quad with a trailing dot', '192.0.2.1.', '192.0.2.1', 'ipv4', undefined],
  ['an IPv6 address', '[2001:DB8:0:0::1]', '2001:db8::1', 'ipv6', undefined],
  ['an IPv6 address with a port', '[::1]:443', '::1', 'ipv6', 443],
  ['an IPv4-mapped address', '[::ffff:192.0.2.1]', '::ffff:c000:201', 'ipv6', undefined],
]

for (const [name, text, host, kind, port] of read) {
  test(`REQ-02: an authority is read from ${name}`, () => {
    assert.deepEqual(parseAuthority(text), { host, kind, port })
  })
}

const refused: readonly (readonly [name: string, text: string])[] = [
  ['nothing', ''],
  ['userinfo', 'user@example.com'],
  ['userinfo with a password', 'user:pass@example.com'],
  ['an empty host', ':80'],
  ['a dot alone', '.'],
  ['a leading dot', '.example.com'],
  ['an empty label', 'a..example.com'],
  ['two trailing dots', 'example.com..'],
  ['an empty port', 'example.com:'],
  ['a port of zero', 'example.com:0'],
  ['a port above 65535', 'example.com:65536'],
  ['a port of six digits', 'example.com:100000'],
  ['a port with a leading zero', 'example.com:080'],
  ['a port with a plus', 'example.com:+80'],
  ['a port with a minus', 'example.com:-1'],
  ['a port with a letter', 'example.com:80a'],
  ['a port with a space', 'example.com: 80'],
  ['two ports', 'example.com:80:80'],
  ['a space within', 'exa mple.com'],
  ['a space before', ' example.com'],
  ['a space after', 'example.com '],
  ['a tab', 'example.com\t'],
  ['a CR', 'example.com\r'],
  ['a LF', 'example.com\n'],
  ['a NUL', 'example.com\0'],
  ['DEL', 'example.com\x7f'],
  ['a slash', 'example.com/'],
  ['a path', 'example.com/health'],
  ['a question mark', 'example.com?x'],
  ['a hash', 'example.com#x'],
  ['a backslash', 'example.com\\x'],
  ['a comma', 'a.example,b.example'],
  ['a semicolon', 'a.example;b'],
  ['percent-encoding', 'ex%61mple.com'],
  ['a percent-encoded dot', 'example%2ecom'],
  ['a quote', '"example.com"'],
  ['a star', '*.example.com'],
  ['a tilde', '~.example.com'],
  ['a name that is not ASCII', 'bücher.example'],
  ['a full-width dot', 'example。com'],
  ['a label of 64', `${LABEL63}a.example`],
  ['a last label of 64', `${LABEL63}a`],
  ['a name of 254', `${LABEL63}.${LABEL63}.${LABEL63}.${'a'.repeat(62)}`],
  ['a text longer than any authority', 'a.'.repeat(200)],
  ['a short IPv4 address', '1.2.3'],
  ['an IPv4 address of one number', '2130706433'],
  ['two numbers', '127.1'],
  ['an IPv4 address in hexadecimal', '0x7f.1'],
  ['an IPv4 address of one hexadecimal number', '0x7f000001'],
  ['an upper-case hexadecimal number', 'a.0X7F'],
  ['hexadecimal without digits', 'a.0x'],
  ['an IPv4 address with a leading zero', '127.0.0.01'],
  ['an octal IPv4 address', '0177.0.0.1'],
  ['a number above 255', '127.0.0.256'],
  ['five numbers', '1.2.3.4.5'],
  ['a name that ends in a number', 'example.1'],
  ['a name that ends in a number and a dot', 'example.1.'],
  ['an IPv6 address without brackets', '::1'],
  ['a bracket that is not closed', '[::1'],
  ['a bracket that is not opened', '::1]'],
  ['empty brackets', '[]'],
  ['a bracket alone', '['],
  ['an IPv4 address in brackets', '[192.0.2.1]'],
  ['a name in brackets', '[example.com]'],
  ['a bad IPv6 address', '[1::2::3]'],
  ['a zone', '[fe80::1%eth0]'],
  ['an encoded zone', '[fe80::1%25eth0]'],
  ['an IPvFuture address', '[v1.fe]'],
  ['text after the bracket', '[::1]a'],
  ['an empty port after the bracket', '[::1]:'],
  ['a port above 65535 after the bracket', '[::1]:65536'],
  ['text before the bracket', 'a[::1]'],
  ['two brackets', '[[::1]]'],
]

for (const [name, text] of refused) {
  test(`REQ-02: an authority is not read from ${name}`, () => {
    assert.equal(parseAuthority(text), undefined)
  })
}

test('TLS-02: a host is written as it stands in a URL, with or without its port', () => {
  const rows = [
    ['example.com.:8443', 'example.com', 'example.com:8443'],
    ['192.0.2.1', '192.0.2.1', '192.0.2.1'],
    ['[0:0::1]:8443', '[::1]', '[::1]:8443'],
  ] as const
  for (const [text, host, whole] of rows) {
    const authority = parseAuthority(text)
    assert.ok(authority)
    assert.equal(formatHost(authority), host)
    assert.equal(formatAuthority(authority), whole)
  }
})
