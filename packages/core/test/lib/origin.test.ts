import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostKind } from '../../src/lib/authority.ts'
import { type Origin, originMatches, parseOrigin, parseOriginPattern } from '../../src/lib/origin.ts'

function origin(text: string): Origin {
  const parsed = parseOrigin(text)
  assert.ok(parsed, `${text} is an origin`)
  return parsed
}

const read: readonly (readonly [
  text: string,
  scheme: string,
  host: string,
  kind: HostKind,
  port: number | undefined,
])[] = [
  ['https://example.com', 'https', 'example.com', 'name', undefined],
  ['https://example.com:8443', 'https', 'example.com', 'name', 8443],
  ['https://example.com:80', 'https', 'example.com', 'name', 80],
  ['http://example.com:443', 'http', 'example.com', 'name', 443],
  ['http://localhost:3000', 'http', 'localhost', 'name', 3000],
  ['http://127.0.0.1:3000', 'http', '127.0.0.1', 'ipv4', 3000],
  ['https://[2001:db8::1]', 'https', '2001:db8::1', 'ipv6', undefined],
  ['https://[::1]:65535', 'https', '::1', 'ipv6', 65_535],
  ['ws://example.com', 'ws', 'example.com', 'name', undefined],
  ['chrome-extension://abcdefghijklmnop', 'chrome-extension', 'abcdefghijklmnop', 'name', undefined],
  ['capacitor://localhost', 'capacitor', 'localhost', 'name', undefined],
  ['az+.-09://host', 'az+.-09', 'host', 'name', undefined],
  ['z://host', 'z', 'host', 'name', undefined],
  [`${'a'.repeat(64)}://host`, 'a'.repeat(64), 'host', 'name', undefined],
]

for (const [text, scheme, host, kind, port] of read) {
  test(`COR-13: ${text} is an origin`, () => {
    assert.deepEqual(parseOrigin(text), { scheme, host, kind, port })
  })
}

const refused: readonly (readonly [name: string, text: string])[] = [
  ['nothing', ''],
  ['null', 'null'],
  ['a star', '*'],
  ['a host alone', 'example.com'],
  ['a scheme alone', 'https://'],
  ['no scheme', '://example.com'],
  ['no slashes', 'https:example.com'],
  ['one slash', 'https:/example.com'],
  ['three slashes', 'https:///example.com'],
  ['an upper-case scheme', 'HTTPS://example.com'],
  ['an upper-case host', 'https://Example.com'],
  ['a scheme that begins with a digit', '1http://example.com'],
  ['a scheme that begins with a plus', '+http://example.com'],
  ['a scheme that begins with a brace', '{http://example.com'],
  ['a scheme that begins with a backquote', '`http://example.com'],
  ['a scheme with a colon', 'blob:http://example.com'],
  ['a scheme with a slash', 'a/b://example.com'],
  ['a scheme with a comma', 'a,b://example.com'],
  ['a scheme with an underscore', 'ht_tp://example.com'],
  ['a scheme that is too long', `${'a'.repeat(65)}://example.com`],
  ['a trailing slash', 'https://example.com/'],
  ['a path', 'https://example.com/app'],
  ['a query', 'https://example.com?x'],
  ['a fragment', 'https://example.com#x'],
  ['userinfo', 'https://user@example.com'],
  ['a trailing dot', 'https://example.com.'],
  ['the default port of https', 'https://example.com:443'],
  ['the default port of http', 'http://example.com:80'],
  ['the default port of ws', 'ws://example.com:80'],
  ['the default port of wss', 'wss://example.com:443'],
  ['port 0', 'https://example.com:0'],
  ['a port above 65535', 'https://example.com:65536'],
  ['an empty port', 'https://example.com:'],
  ['a port with a leading zero', 'https://example.com:08443'],
  ['a name that is not ASCII', 'https://bücher.example'],
  ['a short IPv4 address', 'https://127.1'],
  ['an IPv4 address with a leading zero', 'https://127.0.0.01'],
  ['an IPv6 address that is not canonical', 'https://[2001:db8:0::1]'],
  ['an upper-case IPv6 address', 'https://[2001:DB8::1]'],
  ['an IPv4-mapped address in dotted form', 'https://[::ffff:192.0.2.1]'],
  ['a space before', ' https://example.com'],
  ['a space after', 'https://example.com '],
  ['two origins', 'https://a.example https://b.example'],
  ['a wildcard', 'https://*.example.com'],
  ['any port', 'https://example.com:*'],
]

for (const [name, text] of refused) {
  test(`COR-13: an origin is not read from ${name}`, () => {
    assert.equal(parseOrigin(text), undefined)
  })
}

const patterns: readonly (readonly [
  text: string,
  host: string,
  subdomains: boolean,
  port: number | undefined | '*',
])[] = [
  ['https://example.com', 'example.com', false, undefined],
  ['http://localhost:*', 'localhost', false, '*'],
  ['http://127.0.0.1:*', '127.0.0.1', false, '*'],
  ['http://[::1]:*', '::1', false, '*'],
  ['https://*.example.com', 'example.com', true, undefined],
  ['https://*.example.com:8443', 'example.com', true, 8443],
  ['https://*.example.com:*', 'example.com', true, '*'],
  ['https://*.a.b.example.com', 'a.b.example.com', true, undefined],
]

for (const [text, host, subdomains, port] of patterns) {
  test(`COR-13: ${text} is an origin pattern`, () => {
    const pattern = parseOriginPattern(text)
    assert.ok(pattern)
    assert.equal(pattern.host, host)
    assert.equal(pattern.subdomains, subdomains)
    assert.equal(pattern.port, port)
  })
}

const noPatterns: readonly (readonly [name: string, text: string])[] = [
  ['a star alone', '*'],
  ['null', 'null'],
  ['any scheme', '*://example.com'],
  ['any host', 'https://*'],
  ['any host and port', 'https://*:*'],
  ['a wildcard over http', 'http://*.example.com'],
  ['a wildcard over another scheme', 'wss://*.example.com'],
  ['a wildcard below a top-level domain', 'https://*.com'],
  ['a wildcard below nothing', 'https://*.'],
  ['a wildcard below an IPv4 address', 'https://*.127.0.0.1'],
  ['a wildcard below an IPv6 address', 'https://*.[::1]'],
  ['a wildcard within a label', 'https://a*.example.com'],
  ['a wildcard that is no label of its own', 'https://*example.com'],
  ['a wildcard further right', 'https://a.*.example.com'],
  ['two wildcards', 'https://*.*.example.com'],
  ['an upper-case wildcard host', 'https://*.Example.com'],
  ['a wildcard with a default port', 'https://*.example.com:443'],
  ['a wildcard with a trailing slash', 'https://*.example.com/'],
  ['a wildcard with a trailing dot', 'https://*.example.com.'],
  ['two ports', 'http://localhost:3000:*'],
  ['a default port and any port', 'http://localhost:80:*'],
  ['a wildcard within a port', 'http://localhost:3*'],
  ['any port before the host', 'https://:*'],
  ['a regular expression', 'https://.*\\.example\\.com'],
]

for (const [name, text] of noPatterns) {
  test(`COR-13: an origin pattern is not read from ${name}`, () => {
    assert.equal(parseOriginPattern(text), undefined)
  })
}

const matches: readonly (readonly [pattern: string, origin: string, expected: boolean])[] = [
  ['https://example.com', 'https://example.com', true],
  ['https://example.com', 'http://example.com', false],
  ['https://example.com', 'https://example.com:8443', false],
  ['https://example.com', 'https://a.example.com', false],
  ['https://*.example.com', 'https://a.example.com', true],
  ['https://*.example.com', 'https://a.b.example.com', true],
  ['https://*.example.com', 'https://example.com', false],
  ['https://*.example.com', 'https://evilexample.com', false],
  ['https://*.example.com', 'https://evil-example.com', false],
  ['https://*.example.com', 'https://a.example.com.evil.com', false],
  ['https://*.example.com', 'https://a.example.org', false],
  ['https://*.example.com', 'https://b.com', false],
  ['https://*.example.com', 'http://a.example.com', false],
  ['https://*.example.com', 'https://a.example.com:8443', false],
  ['https://*.example.com:8443', 'https://a.example.com:8443', true],
  ['https://*.example.com:8443', 'https://a.example.com', false],
  ['https://*.example.com:*', 'https://a.example.com:1', true],
  ['https://*.example.com:*', 'https://a.example.com', true],
  ['https://*.example.com:*', 'https://example.com', false],
  ['http://localhost:*', 'http://localhost:5173', true],
  ['http://localhost:*', 'http://localhost', true],
  ['http://localhost:*', 'https://localhost:5173', false],
  ['http://localhost:*', 'http://localhost.evil.com:5173', false],
  ['http://[::1]:*', 'http://[::1]:5173', true],
  ['http://[::1]:*', 'http://[::2]:5173', false],
]

for (const [pattern, text, expected] of matches) {
  test(`COR-14: ${pattern} ${expected ? 'matches' : 'does not match'} ${text}`, () => {
    const parsed = parseOriginPattern(pattern)
    assert.ok(parsed)
    assert.equal(originMatches(parsed, origin(text)), expected)
  })
}
