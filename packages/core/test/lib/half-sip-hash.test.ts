import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { HalfSipHash, SEED_BYTES } from '../../src/lib/half-sip-hash.ts'

type State = readonly [number, number, number, number]

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

/** One round, as the reference implementation has it. */
function round([a, b, c, d]: State): State {
  let [v0, v1, v2, v3] = [(a + b) | 0, rotate(b, 5), c, d]
  v1 ^= v0
  v0 = rotate(v0, 16)
  v2 = (v2 + v3) | 0
  v3 = rotate(v3, 8) ^ v2
  v0 = (v0 + v3) | 0
  v3 = rotate(v3, 7) ^ v0
  v2 = (v2 + v1) | 0
  v1 = rotate(v1, 13) ^ v2
  v2 = rotate(v2, 16)
  return [v0, v1, v2, v3]
}

function rounds(state: State, count: number): State {
  return count === 0 ? state : rounds(round(state), count - 1)
}

/** HalfSipHash-c-d with 64 bits of result, plainly: the bytes of the result. */
function reference(key: Buffer, bytes: Buffer, c: number, d: number): string {
  const [k0, k1] = [key.readInt32LE(0), key.readInt32LE(4)]
  const padded = Buffer.alloc(Math.floor(bytes.length / 4) * 4 + 4)
  bytes.copy(padded)
  padded[padded.length - 1] = bytes.length & 0xff
  let state: State = [k0, k1 ^ 0xee, 0x6c796765 ^ k0, 0x74656462 ^ k1]
  for (let i = 0; i < padded.length; i += 4) {
    const word = padded.readInt32LE(i)
    const [v0, v1, v2, v3] = rounds([state[0], state[1], state[2], state[3] ^ word], c)
    state = [v0 ^ word, v1, v2, v3]
  }
  const result = Buffer.alloc(8)
  state = rounds([state[0], state[1], state[2] ^ 0xee, state[3]], d)
  result.writeInt32LE(state[1] ^ state[3], 0)
  state = rounds([state[0], state[1] ^ 0xdd, state[2], state[3]], d)
  result.writeInt32LE(state[1] ^ state[3], 4)
  return result.toString('hex')
}

function hashed(hash: HalfSipHash, text: string): string {
  hash.hash(text)
  const result = Buffer.alloc(8)
  result.writeInt32LE(hash.high, 0)
  result.writeInt32LE(hash.low, 4)
  return result.toString('hex')
}

test('RL-22: the plain reference is HalfSipHash: it gives the first vectors of its authors for 2-4', () => {
  const vectors = [
    '218d1f59b9b83cc8',
    'be552412f8387315',
    '064f39ef7c50eb57',
    'ce0f1a45f7060679',
    'd5e78a175be52ea1',
    'cb9d7c3f2f3db580',
  ]
  const key = Buffer.from([0, 1, 2, 3, 4, 5, 6, 7])
  for (const [length, expected] of vectors.entries()) {
    assert.equal(reference(key, key.subarray(0, length), 2, 4), expected, `${length} bytes`)
  }
})

test('RL-22: texts are hashed by HalfSipHash-1-3: Latin-1 with one key, all others as UTF-16 with another', () => {
  const seed = randomBytes(SEED_BYTES)
  const hash = new HalfSipHash(seed)
  const alphabets = ['abc', '\u0000\u00ff', '\u0100a', '\ud83d\udd11', '\udfff']
  for (const alphabet of alphabets) {
    for (let length = 0; length < 300; length++) {
      const text = alphabet.repeat(length).slice(0, length)
      const isNarrow = !/[^\u0000-\u00ff]/.test(text)
      const expected = isNarrow
        ? reference(seed.subarray(0, 8), Buffer.from(text, 'latin1'), 1, 3)
        : reference(seed.subarray(8), Buffer.from(text, 'utf16le'), 1, 3)
      assert.equal(hashed(hash, text), expected, JSON.stringify(text))
    }
  }
})

test('RL-27: texts that differ in one bit, in length alone, or in the width of their characters, do not meet', () => {
  const hash = new HalfSipHash(randomBytes(SEED_BYTES))
  const texts = new Set(['ab', 'a\u0000b\u0000', '\u6261', '\u6261\u0000'])
  for (let i = 0; i < 300; i++) texts.add('\u0000'.repeat(i))
  for (let i = 0; i < 20_000; i++) texts.add(`1:a=${i}`)
  for (let i = 0; i < 512; i++) texts.add(String.fromCharCode(i))
  assert.equal(new Set([...texts].map((text) => hashed(hash, text))).size, texts.size)
})

test('RL-22: another seed is another hash', () => {
  const texts = ['a', '\u0100']
  const [one, other] = [new HalfSipHash(randomBytes(SEED_BYTES)), new HalfSipHash(randomBytes(SEED_BYTES))]
  for (const text of texts) assert.notEqual(hashed(one, text), hashed(other, text))
})
