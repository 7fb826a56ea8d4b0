/**
 * Project Wycheproof, testvectors_v1/json_web_key_test.json (https://github.com/C2SP/wycheproof, Apache-2.0): all of
 * its 26 vectors, data alone, without the private halves of the pairs.
 */

/** A set of keys, and a token: its number, its comment, its label, what we say (`ok` or why not). */
export interface JwkVector {
  readonly tcId: number
  readonly name: string
  readonly comment: string
  readonly result: 'valid' | 'invalid'
  readonly ours: string
  readonly keys: readonly Readonly<Record<string, unknown>>[]
  readonly jws: string
}

const HMAC_HEAD = 'eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZC1hZXMtc2lnbiJ9'
const HMAC_JWS = `${HMAC_HEAD}.Zm9v.TD37p4c_0jmreSrBSDmE0F3mYSPtkZ3WrSyI5wb_KTg`
const HMAC_KEY = {
  alg: 'HS256',
  use: 'sig',
  k: '-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE',
  kid: 'kid-aes-sign',
  kty: 'oct',
} as const

const EC_JWS =
  'eyJhbGciOiJFUzI1NiIsImtpZCI6ImtpZC1lYy1zaWduIn0.Zm9v.5cA0OHyMP7ezamUd5c9kV-FrGxdx4hbGXOdplQkutrqWrte5P-pAvsE3Ve6xSyU3YDQwUHjVVOtvcrEbbnZ8yA'
const EC_KEY = {
  alg: 'ES256',
  use: 'sig',
  x: '04N0xi21hshyvBp7I167sbE_bXqyqkAPfefdklMO7wY',
  y: 'UI8exy-C06a7DUnjIdENkxeFtHM4-l_41LqEw9nVgmw',
  crv: 'P-256',
  kid: 'kid-ec-sign',
  kty: 'EC',
} as const

const RSA_JWS =
  'eyJhbGciOiJSUzI1NiIsImtpZCI6ImtpZC1yc2Etc2lnbiJ9.Zm9v.HUwxI1-cZrZgcuOgBQ7G7NE-GrqK79l6GV1KT4DKXnSMFwC8pfZCzE7pmLE7mYpLCIvzC87yuOjuhT0uW5oe6aaAEtR978cm-q8dfly45flqMrd_ifhi9GCsMlyi8dpQ42Ou1etZljFZuWjfyk8CN1c5DaHRwhqjScAPIFp6xmzKIRUJ_xdQfUSfSlujLaixtScU518EoNP4oo1v7E8RAz6ZO4g2N4Xqs8OvSxYydcoTEg42QnLHe9JnXgI37Q5gSwinwaPsG3Ry56UYiLoL8mCUa74S51y02VsIgVmmGWgaXjM-i_lCiKQDBiBnvWlka4XhVuvd6ZWibM9cbCPtPg'
const RSA_KEY = {
  alg: 'RS256',
  use: 'sig',
  n: 'kqGboBfAWttWPCA-0cGRgsY6SaYoIARt0B_PkaEcIq9HPYNdu9n6UuWHuuTHrjF_ZoQW97r5HaAorNvrMEGTGdxCHZdEtkHvNVVmrtxTBLiQCbCozXhFoIrVcr3qUBrdGnNn_M3jJi7Wg7p_-x62nS5gNG875oyheRkutHsQXikFZwsN3q_TsPNOVlCiHy8mxzaFTUQGm-X8UYexFyAivlDSjgDJLAZSWfxd7k9Gxuwa3AUfQqQcVcegmgKGCaErQ3qQbh1x7WB6iopE3_-GZ8HMAVtR9AmrVscqYsnjhaCehfAI0iKKs8zXr8tISc0ORbaalrkk03H1ZrsEnDKEWQ',
  e: 'AQAB',
  kid: 'kid-rsa-sign',
  kty: 'RSA',
} as const

function secret(alg: string, kid: string, k: string): Record<string, unknown> {
  return { kty: 'oct', use: 'sig', kid, alg, k }
}

const LONG_SECRET = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0-P0A'

export const WYCHEPROOF_JWK: readonly JwkVector[] = [
  {
    tcId: 1,
    name: 'jws_mixedSymmetryKeyset',
    comment: 'rejectsValid',
    result: 'invalid',
    ours: 'ok',
    keys: [HMAC_KEY, EC_KEY],
    jws: HMAC_JWS,
  },
  {
    tcId: 2,
    name: 'jws_keyset',
    comment: 'acceptsValid',
    result: 'valid',
    ours: 'ok',
    keys: [HMAC_KEY, secret('HS256', 'kid-aes-sign-2', '-xbuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE')],
    jws: HMAC_JWS,
  },
  {
    tcId: 3,
    name: 'jws_keyset',
    comment: 'rejectsModifiedSignature',
    result: 'invalid',
    ours: 'token.bad-signature',
    keys: [HMAC_KEY, secret('HS256', 'kid-aes-sign-2', '-xbuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE')],
    jws: `${HMAC_HEAD}.Zm9v.XD37p4c_0jmreSrBSDmE0F3mYSPtkZ3WrSyI5wb_KTg`,
  },
  {
    tcId: 4,
    name: 'jws_duplicate_kid',
    comment: 'rejectsDuplicateKid',
    result: 'invalid',
    // Its second secret is no canonical base64url; the test makes it so, and then the "kid" is what is wrong.
    ours: 'config:malformed_value',
    keys: [HMAC_KEY, secret('HS256', 'kid-aes-sign', '-xxuDNsVZ2iJtos-akfXTSCt4UO2cruLCsbWlBingge')],
    jws: HMAC_JWS,
  },
  {
    tcId: 5,
    name: 'rs256',
    comment: 'acceptsValid',
    result: 'valid',
    ours: 'ok',
    keys: [RSA_KEY],
    jws: RSA_JWS,
  },
  {
    tcId: 6,
    name: 'rs256',
    comment: 'rejectsWrongUse',
    result: 'invalid',
    ours: 'config:contradiction',
    keys: [{ ...RSA_KEY, alg: 'RSA1_5', use: 'enc' }],
    jws: RSA_JWS,
  },
  {
    tcId: 7,
    name: 'jws_rsa_roca_key',
    comment: 'rejectsKeyWithRocaVulnerability',
    result: 'invalid',
    ours: 'config:unsafe_value',
    keys: [
      {
        alg: 'RS256',
        use: 'sig',
        n: 'AanFpofbj7KjD4Lf-N2hVMKR7yewSyXhhbirIMTGpfYEhZ_lnt5UoK98DnKIgArXGTu3MaW_HhFw16HGaTDUHqPrId7fe4r11CqRw09yBFuW79V8sYIwHdzCaWflUI6auImYbVfoN9_nD5n8N8SY9DwXw7mwZM9wREPXoDPgOoIWl6q_MPsp7n0zs3Z5ZaiQWOOzl1S9OhwAfSiiOwz6efnXEaxuTEtPd7BjSx7NaFka8Dx9U7YqXy2RFj1O9PjyaDGuRh7YXsX3iMUSP_wSyHQg_c_qHRtKUsNSGCT7OZg0hzm2KphtjnayKJvC64vAbROBR4Ubg6Bxg9IQVZ-QYyE',
        e: 'AQAB',
        kid: 'kid-rsa-roca-sign',
        kty: 'RSA',
      },
    ],
    jws: 'eyJhbGciOiJSUzI1NiIsImtpZCI6ImtpZC1yc2Etcm9jYS1zaWduIn0.Zm9v.AF_6dFYBEaaI5OlOehaktwYarwKZwFFeKTNwz9ar6ntNh4k8oeQwiODJqT1nnX2KhrWMUc80JJIdaCq3y7wOSmlPrqRgrL5r9xqfQdokirCuynoq4Lbi226VlZmijmkyYtSeEbzvkhyjbY8cDQF_c2DMMQG8FBRNJPOSTxi_I75Twj0877G-16i3bAWcvFxcNKGQzSQNcp5Lvh15N2I3PDM5W7HaFwPO0drzLR9dsDW9uDCqHvMMyshC7rgZdqfXpkaJL8Whn_mUScnLxS7J-2wVt9xKY3LpR97HoanIK-rcqYS_eq9hY_65te4qbwPCtQMjipIgIGo9HZrNRomAB1c',
  },
  {
    tcId: 8,
    name: 'keysize_too_small',
    comment: 'rejects1024bitRsaKey',
    result: 'invalid',
    ours: 'config:out_of_range',
    keys: [
      {
        kty: 'RSA',
        use: 'sig',
        alg: 'RS256',
        n: 'rJBIp6T1YK-RtPyvYqFFlcucqewSAA_IReSFchE8qyiQrbARqRlXWkB2DR8j_pJQnIpYELbQWZC5Cd0PTGAU8rMbar2AW6zpmBbi7aQf17lUBdt8XI9M9rq7FPVQ1dDdUXm1SVH_9qqWhvMPR422SbfHBEzCAtzK0ANDRo6qz78',
        e: 'AQAB',
        kid: 'RS256_1024',
      },
    ],
    jws: 'eyJhbGciOiJSUzI1NiIsImtpZCI6IlJTMjU2XzEwMjQifQ..AFuv9BiuEQP1Nmidc5xFw0qIT1d0NmgqakVKmJ-mMJNzg_J1L6nNXxMrSXCS6sfGIgXc44-vk8StVf7eIKjxozqzZ3Z2jT8AX_vp6_1WOje9jSPYEwf-3OgmD2QcyV14jXVTx9s0M8WKoYIo4_zA4qGiViE18khwGd9uqsjrJVA',
  },
  {
    tcId: 9,
    name: 'exponentOne',
    comment: 'rejectsPublicExponent1',
    result: 'invalid',
    ours: 'config:unsafe_value',
    keys: [
      {
        kty: 'RSA',
        use: 'sig',
        alg: 'RS256',
        n: 'u-SfdHPjFtGmzuoH6gheIIZ4nLwUHBQEtFGqOe0N8JuZUc5VOzlI8yl0r8ESilAouttkdftexj4VFJz5R9FH90ypVQDPL0H4mC_RtkcJ1DBB8MriU8dmzqSXP1SBs4s5L-pJWxKKLjXddD6gXJZ7HT_aPl2olvlLh8JkD_52U6sjdeP3OWDKvMu5GsrMlS9XJCVaCx8r9698OEElwK-ZW9PztgTSb-MvyTuyzis5Yc13n_z0wMLahpDilI2fzNsZ3yH6htu4VXPraSEZV6C0Z7epAAAUqiUnxh3WRupEICaewYEnW3MVS2hHwLwtPu_RR0XHoZr1oPSlQMP3Zi2QKw',
        e: 'AQ',
        kid: 'RS256_2048',
      },
    ],
    // 0001, 202 times ff, 00, and what follows: with an exponent of 1 the padded hash is the signature.
    jws: `eyJhbGciOiJSUzI1NiIsImtpZCI6IlJTMjU2XzIwNDgifQ..AAH${'_'.repeat(269)}ADAxMA0GCWCGSAFlAwQCAQUABCC2RQuThyxZrC1hF3430kwQRUtpKnK2r9hhkP2mQe8zsg`,
  },
  {
    tcId: 10,
    name: 'HS256',
    comment: 'key_too_short',
    result: 'invalid',
    ours: 'config:out_of_range',
    keys: [secret('HS256', 'short_hs256_key', 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg')],
    jws: 'eyJhbGciOiJIUzI1NiIsImtpZCI6InNob3J0X2hzMjU2X2tleSJ9.Zm9v.OHXFiYUEmZcuvFx8FTvvN0fCfe8bspBX1ctB4dqcv0U',
  },
  {
    tcId: 11,
    name: 'HS384',
    comment: 'key_too_short',
    result: 'invalid',
    ours: 'config:out_of_range',
    keys: [
      secret('HS384', 'short_hs384_key', 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4'),
    ],
    jws: 'eyJhbGciOiJIUzM4NCIsImtpZCI6InNob3J0X2hzMzg0X2tleSJ9.Zm9v.TKvI_fld4zqTKPhLBgiDArC88o2Lr4XyabrrD50VJUPQGev0k_q3g2kTIgK6evi8',
  },
  {
    tcId: 12,
    name: 'HS512',
    comment: 'key_too_short',
    result: 'invalid',
    ours: 'config:out_of_range',
    keys: [
      secret(
        'HS512',
        'short_hs512_key',
        'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0-',
      ),
    ],
    jws: 'eyJhbGciOiJIUzUxMiIsImtpZCI6InNob3J0X2hzNTEyX2tleSJ9.Zm9v.8e1Oohdq6XP8EjQUEpX-E5fdbj9GG4JscFqPfxdN86R6DdFiRLXW6l0FZ5k4m-itvXSKDLvIsrdtJ6rZriHWiw',
  },
  {
    tcId: 13,
    name: 'HS256',
    comment: 'long_key',
    result: 'valid',
    ours: 'ok',
    keys: [secret('HS256', 'long_hs256_key', LONG_SECRET)],
    jws: 'eyJhbGciOiJIUzI1NiIsImtpZCI6ImxvbmdfaHMyNTZfa2V5In0.Zm9v.21LcS4mucXHeWxB34_udiXxb3M3MHd0127KdnfF726o',
  },
  {
    tcId: 14,
    name: 'HS384',
    comment: 'long_key',
    result: 'valid',
    ours: 'ok',
    keys: [secret('HS384', 'long_hs384_key', LONG_SECRET)],
    jws: 'eyJhbGciOiJIUzM4NCIsImtpZCI6ImxvbmdfaHMzODRfa2V5In0.Zm9v.Ets-iThpZ2a7MChVHGPUIddl87WDNMWBXzUuaqqwXhy1JQJ2e7qzF395b8dTM8XE',
  },
  {
    tcId: 15,
    name: 'HS512',
    comment: 'long_key',
    result: 'valid',
    ours: 'ok',
    keys: [secret('HS512', 'long_hs512_key', LONG_SECRET)],
    jws: 'eyJhbGciOiJIUzUxMiIsImtpZCI6ImxvbmdfaHM1MTJfa2V5In0.Zm9v.QNYWqEdHjNGYfU3_Nf-ZfwaTuW9sNCtzQCNYcp64VJJPeFzph9CsN2CbBhCa2LKTJ7xXwpZPyS3KkwqLAwy17g',
  },
  {
    tcId: 16,
    name: 'HS256',
    comment: 'empty_key',
    result: 'invalid',
    ours: 'config:malformed_value',
    keys: [secret('HS256', 'hs256_key', '')],
    jws: 'eyJhbGciOiJIUzI1NiIsImtpZCI6ImhzMjU2X2tleSJ9.Zm9v.fyLEImF-r3ro2KJGK6cE1r304rKYqPMDLOwWF7A8cn4',
  },
  {
    tcId: 17,
    name: 'HS384',
    comment: 'empty_key',
    result: 'invalid',
    ours: 'config:malformed_value',
    keys: [secret('HS384', 'hs384_key', '')],
    jws: 'eyJhbGciOiJIUzM4NCIsImtpZCI6ImhzMzg0X2tleSJ9.Zm9v.MucSluWWs1vlepYBpVrIrCv9_j1E3QjP2_bjx6Elmv6hs08BFpZHZgAzKmkuE8Hq',
  },
  {
    tcId: 18,
    name: 'HS512',
    comment: 'empty_key',
    result: 'invalid',
    ours: 'config:malformed_value',
    keys: [secret('HS512', 'hs512_key', '')],
    jws: 'eyJhbGciOiJIUzUxMiIsImtpZCI6ImhzNTEyX2tleSJ9.Zm9v.DvLOFJrm8h9rvMXLtami3YIXZXrDVxnKAjputDbIo4NWt5WvfCkV7xlf8kqOhmQeBSi38VBBSI-Jl0tqJvrfNg',
  },
  {
    tcId: 19,
    name: 'wrong_algorithm',
    comment: 'mismatchedAlgAndCurve',
    result: 'invalid',
    ours: 'config:contradiction',
    keys: [{ ...EC_KEY, alg: 'ES521' }],
    jws: EC_JWS,
  },
  {
    tcId: 20,
    name: 'invalid_algorithm',
    comment: 'mismatchedAlgAndCurve',
    result: 'invalid',
    ours: 'config:contradiction',
    keys: [{ ...EC_KEY, alg: 'ES224' }],
    jws: EC_JWS,
  },
  {
    tcId: 21,
    name: 'invalid_use',
    comment: 'rejectsModifiedKey',
    result: 'invalid',
    ours: 'config:contradiction',
    keys: [{ ...EC_KEY, use: 'enc' }],
    jws: EC_JWS,
  },
  {
    tcId: 22,
    name: 'invalid_point',
    comment: 'rejectsModifiedKey',
    result: 'invalid',
    ours: 'config:malformed_value',
    keys: [{ ...EC_KEY, y: 'UI8exy-C06a7DUnjIdENkxeFtHM4-l_41LqEw9nVgnw' }],
    jws: EC_JWS,
  },
  {
    tcId: 23,
    name: 'wrong_curve',
    comment: 'rejectsModifiedKey',
    result: 'invalid',
    ours: 'config:contradiction',
    keys: [{ ...EC_KEY, crv: 'P-384' }],
    jws: EC_JWS,
  },
  {
    tcId: 24,
    name: 'wrong_kty',
    comment: 'rejectsModifiedKey',
    result: 'invalid',
    ours: 'config:contradiction',
    keys: [{ ...EC_KEY, kty: 'RSA' }],
    jws: EC_JWS,
  },
  {
    tcId: 25,
    name: 'invalid_aes_gcm_key',
    comment: 'rejectsAesKey',
    result: 'invalid',
    ours: 'config:contradiction',
    keys: [{ ...HMAC_KEY, alg: 'A256GCM' }],
    jws: HMAC_JWS,
  },
  {
    tcId: 26,
    name: 'invalid_aes_kw_key',
    comment: 'rejectsAesKey',
    result: 'invalid',
    ours: 'config:contradiction',
    keys: [{ ...HMAC_KEY, alg: 'A256KW' }],
    jws: HMAC_JWS,
  },
]
