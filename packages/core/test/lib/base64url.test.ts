import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeBase64, decodeBase64url, encodeBase64, encodeBase64url } from '../../src/lib/base64url.ts'

/** RFC 4648 §10. */
const vectors: readonly (readonly [text: string, base64: string])[] = [
  ['', ''],
  ['f', 'Zg=='],
  ['fo', 'Zm8='],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg=='],
  ['fooba', 'Zm9vYmE='],
  ['foobar', 'Zm9vYmFy'],
]

for (const [text, base64] of vectors) {
  test(`JWT-09: RFC 4648 §10 holds for "${text}" in both alphabets`, () => {
    const unpadded = base64.replaceAll('=', '')
    assert.equal(encodeBase64(text), base64)
    assert.equal(encodeBase64url(Buffer.from(text)), unpadded)
    assert.equal(decodeBase64(base64)?.toString(), text)
    assert.equal(decodeBase64url(unpadded)?.toString(), text)
  })
}

test('JWT-09: each alphabet has its own last two characters', () => {
  const bytes = Buffer.from([0xfb, 0xff, 0xbf])
  assert.equal(encodeBase64url(bytes), '-_-_')
  assert.equal(encodeBase64(bytes), '+/+/')
  assert.deepEqual(decodeBase64url('-_-_'), bytes)
  assert.deepEqual(decodeBase64('+/+/'), bytes)
})

test('JWT-09: a view of a larger buffer is encoded alone', () => {
  const view = Uint8Array.of(0x78, 0x66, 0x6f, 0x6f, 0x78).subarray(1, 4)
  assert.equal(encodeBase64url(view), 'Zm9v')
  assert.equal(encodeBase64(view), 'Zm9v')
})

const refusedUrl: readonly (readonly [name: string, text: string])[] = [
  ['padding', 'Zg=='],
  ['one padding character', 'Zm8='],
  ['padding alone', '='],
  ['a length of 4n+1', 'Zm9vY'],
  ['one character', 'Z'],
  ['trailing bits after one octet', 'Zh'],
  ['trailing bits after two octets', 'Zm9'],
  ['a plus', '+_-_'],
  ['a slash', '-/-_'],
  ['a space within', 'Zm 9v'],
  ['a space after', 'Zm9v '],
  ['a line feed', 'Zm9v\n'],
  ['a dot', 'Zm9v.Zm9v'],
  ['a NUL', 'Zm9v\0'],
  ['a letter that is not ASCII', 'Zm9é'],
  ['a code whose low octet is in the alphabet', 'Zm9\u0176'],
]

for (const [name, text] of refusedUrl) {
  test(`JWT-09: base64url is refused with ${name}`, () => {
    assert.equal(decodeBase64url(text), undefined)
  })
}

const refused: readonly (readonly [name: string, text: string])[] = [
  ['missing padding', 'Zg'],
  ['half of the padding', 'Zg='],
  ['too much padding', 'Zm8=='],
  ['padding alone', '===='],
  ['padding within', 'Zg==Zg=='],
  ['trailing bits after one octet', 'Zh=='],
  ['trailing bits after two octets', 'Zm9='],
  ['the alphabet of base64url', '-_-_'],
  ['a space after', 'Zm9v '],
  ['a line feed within', 'Zm9v\nZm9v'],
  ['a letter that is not ASCII', 'Zm9é'],
]

for (const [name, text] of refused) {
  test(`BSC-01: base64 is refused with ${name}`, () => {
    assert.equal(decodeBase64(text), undefined)
  })
}
