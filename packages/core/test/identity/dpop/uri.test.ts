import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { externalUri, normaliseHtu } from '../../../src/identity/dpop/uri.ts'
import { parseAuthority } from '../../../src/lib/authority.ts'
import { facts } from '../../support/facts.ts'

const BASE = 'https://api.example.com/a/b'

describe('DPP-13: URIs that are equal', () => {
  const rows: readonly (readonly [string, string, string?])[] = [
    ['as it is', 'https://api.example.com/a/b'],
    ['a scheme in upper case', 'HTTPS://api.example.com/a/b'],
    ['a host in upper case', 'https://API.Example.COM/a/b'],
    ['the default port', 'https://api.example.com:443/a/b'],
    ['an empty port', 'https://api.example.com:/a/b'],
    ['a query', 'https://api.example.com/a/b?c=d'],
    ['an empty query', 'https://api.example.com/a/b?'],
    ['a fragment', 'https://api.example.com/a/b#c'],
    ['a query in a fragment', 'https://api.example.com/a/b#c?d'],
    ['escapes of what needs none', 'https://api.example.com/%61/b'],
    ['a dot segment', 'https://api.example.com/a/./b'],
    ['two dots', 'https://api.example.com/a/c/../b'],
    ['dots above the root', 'https://api.example.com/../../a/b'],
    ['dots that are escaped', 'https://api.example.com/a/%2e/c/%2E%2e/b'],
    ['no path', 'https://api.example.com', 'https://api.example.com/'],
    ['no path, and a query', 'https://api.example.com?a', 'https://api.example.com/'],
    ['no path, and a fragment', 'https://api.example.com#a', 'https://api.example.com/'],
    ['dots at the end', 'https://api.example.com/a/b/..', 'https://api.example.com/a/'],
    ['a dot at the end', 'https://api.example.com/a/.', 'https://api.example.com/a/'],
    ['escapes in lower case', 'https://api.example.com/%c3%a9', 'https://api.example.com/%C3%A9'],
    ['the default port of http', 'http://api.example.com:80/', 'http://api.example.com/'],
    ['IPv6', 'https://[2001:DB8:0:0::1]:443/', 'https://[2001:db8::1]/'],
    ['IPv6 with an empty port', 'https://[2001:db8::1]:/', 'https://[2001:db8::1]/'],
    [
      'a name that begins with dots',
      'https://api.example.com/.well/..known',
      'https://api.example.com/.well/..known',
    ],
  ]
  for (const [name, text, expected = BASE] of rows) {
    test(`DPP-13: ${name}`, () => assert.equal(normaliseHtu(text), expected))
  }
})

describe('DPP-13: URIs that are not', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['another scheme', 'http://api.example.com/a/b'],
    ['another host', 'https://api.example.org/a/b'],
    ['a host that ends alike', 'https://evil-api.example.com/a/b'],
    ['a host that begins alike', 'https://api.example.com.evil.example/a/b'],
    ['another port', 'https://api.example.com:444/a/b'],
    ['the default port of http', 'https://api.example.com:80/a/b'],
    ['another path', 'https://api.example.com/a/c'],
    ['a path in another case', 'https://api.example.com/A/b'],
    ['a slash at the end', 'https://api.example.com/a/b/'],
    ['two slashes', 'https://api.example.com//a/b'],
    ['an encoded slash', 'https://api.example.com/a%2Fb'],
    ['a path parameter', 'https://api.example.com/a;x/b'],
    ['an escape of an escape', 'https://api.example.com/%2561/b'],
    ['an encoded question mark', 'https://api.example.com/a/b%3F'],
  ]
  for (const [name, text] of rows) {
    test(`DPP-13: ${name}`, () => {
      const uri = normaliseHtu(text)
      assert.ok(uri !== undefined)
      assert.notEqual(uri, BASE)
    })
  }
})

describe('DPP-13: texts that are no URI of an API', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['a path', '/a/b'],
    ['no scheme', '//api.example.com/a/b'],
    ['another scheme', 'ftp://api.example.com/a/b'],
    ['one slash', 'https:/api.example.com/a/b'],
    ['no host', 'https:///a/b'],
    ['a user', 'https://user@api.example.com/a/b'],
    ['a user and a password', 'https://api.example.com:443@evil.example/a/b'],
    ['an encoded host', 'https://api%2eexample.com/a/b'],
    ['a space', 'https://api.example.com/a b'],
    ['a space before', ' https://api.example.com/a/b'],
    ['a line break', 'https://api.example.com/a/b\n'],
    ['a backslash', 'https://api.example.com\\a\\b'],
    ['a backslash in the path', 'https://api.example.com/a\\b'],
    ['letters outside ASCII', 'https://api.example.com/é'],
    ['half an escape', 'https://api.example.com/%4'],
    ['no escape', 'https://api.example.com/%zz'],
    ['a port that is no number', 'https://api.example.com:x/'],
    ['a port beyond all ports', 'https://api.example.com:65536/'],
    ['an address in disguise', 'https://0x7f.1/'],
  ]
  for (const [name, text] of rows) {
    test(`DPP-13: ${name}`, () => assert.equal(normaliseHtu(text), undefined))
  }
})

describe('DPP-13: the URI that a client asked for', () => {
  const rows: readonly (readonly [string, Parameters<typeof facts>[0], string | undefined])[] = [
    ['scheme, host and path', { path: '/a', query: '?b' }, 'https://api.example.com/a'],
    [
      'a default port in Host',
      { path: '/a', authority: parseAuthority('A.example:443') },
      'https://a.example/a',
    ],
    ['another port', { path: '/a', authority: parseAuthority('a.example:8443') }, 'https://a.example:8443/a'],
    ['over http', { path: '/a', scheme: 'http' }, 'http://api.example.com/a'],
    ['escapes', { path: '/%7ea%c3%a9' }, 'https://api.example.com/~a%C3%A9'],
    ['no host', { path: '/a', authority: undefined }, undefined],
    ['the asterisk-form', { path: '*' }, undefined],
    ['a target that is none', { path: 'api.example.com:443' }, undefined],
  ]
  for (const [name, init, expected] of rows) {
    test(`DPP-13: ${name}`, () => assert.equal(externalUri(facts(init)), expected))
  }
})
