import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { compileHeaderReader } from '../../../src/identity/jwt/jws.ts'
import { createKeyring } from '../../../src/identity/jwt/keyring.ts'
import { compileKeys, type JwtKey } from '../../../src/identity/jwt/keys.ts'
import { place } from '../../support/compile.ts'
import { compileJws } from '../../support/jws.ts'
import { claims, forged, HS256, outcome, part, SECRET, token, verifierOf } from '../../support/tokens.ts'

const verify = verifierOf()
const good = token()
const [header = '', payload = '', signature = ''] = good.split('.')

describe('the published examples', () => {
  const PAYLOAD =
    'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'
  const TEXT = '{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}'
  const ed25519 = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
  const examples: readonly { name: string; key: JwtKey; token: string; payload: string }[] = [
    {
      name: 'RFC 7515 A.1, HS256',
      key: {
        alg: 'HS256',
        key: {
          kty: 'oct',
          k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
        },
      },
      token: `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${PAYLOAD}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`,
      payload: TEXT,
    },
    {
      name: 'RFC 7515 A.2, RS256',
      key: {
        alg: 'RS256',
        key: {
          kty: 'RSA',
          n:
            'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ' +
            'S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2' +
            'R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD' +
            'TW9gb54h4FRWyuXpoQ',
          e: 'AQAB',
        },
      },
      token:
        `eyJhbGciOiJSUzI1NiJ9.${PAYLOAD}.` +
        'cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU' +
        'Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d' +
        'O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig' +
        'cN_IoypGlUPQGe77Rw',
      payload: TEXT,
    },
    {
      name: 'RFC 7515 A.3, ES256',
      key: {
        alg: 'ES256',
        key: {
          kty: 'EC',
          crv: 'P-256',
          x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
          y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
        },
      },
      token:
        `eyJhbGciOiJFUzI1NiJ9.${PAYLOAD}.` +
        'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
      payload: TEXT,
    },
    {
      name: 'RFC 7515 A.4, ES512',
      key: {
        alg: 'ES512',
        key: {
          kty: 'EC',
          crv: 'P-521',
          x: 'AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk',
          y: 'ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2',
        },
      },
      token:
        'eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.' +
        'AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2Y' +
        'BJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn',
      payload: 'Payload',
    },
    {
      name: 'RFC 8037 A.4, EdDSA',
      key: { alg: 'EdDSA', key: ed25519 },
      token:
        'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.' +
        'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
      payload: 'Example of Ed25519 signing',
    },
  ]
  const jwsOf = (key: JwtKey) =>
    compileJws({
      keyring: createKeyring(compileKeys(place('keys'), key, 'verify')),
      maxTokenLength: 8192,
      typ: undefined,
    })

  for (const example of examples) {
    test(`JWT-01: ${example.name}`, () => {
      const result = jwsOf(example.key)(example.token)
      assert.ok(result.ok)
      assert.equal(result.payload.toString(), example.payload)
    })

    test(`JWT-01: ${example.name}, with another payload`, () => {
      const [head = '', , tail = ''] = example.token.split('.')
      const result = jwsOf(example.key)(`${head}.${part('another')}.${tail}`)
      assert.ok(!result.ok)
      assert.equal(result.kind, 'token.bad-signature')
    })
  }

  test('JWT-01: RFC 7515 A.5, which is not secured, is refused by every key', () => {
    for (const { key } of examples) {
      const result = jwsOf(key)(`eyJhbGciOiJub25lIn0.${PAYLOAD}.`)
      assert.ok(!result.ok)
      assert.equal(result.kind, 'token.wrong-algorithm')
    }
  })

  test('JWT-17: a key that is configured as Ed25519 does not accept EdDSA', () => {
    const example = examples.at(-1)
    assert.ok(example !== undefined)
    const result = jwsOf({ alg: 'Ed25519', key: ed25519 })(example.token)
    assert.ok(!result.ok)
    assert.equal(result.kind, 'token.wrong-algorithm')
  })
})

describe('the form of a token', () => {
  const json = JSON.stringify({ payload, protected: header, signature })
  const rows: readonly [name: string, text: string][] = [
    ['JWT-02: nothing', ''],
    ['JWT-02: one part', 'abc'],
    ['JWT-02: two parts', `${header}.${payload}`],
    ['JWT-02: four parts', `${good}.`],
    ['JWT-02: five parts, as an encrypted token has', `${good}.${header}.${payload}`],
    ['JWT-02: dots alone', '..'],
    ['JWT-02: an empty header', `.${payload}.${signature}`],
    ['JWT-02: the JSON serialization', json],
    ['JWT-02: the JSON serialization as one part', `${part(json)}.${payload}.${signature}`],
    ['JWT-02: a space in front', ` ${good}`],
    ['JWT-02: a line break at the end', `${good}\n`],
    ['JWT-02: a NUL', `${header}.${payload}\0.${signature}`],
    ['JWT-02: a full-width full stop', `${header}.${payload}．${signature}`],
    ['JWT-09: padding on the header', `${header}=.${payload}.${signature}`],
    ['JWT-09: padding on the signature', `${good}=`],
    ['JWT-09: the other alphabet', `${header}.${payload}.+${signature.slice(1)}`],
    ['JWT-09: white space inside', `${header}.${payload.slice(0, 4)} ${payload.slice(4)}.${signature}`],
    ['JWT-09: a part of 4n + 1 characters', `${good}AA`],
    ['JWT-07: a header that is a list', forged('["alg","HS256"]')],
    ['JWT-07: a header that is null', forged('null')],
    ['JWT-07: a header that is a text', forged('"HS256"')],
    ['JWT-07: a header that is no JSON', forged('{"alg":"HS256"')],
    ['JWT-07: a header with something behind it', forged('{"alg":"HS256"} {}')],
    ['JWT-07: a header with "alg" twice', forged('{"alg":"none","alg":"HS256"}')],
    ['JWT-07: a header with "alg" twice, once escaped', forged('{"alg":"none","\\u0061lg":"HS256"}')],
    ['JWT-07: a header with __proto__', forged('{"__proto__":{"alg":"HS256"}}')],
    ['JWT-07: a header with a byte order mark', forged('\ufeff{"alg":"HS256"}')],
    ['JWT-07: claims that are a list', forged({ alg: 'HS256' }, [claims()])],
    ['JWT-07: claims that are no JSON', forged({ alg: 'HS256' }, 'claims')],
    ['JWT-07: claims that are nothing', forged({ alg: 'HS256' }, '')],
    [
      'JWT-07: "sub" twice',
      forged({ alg: 'HS256' }, JSON.stringify(claims()).replace('{', '{"sub":"root",')),
    ],
    [
      'JWT-07: one name twice deep inside',
      forged({ alg: 'HS256' }, JSON.stringify(claims({ deep: 'X' })).replace('"X"', '{"a":1,"a":2}')),
    ],
    [
      'JWT-07: claims with __proto__',
      forged({ alg: 'HS256' }, JSON.stringify(claims()).replace('{', '{"__proto__":{"roles":["admin"]},')),
    ],
    ['a header without "alg"', forged({ typ: 'JWT' })],
    ['an "alg" that is a list', forged({ alg: ['HS256'] })],
    ['an "alg" that is null', forged({ alg: null })],
    ['a "kid" that is a number', forged({ alg: 'HS256', kid: 1 })],
    ['a "kid" that is null', forged({ alg: 'HS256', kid: null })],
    ['JWT-06: an unknown "crit"', forged({ alg: 'HS256', crit: ['exp'], exp: 1 })],
    ['JWT-06: an empty "crit"', forged({ alg: 'HS256', crit: [] })],
    ['JWT-06: a "crit" that is null', forged({ alg: 'HS256', crit: null })],
    ['JWT-06: "b64": false', forged({ alg: 'HS256', crit: ['b64'], b64: false })],
    ['JWT-06: "b64": true', forged({ alg: 'HS256', b64: true })],
    [
      'JWT-16: claims deeper than any honest ones',
      forged({ alg: 'HS256' }, `{"a":${'['.repeat(40)}${']'.repeat(40)}}`),
    ],
  ]
  for (const [name, text] of rows) {
    test(name, () => assert.equal(outcome(verify, text), 'token.malformed'))
  }

  test('JWT-07: a header or claims that are no UTF-8', () => {
    const broken = Buffer.concat([
      Buffer.from('{"alg":"HS256","x":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}'),
    ])
    assert.equal(
      outcome(verify, `${broken.toString('base64url')}.${payload}.${signature}`),
      'token.malformed',
    )
  })

  test('JWT-09: of all last characters of a part, one is accepted', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const accepted = alphabet.split('').filter((last) => outcome(verify, good.slice(0, -1) + last) === 'ok')
    assert.deepEqual(accepted, [good.at(-1)])
  })
})

describe('JWT-03: the algorithm is one of the keys, exactly', () => {
  for (const alg of [
    'none',
    'None',
    'NONE',
    'nOnE',
    '',
    'hs256',
    'Hs256',
    'HS256 ',
    ' HS256',
    'HS256\0',
    'HS384',
    'HS512',
    'RS256',
    'ES256',
    'EdDSA',
    '__proto__',
    'constructor',
    'toString',
  ]) {
    test(`JWT-03: ${JSON.stringify(alg)} is refused where the key is for HS256`, () => {
      assert.equal(outcome(verify, forged({ alg })), 'token.wrong-algorithm')
    })
  }
})

describe('JWT-05: a token that brings its key is refused', () => {
  for (const name of ['jwk', 'jku', 'x5u', 'x5c']) {
    test(`JWT-05: ${name}`, () => {
      assert.equal(outcome(verify, forged({ alg: 'HS256', [name]: 'x' })), 'token.unknown-key')
      assert.equal(outcome(verify, forged({ alg: 'HS256', [name]: null })), 'token.unknown-key')
    })
  }
})

describe('JWT-14: the type of a token', () => {
  const rows: readonly [typ: unknown, byDefault: boolean, pinned: boolean][] = [
    [undefined, true, false],
    ['JWT', true, false],
    ['jwt', true, false],
    ['application/jwt', true, false],
    ['at+jwt', true, true],
    ['AT+JWT', true, true],
    ['application/at+jwt', true, true],
    ['Application/At+Jwt', true, true],
    ['application/x/at+jwt', false, false],
    ['at+jwt ', false, false],
    ['dpop+jwt', false, false],
    ['logout+jwt', false, false],
    ['secevent+jwt', false, false],
    ['application/logout+jwt', false, false],
    ['token-introspection+jwt', false, false],
    ['', false, false],
    [null, false, false],
    [['JWT'], false, false],
  ]
  const pin = verifierOf(HS256, { typ: 'at+jwt' })
  for (const [typ, byDefault, pinned] of rows) {
    test(`JWT-14: typ ${JSON.stringify(typ)}`, () => {
      const text = forged({ alg: 'HS256', typ })
      assert.equal(outcome(verify, text), byDefault ? 'ok' : 'token.wrong-type')
      assert.equal(outcome(pin, text), pinned ? 'ok' : 'token.wrong-type')
    })
  }
})

describe('which key is tried', () => {
  const [a, b, nameless] = [randomBytes(32), randomBytes(32), randomBytes(32)]
  const named = verifierOf([
    { alg: 'HS256', key: a, kid: 'a' },
    { alg: 'HS256', key: b, kid: 'b' },
  ])
  const mixed = verifierOf([
    { alg: 'HS256', key: a, kid: 'a' },
    { alg: 'HS256', key: nameless },
  ])
  const rows: readonly [
    name: string,
    verify: typeof named,
    kid: string | undefined,
    secret: Uint8Array,
    expected: string,
  ][] = [
    ['the named key', named, 'a', a, 'ok'],
    ['another key than the named one', named, 'a', b, 'token.bad-signature'],
    ['a name that no key has', named, 'c', a, 'token.unknown-key'],
    ['a name in another case', named, 'A', a, 'token.unknown-key'],
    ['no name, the second key', named, undefined, b, 'ok'],
    ['no name, no key', named, undefined, nameless, 'token.bad-signature'],
    ['a name that no key has, and a key without one', mixed, 'c', nameless, 'ok'],
    ['the named key beside one without a name', mixed, 'a', a, 'ok'],
    ['the name of one, the signature of a key without', mixed, 'a', nameless, 'ok'],
    ['a name that no key has, and the key of another name', mixed, 'c', a, 'token.bad-signature'],
  ]
  for (const [name, ring, kid, secret, expected] of rows) {
    test(`JWT-04: ${name}`, () =>
      assert.equal(outcome(ring, forged({ alg: 'HS256', kid }, claims(), secret)), expected))
  }
})

describe('the signature', () => {
  test('AUT-09: signatures of another length are refused before any comparison', () => {
    for (const length of [0, 1, 16, 31, 33, 64]) {
      const text = `${header}.${payload}.${randomBytes(length).toString('base64url')}`
      assert.equal(outcome(verify, text), 'token.bad-signature', String(length))
    }
  })

  test('a token that is signed by another secret', () => {
    assert.equal(outcome(verify, forged({ alg: 'HS256' }, claims(), randomBytes(32))), 'token.bad-signature')
    assert.equal(outcome(verify, forged({ alg: 'HS256' }, claims(), `${SECRET}x`)), 'token.bad-signature')
  })

  test('JWT-16: a token one character too long is refused, and one of just the length is read', () => {
    assert.equal(outcome(verifierOf(HS256, { maxTokenLength: good.length }), good), 'ok')
    assert.equal(outcome(verifierOf(HS256, { maxTokenLength: good.length - 1 }), good), 'token.malformed')
  })
})

describe('the header that was read last', () => {
  test('JWT-02: it is known by its text, and by nothing else', () => {
    const read = compileHeaderReader()
    const one = part('{"alg":"HS256","kid":"a"}')
    const other = part('{"alg":"HS256","kid":"b"}')
    const first = read(one)
    assert.deepEqual(first, { ok: true, header: { alg: 'HS256', kid: 'a' } })
    assert.equal(read(one), first)
    assert.deepEqual(read(other), { ok: true, header: { alg: 'HS256', kid: 'b' } })
    assert.deepEqual(read(one), first)
    assert.deepEqual(read(part('{"ok":false}')), { ok: true, header: { ok: false } })
  })

  test('JWT-02, JWT-09: what is none is refused each time, whatever was read before', () => {
    const read = compileHeaderReader()
    for (const text of ['', 'e', `${header}=`, part('a text'), part('[]')]) {
      assert.equal(read(header).ok, true)
      assert.deepEqual([read(text).ok, read(text).ok], [false, false], text)
    }
  })

  test('JWT-03, JWT-06: a token is judged by its own header, whichever came before it', () => {
    const each = [
      [good, 'ok'],
      [forged({ alg: 'none' }), 'token.wrong-algorithm'],
      [good, 'ok'],
      [forged({ alg: 'HS256', crit: ['exp'] }), 'token.malformed'],
      [forged({ alg: 'HS256', crit: ['exp'] }), 'token.malformed'],
      [good, 'ok'],
    ] as const
    assert.deepEqual(
      each.map(([text]) => outcome(verify, text)),
      each.map(([, expected]) => expected),
    )
  })
})
