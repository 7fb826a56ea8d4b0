import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeSegment, type PathProblem, pathProblem, splitTarget } from '../../src/lib/path.ts'

const targets: readonly (readonly [
  name: string,
  target: string,
  path: string,
  query: string,
  authority: string | undefined,
])[] = [
  ['the root', '/', '/', '', undefined],
  ['a path', '/a/b', '/a/b', '', undefined],
  ['a query', '/a?b=c', '/a', 'b=c', undefined],
  ['an empty query', '/a?', '/a', '', undefined],
  ['a second question mark', '/a?b?c', '/a', 'b?c', undefined],
  ['escapes as they were sent', '/%61?%62', '/%61', '%62', undefined],
  ['a fragment in the path, for pathProblem to refuse', '/a#b', '/a#b', '', undefined],
  ['two slashes, for pathProblem to refuse', '//evil.example/a', '//evil.example/a', '', undefined],
  ['the asterisk-form', '*', '*', '', undefined],
  ['the absolute-form', 'http://example.com/a?b', '/a', 'b', 'example.com'],
  ['the absolute-form of https', 'https://example.com:8443/a', '/a', '', 'example.com:8443'],
  ['the absolute-form in upper case', 'HTTP://Example.com/A', '/A', '', 'Example.com'],
  ['the absolute-form without a path', 'http://example.com', '/', '', 'example.com'],
  ['the absolute-form with a query only', 'http://example.com?b', '/', 'b', 'example.com'],
  ['the absolute-form with a fragment only', 'http://example.com#b', '/#b', '', 'example.com'],
  ['userinfo, for parseAuthority to refuse', 'http://a@b/c', '/c', '', 'a@b'],
  ['a backslash, for parseAuthority to refuse', 'http://a\\b/c', '/c', '', 'a\\b'],
]

for (const [name, target, path, query, authority] of targets) {
  test(`REQ-04: a request target is split: ${name}`, () => {
    assert.deepEqual(splitTarget(target), { path, query, authority })
  })
}

const noTargets: readonly (readonly [name: string, target: string])[] = [
  ['nothing', ''],
  ['the authority-form', 'example.com:443'],
  ['a path without a slash', 'a/b'],
  ['a query alone', '?a'],
  ['two asterisks', '**'],
  ['another scheme', 'ftp://example.com/'],
  ['a scheme that only begins like http', 'httpx://example.com/'],
  ['a scheme without slashes', 'http:example.com'],
  ['an empty authority', 'http:///a'],
  ['an empty authority with a query', 'https://?a'],
  ['an empty authority and nothing else', 'http://'],
  ['a fragment in the query', '/a?b#c'],
  ['a fragment in the query of an absolute-form', 'http://example.com/a?b#c'],
  ['a space before', ' /a'],
]

for (const [name, target] of noTargets) {
  test(`REQ-04: a request target is not split: ${name}`, () => {
    assert.equal(splitTarget(target), undefined)
  })
}

const clean: readonly (readonly [name: string, path: string])[] = [
  ['the root', '/'],
  ['segments', '/a/b/c'],
  ['a trailing slash', '/a/'],
  ['dots within a segment', '/a.b/.well-known/..a/a..'],
  ['three dots', '/.../a'],
  ['encoded dots within a segment', '/%2ewell-known/a%2e%2e'],
  ['three encoded dots', '/%2e%2e%2e'],
  ['parameters', '/a;b=c/.a;d'],
  ['parameters of the root', '/;a'],
  ['parameters after a trailing slash', '/a/;b'],
  ['an escaped percent sign', '/%252f%252e%252e'],
  ['an escaped letter', '/%61%5A'],
  ['an escaped space', '/a%20b'],
  ['an escaped fragment sign and question mark', '/%23%3f'],
  ['UTF-8 of two octets', '/%c3%a9'],
  ['UTF-8 of three octets', '/%E0%A0%80%E1%80%80%ED%9F%BF%EE%80%80%EF%BF%BF'],
  ['UTF-8 of four octets', '/%f0%90%80%80%f1%80%80%80%f4%8f%bf%bf'],
  ['reserved characters', "/:@!$&'()*+,=~_-"],
  ['characters that clients send raw though they should not', '/"<>^`{|}[]'],
  ['the asterisk', '*'],
]

for (const [name, path] of clean) {
  test(`REQ-05: a path has no problem with ${name}`, () => {
    assert.equal(pathProblem(path), undefined)
  })
}

const problems: readonly (readonly [problem: PathProblem, name: string, path: string])[] = [
  ['encoded-slash', 'lower case', '/a%2fb'],
  ['encoded-slash', 'upper case', '/a%2Fb'],
  ['encoded-slash', 'after dots', '/..%2fetc'],
  ['encoded-backslash', 'lower case', '/a%5cb'],
  ['encoded-backslash', 'upper case', '/..%5C..'],
  ['encoded-nul', 'at the end', '/a.json%00'],
  ['backslash', 'within a segment', '/a\\b'],
  ['backslash', 'after dots', '/..\\b'],
  ['double-slash', 'at the start', '//a'],
  ['double-slash', 'within', '/a//b'],
  ['double-slash', 'at the end', '/a//'],
  ['double-slash', 'with parameters between', '/;a/b'],
  ['double-slash', 'with parameters between, within', '/a/;b=c;d/e'],
  ['dot-segment', 'one dot', '/./a'],
  ['dot-segment', 'one dot at the end', '/a/.'],
  ['dot-segment', 'two dots', '/a/../b'],
  ['dot-segment', 'two dots at the end', '/a/..'],
  ['dot-segment', 'two dots at the start', '/..'],
  ['dot-segment', 'two dots without a slash before', '../a'],
  ['dot-segment', 'encoded', '/a/%2e%2e/b'],
  ['dot-segment', 'encoded in upper case', '/a/%2E'],
  ['dot-segment', 'encoded at the start, without a slash', '%2e%2e/a'],
  ['dot-segment', 'half encoded', '/a/.%2e/b'],
  ['dot-segment', 'the other half encoded', '/a/%2e./b'],
  ['dot-segment', 'with parameters', '/a/..;/b'],
  ['dot-segment', 'encoded, with parameters', '/a/%2e%2e;x=y/b'],
  ['dot-segment', 'one dot with parameters at the end', '/a/.;'],
  ['bad-percent', 'nothing after it', '/a%'],
  ['bad-percent', 'one digit after it', '/a%2'],
  ['bad-percent', 'a slash after it', '/%/a'],
  ['bad-percent', 'no hexadecimal first digit', '/%g0'],
  ['bad-percent', 'no hexadecimal second digit', '/%0g'],
  ['bad-percent', 'the Unicode form', '/%u002f'],
  ['bad-percent', 'full-width digits', '/%２f'],
  ['bad-percent', 'an overlong slash', '/%c0%af'],
  ['bad-percent', 'an overlong dot', '/%c0%ae%c0%ae'],
  ['bad-percent', 'an overlong form of three octets', '/%e0%80%af'],
  ['bad-percent', 'an overlong form of four octets', '/%f0%80%80%af'],
  ['bad-percent', 'a surrogate', '/%ed%a0%80'],
  ['bad-percent', 'a code above U+10FFFF', '/%f4%90%80%80'],
  ['bad-percent', 'an octet that UTF-8 never has', '/%ff'],
  ['bad-percent', 'a continuation octet alone', '/%80'],
  ['bad-percent', 'a sequence cut short by the end', '/%c3'],
  ['bad-percent', 'a sequence cut short by a letter', '/%c3a'],
  ['bad-percent', 'a sequence cut short by a slash', '/%c3/a'],
  ['bad-percent', 'a sequence cut short by an ASCII escape', '/%e1%80%41'],
  ['control', 'NUL', '/a\0'],
  ['control', 'LF', '/a\nb'],
  ['control', 'DEL', '/a\x7f'],
  ['control', 'a space', '/a b'],
  ['non-ascii', 'latin1', '/é'],
  ['non-ascii', 'a full-width slash', '/a／b'],
  ['non-ascii', 'the first code above ASCII', '/\x80'],
  ['encoded-control', 'CR and LF', '/a%0d%0ab'],
  ['encoded-control', 'ESC', '/%1b'],
  ['encoded-control', 'DEL', '/%7f'],
  ['fragment', 'within', '/a#b'],
  ['fragment', 'at the end', '/a#'],
]

for (const [problem, name, path] of problems) {
  test(`REQ-05: a path is refused for ${problem}: ${name}`, () => {
    assert.equal(pathProblem(path), problem)
  })
}

test('REQ-05: escapes are well-formed UTF-8 exactly when decodeURIComponent takes them', () => {
  const second = [0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]
  for (let first = 0x80; first < 0x100; first++) {
    for (const next of second) {
      for (const rest of ['', '%80', '%80%80', '%80%bf', '%80%c0']) {
        const text = `%${first.toString(16)}%${next.toString(16)}${rest}`
        const problem = pathProblem(`/a${text}a`)
        assert.equal(problem === 'bad-percent', decodeSegment(text) === undefined, text)
      }
    }
  }
})

const segments: readonly (readonly [name: string, text: string, expected: string | undefined])[] = [
  ['plain text', 'a.b', 'a.b'],
  ['nothing', '', ''],
  ['an escape', 'a%20b', 'a b'],
  ['UTF-8', '%c3%a9', 'é'],
  ['an escaped percent sign, once', '%252f', '%2f'],
  ['a plus as it is', 'a+b', 'a+b'],
  ['an incomplete escape', 'a%2', undefined],
  ['an overlong form', '%c0%af', undefined],
]

for (const [name, text, expected] of segments) {
  test(`REQ-05: a path segment is decoded: ${name}`, () => {
    assert.equal(decodeSegment(text), expected)
  })
}
