import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { findSignatureProblem, readProof } from '../../src/identity/dpop/proof.ts'
import { normaliseHtu } from '../../src/identity/dpop/uri.ts'
import { found, proofOf, publicJwk, request, scheme, signedText } from '../support/dpop.ts'
import { pairFor } from '../support/tokens.ts'
import { anyText } from './any-text.ts'

/** The slow reference: browsers for what stands before the path, and for the path the words of RFC 3986 §5.2.4. */
function reference(text: string): string {
  const { protocol, host } = new URL(text)
  const path = text.replace(/^\w+:\/\/[^/?#]*/, '').replace(/[?#].*$/, '')
  return `${protocol}//${host}${removeDotSegments(plain(path)) || '/'}`
}

/** RFC 3986 §6.2.2.1, §6.2.2.2. */
function plain(path: string): string {
  return path.replace(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
    return /[\w.~-]/.test(character) ? character : escape.toUpperCase()
  })
}

/** RFC 3986 §5.2.4, steps A to E as they are written. */
function removeDotSegments(path: string): string {
  let input = path
  let output = ''
  while (input !== '') {
    if (/^\.\.?\//.test(input)) input = input.replace(/^\.\.?\//, '')
    else if (/^\/\.(\/|$)/.test(input)) input = input.replace(/^\/\.(\/|$)/, '/')
    else if (/^\/\.\.(\/|$)/.test(input)) {
      input = input.replace(/^\/\.\.(\/|$)/, '/')
      output = output.replace(/\/?[^/]*$/, '')
    } else if (input === '.' || input === '..') input = ''
    else {
      const [segment = ''] = /^\/?[^/]*/.exec(input) ?? []
      output += segment
      input = input.slice(segment.length)
    }
  }
  return output
}

const piece = fc.constantFrom(
  '/', '/', '/.', '/..', '/%2e', '/%2E%2e', '/.%2e', 'a', 'B', '1', '-', '~', '_', ';', '=', '@', ':', '!', '*', ',', "'",
  '%41', '%7e', '%2f', '%c3%A9', '%25', '%3f', '.', '...',
) // prettier-ignore
const path = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`)
const uri = fc
  .tuple(
    fc.constantFrom('http', 'https', 'HTTP', 'hTTps'),
    fc.constantFrom('api.example.com', 'API.Example.com', 'localhost', '127.0.0.1', '[2001:DB8::1]', '[::1]'),
    fc.constantFrom('', ':', ':80', ':443', ':8443'),
    fc.oneof(fc.constant(''), path),
    fc.constantFrom('', '?', '?a=/../b', '?a#b', '#/..', '#a?b'),
  )
  .map(([scheme_, host, port, path_, rest]) => `${scheme_}://${host}${port}${path_}${rest}`)

test('DPP-13: a URI is read as RFC 3986 says', () => {
  fc.assert(
    fc.property(uri, (text) => {
      assert.equal(normaliseHtu(text), reference(text))
    }),
    { numRuns: 2000 },
  )
})

test('DPP-13: a URI is read as a browser reads it', () => {
  fc.assert(
    fc.property(uri, (text) => {
      // Node's URL leaves a dot at the end alone when a segment before it begins with a dot and is more than dots.
      fc.pre(!/\/\.(?!\.?(?:[/?#]|$))/.test(text.replace(/%2e/gi, '.')))
      const { protocol, host, pathname } = new URL(text)
      assert.equal(normaliseHtu(text), `${protocol}//${host}${plain(pathname)}`)
    }),
    { numRuns: 1000 },
  )
})

test('DPP-13: normalising what is normal changes nothing, and nothing makes it throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        uri,
        anyText,
        anyText.map((text) => `https://a.example/${text}`),
      ),
      (text) => {
        const once = normaliseHtu(text)
        if (once !== undefined) assert.equal(normaliseHtu(once), once)
      },
    ),
    { numRuns: 1000 },
  )
})

test('DPP-13: a hostile URI costs what its length does', () => {
  const long = 40_000
  for (const text of ['/..', '/.', '/', '%2e/', '/%2e%2e', ':', '%', '[']) {
    const start = performance.now()
    normaliseHtu(`https://a.example/${text.repeat(long)}`)
    normaliseHtu(`https://${text.repeat(long)}`)
    assert.ok(performance.now() - start < 500, text)
  }
})

test('DPP-02: whatever comes as a proof, it is an answer and no error', () => {
  const ready = scheme({ algorithms: ['ES256', 'PS256', 'Ed25519'] })
  const json = fc.oneof(fc.jsonValue(), fc.constantFrom('dpop+jwt', 'ES256', publicJwk(pairFor('ES256'))))
  const header = fc.record(
    { typ: fc.constant('dpop+jwt'), alg: fc.constantFrom('ES256', 'PS256', 'Ed25519', 'HS256'), jwk: json },
    { requiredKeys: ['typ', 'alg'] },
  )
  const claims = fc.dictionary(fc.constantFrom('jti', 'htm', 'htu', 'iat', 'ath', 'nonce'), json)
  const made = fc.tuple(header, claims).map(([a, b]) => signedText(JSON.stringify(a), JSON.stringify(b)))
  fc.assert(
    fc.property(fc.oneof(anyText, made), (text) => {
      const result = found(ready, request(text))
      assert.ok(result.type === 'bad')
      assert.match(result.kind, /^proof\./)
    }),
    { numRuns: 300 },
  )
})

test('DPP-07: whatever comes as a key, it is an answer and no error', () => {
  const algorithms = new Set(['ES256', 'PS256', 'Ed25519'])
  const bytes = fc.uint8Array({ maxLength: 80 }).map((each) => Buffer.from(each).toString('base64url'))
  const value = fc.oneof(bytes, fc.constantFrom('AQAB', '', publicJwk(pairFor('ES256')).x))
  const jwk = fc.oneof(
    fc.record({ kty: fc.constant('EC'), crv: fc.constantFrom('P-256', 'P-384'), x: value, y: value }),
    fc.record({ kty: fc.constant('OKP'), crv: fc.constantFrom('Ed25519', 'X25519'), x: value }),
    fc.record({ kty: fc.constant('RSA'), n: value, e: value }),
  )
  fc.assert(
    fc.property(jwk, fc.constantFrom('ES256', 'PS256', 'Ed25519'), (key, alg) => {
      const proof = readProof(proofOf({ header: { jwk: key, alg } }), algorithms)
      if ('type' in proof) assert.equal(proof.kind, 'proof.malformed')
      else assert.ok(findSignatureProblem(proof) !== undefined)
    }),
    { numRuns: 300 },
  )
})

test('DPP-06: a proof in which one character is another is refused', () => {
  const good = proofOf()
  const ready = scheme()
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.constantFrom(...'AZaz09-_.'.split('')), (at, character) => {
      fc.pre(good[at] !== character)
      const changed = `${good.slice(0, at)}${character}${good.slice(at + 1)}`
      assert.equal(found(ready, request(changed)).type, 'bad')
    }),
    { numRuns: 300 },
  )
})
