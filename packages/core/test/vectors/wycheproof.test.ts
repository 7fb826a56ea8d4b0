import assert from 'node:assert/strict'
import {
  constants,
  createHash,
  createHmac,
  createPublicKey,
  type KeyObject,
  publicDecrypt,
  verify,
} from 'node:crypto'
import { describe, test } from 'node:test'
import { outcomeOf } from './outcome.ts'
import { WYCHEPROOF_JWK } from './wycheproof-jwk.ts'
import { type JwsVector, WYCHEPROOF_JWS } from './wycheproof-jws.ts'
import { WYCHEPROOF_JWS_REST } from './wycheproof-jws-rest.ts'

const JWS_GROUPS = [...WYCHEPROOF_JWS, ...WYCHEPROOF_JWS_REST]

/** Where we differ from a label, and why. Every other vector comes out as it is labelled. */
const JWK_EXCEPTIONS: Readonly<Record<number, string>> = {
  1: 'a secret beside a public key is no confusion where every key is for one algorithm (JWT-04)',
}
const JWS_EXCEPTIONS: Readonly<Record<number, string>> = {
  346: 'the JWK says PS256 and the token PS384: a key is for one algorithm (JWT-04)',
  347: 'the JWK says ES521, which is no algorithm: what a JWK says about itself must hold (RFC 7517 §4.4)',
  350: 'the JWK says PS256 and the token PS384: a key is for one algorithm (JWT-04)',
  351: 'the JWK says ES521, which is no algorithm: what a JWK says about itself must hold (RFC 7517 §4.4)',
  367: 'the padding that is to be refused got lost in the vector: it is 357 again, which is valid',
  370: 'the padding that is to be refused got lost in the vector: it is 357 again, which is valid',
  372: 'a question mark is no base64url (JWT-09); the signature would be that without it',
  373: 'a question mark is no base64url (JWT-09); the signature would be that without it',
}

function check(said: string, label: string, ours: string, exception: string | undefined): void {
  assert.equal(said, ours)
  const agrees = (said === 'ok') === (label === 'valid')
  assert.equal(agrees, exception === undefined, exception ?? 'a vector that is not named differs')
}

describe('Wycheproof, JSON Web Key', () => {
  for (const { tcId, name, comment, result, ours, keys, jws } of WYCHEPROOF_JWK) {
    test(`JWT-01: Wycheproof JWK ${tcId}, ${name}: ${comment}`, () => {
      check(outcomeOf(keys, jws), result, ours, JWK_EXCEPTIONS[tcId])
    })
  }

  test('JWT-01: Wycheproof JWK 4, with a second secret that can be read: the kid is there twice', () => {
    const vector = WYCHEPROOF_JWK.find(({ tcId }) => tcId === 4)
    assert.ok(vector !== undefined)
    const readable = vector.keys.map((key) => ({ ...key, k: String(key['k']).replace(/gge$/, 'ggc') }))
    assert.equal(outcomeOf(readable, vector.jws), 'config:duplicate_value')
  })

  test('JWT-01: all 26 vectors of Wycheproof JWK are here', () => {
    assert.deepEqual(
      WYCHEPROOF_JWK.map(({ tcId }) => tcId),
      Array.from({ length: 26 }, (_, index) => index + 1),
    )
  })
})

describe('Wycheproof, JSON Web Signature', () => {
  for (const { name, key, tests } of JWS_GROUPS) {
    for (const [tcId, comment, result, ours, jws] of tests) {
      test(`JWT-01: Wycheproof JWS ${tcId}, ${name}: ${comment}`, () => {
        check(outcomeOf([key], jws), result, ours, JWS_EXCEPTIONS[tcId])
      })
    }
  }

  test('JWT-01: all 401 vectors of Wycheproof JWS are here, each once, and every exception is one of them', () => {
    const numbers = JWS_GROUPS.flatMap(({ tests }) => tests.map(([tcId]) => tcId)).sort((a, b) => a - b)
    assert.deepEqual(
      numbers,
      Array.from({ length: 401 }, (_, index) => index + 1),
    )
    for (const tcId of Object.keys(JWS_EXCEPTIONS)) assert.ok(numbers.includes(Number(tcId)), tcId)
  })
})

/** So that these are refused for the reason that they name, and not because they were copied wrongly. */
describe('Wycheproof, what is wrong with the others', () => {
  const find = (wanted: number): string => {
    for (const { tests } of JWS_GROUPS) {
      for (const [tcId, , , , jws] of tests) if (tcId === wanted) return jws
    }
    throw new Error(`no vector ${wanted}`)
  }

  for (const tcId of [365, 366, 368, 369, 371, 375]) {
    test(`JWT-09: Wycheproof JWS ${tcId} has the right MAC of a text that is no canonical base64url`, () => {
      const jws = find(tcId)
      const dot = jws.lastIndexOf('.')
      const mac = createHmac('sha256', Buffer.alloc(32)).update(jws.slice(0, dot)).digest('base64url')
      assert.equal(jws.slice(dot + 1), mac)
    })
  }

  test('JWT-05: Wycheproof JWS 32 is signed by the key that it brings', () => {
    const [head = '', payload = '', tail = ''] = find(32).split('.')
    const { jwk } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { jwk: Record<string, string> }
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    const signature = Buffer.from(tail, 'base64url')
    assert.ok(
      verify('sha256', Buffer.from(`${head}.${payload}`), { key, dsaEncoding: 'ieee-p1363' }, signature),
    )
  })

  test('JWT-08: Wycheproof JWS 385 has two halves that are right, each behind 225 bytes of zero', () => {
    const jws = find(385)
    const bytes = Buffer.from(jws.slice(jws.lastIndexOf('.') + 1), 'base64url')
    assert.equal(bytes.length, 514)
    const halves = [bytes.subarray(0, 257), bytes.subarray(257)]
    for (const half of halves) assert.ok(half.subarray(0, 225).every((byte) => byte === 0))
  })

  for (const tcId of [379, 380, 381, 382, 383, 384]) {
    test(`JWT-08: Wycheproof JWS ${tcId} is longer than a signature of P-256, by a byte or two`, () => {
      const jws = find(tcId)
      const { length } = Buffer.from(jws.slice(jws.lastIndexOf('.') + 1), 'base64url')
      assert.ok(length === 65 || length === 66, String(length))
    })
  }
})

/** Anything is a bad signature, so these prove that a vector of RSA is bad for the reason that it names. */
describe('Wycheproof, what is wrong with the signatures of RSA', () => {
  const named = (flag: string, ...comments: string[]): readonly (readonly [KeyObject, JwsVector])[] =>
    JWS_GROUPS.flatMap(({ key, tests }) => {
      const chosen = tests.filter(
        (row) => row[5] === flag && (comments.length === 0 || comments.includes(row[1])),
      )
      const object = chosen.length === 0 ? undefined : createPublicKey({ key, format: 'jwk' })
      return object === undefined ? [] : chosen.map((row) => [object, row] as const)
    })
  const parts = (jws: string): { signed: Buffer; signature: Buffer } => {
    const dot = jws.lastIndexOf('.')
    return { signed: Buffer.from(jws.slice(0, dot)), signature: Buffer.from(jws.slice(dot + 1), 'base64url') }
  }
  const open = (key: KeyObject, signature: Buffer): Buffer =>
    publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature)

  for (const [key, [tcId, comment, , , jws]] of named('ModifiedPadding')) {
    test(`JWT-01: Wycheproof JWS ${tcId}, ${comment}, is PKCS #1 padding but not the one of the hash`, () => {
      const { signed, signature } = parts(jws)
      const block = open(key, signature)
      assert.equal(block.subarray(0, 10).toString('hex'), `0001${'ff'.repeat(8)}`)
      const end = block.subarray(block.indexOf(0, 2) + 1).toString('hex')
      const hash = createHash('sha256').update(signed).digest('hex')
      assert.notEqual(end, `3031300d060960864801650304020105000420${hash}`)
    })
  }

  const paddings = {
    RS: { padding: constants.RSA_PKCS1_PADDING },
    PS: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  } as const
  for (const [key, [tcId, comment, , , jws]] of named('WrongPrimitive')) {
    test(`JWT-01: Wycheproof JWS ${tcId}, ${comment}, fits by the algorithm that it names`, () => {
      const { signed, signature } = parts(jws)
      const kind = comment.startsWith('UsingPS') ? paddings.PS : paddings.RS
      assert.ok(verify(`sha${comment.slice(-3)}`, signed, { key, ...kind }, signature))
    })
  }

  for (const [key, [tcId, , , , jws]] of named('ModifiedSignature', 'SaltLenChanged')) {
    test(`JWT-01: Wycheproof JWS ${tcId} fits with a salt of another length`, () => {
      const { signed, signature } = parts(jws)
      const saltLength = constants.RSA_PSS_SALTLEN_AUTO
      assert.ok(
        verify('sha256', signed, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature),
      )
    })
  }

  const blocks = named(
    'ModifiedSignature',
    'MhashModified',
    'lastByteOfMhashModified',
    'FirstByteOfMhashModified',
    'LastByteOfMhashModified',
    'SaltModified',
    'PSModified',
    'ModifiedHash',
    'ZeroPaddingModified',
    'MaskedDbChanged',
    'modifiedSignature',
  )
  for (const [key, [tcId, comment, , , jws]] of blocks) {
    test(`JWT-01: Wycheproof JWS ${tcId}, ${comment}, is a block of PSS`, () => {
      assert.equal(open(key, parts(jws).signature).at(-1), 0xbc)
    })
  }

  const lengths = named(
    'ModifiedSignature',
    'prependingZerosToSignature',
    'appendingZerosToSignature',
    'truncatedSignature',
  )
  for (const [, [tcId, comment, , , jws]] of lengths) {
    test(`JWT-01: Wycheproof JWS ${tcId}, ${comment}, is a signature of another length`, () => {
      assert.notEqual(parts(jws).signature.length, 256)
    })
  }
})
