import { WYCHEPROOF_JWS_PADDING_A } from './wycheproof-jws-padding-a.ts'
import { WYCHEPROOF_JWS_PADDING_B } from './wycheproof-jws-padding-b.ts'

/**
 * Project Wycheproof, testvectors_v1/json_web_signature_test.json (https://github.com/C2SP/wycheproof, Apache-2.0): all
 * of its 401 vectors, data alone, without the private halves of the pairs. Most of those with modified padding stand in
 * wycheproof-jws-padding-a.ts and -b.ts, those from 259 on that only sign other payloads or modify PSS otherwise in
 * wycheproof-jws-rest.ts.
 */

/** A vector: its number, its comment, its label, what we say (`ok` or why not), the token, its flag. */
export type JwsVector = readonly [
  tcId: number,
  comment: string,
  result: 'valid' | 'invalid',
  ours: string,
  jws: string,
  flag?: string,
]

export interface JwsGroup {
  readonly name: string
  readonly key: Readonly<Record<string, unknown>>
  readonly tests: readonly JwsVector[]
}

const MALFORMED = 'token.malformed'
export const BAD = 'token.bad-signature'
const WRONG_ALG = 'token.wrong-algorithm'
const UNKNOWN = 'token.unknown-key'

const HMAC_HEAD = 'eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZC1hZXMtc2lnbiJ9'
const HMAC_TAIL = 'TD37p4c_0jmreSrBSDmE0F3mYSPtkZ3WrSyI5wb_KTg'

export const EC_HEAD = 'eyJhbGciOiJFUzI1NiIsImtpZCI6ImtpZC1lYy1zaWduIn0'
const EC_TAIL = '5cA0OHyMP7ezamUd5c9kV-FrGxdx4hbGXOdplQkutrqWrte5P-pAvsE3Ve6xSyU3YDQwUHjVVOtvcrEbbnZ8yA'
export const EC_KEY = {
  x: '04N0xi21hshyvBp7I167sbE_bXqyqkAPfefdklMO7wY',
  y: 'UI8exy-C06a7DUnjIdENkxeFtHM4-l_41LqEw9nVgmw',
  crv: 'P-256',
  kid: 'kid-ec-sign',
  kty: 'EC',
} as const

const RSA_HEAD = 'eyJhbGciOiJSUzI1NiIsImtpZCI6ImtpZC1yc2Etc2lnbiJ9'
const RSA_TAIL =
  'HUwxI1-cZrZgcuOgBQ7G7NE-GrqK79l6GV1KT4DKXnSMFwC8pfZCzE7pmLE7mYpLCIvzC87yuOjuhT0uW5oe6aaAEtR978cm-q8dfly45flqMrd_ifhi9GCsMlyi8dpQ42Ou1etZljFZuWjfyk8CN1c5DaHRwhqjScAPIFp6xmzKIRUJ_xdQfUSfSlujLaixtScU518EoNP4oo1v7E8RAz6ZO4g2N4Xqs8OvSxYydcoTEg42QnLHe9JnXgI37Q5gSwinwaPsG3Ry56UYiLoL8mCUa74S51y02VsIgVmmGWgaXjM-i_lCiKQDBiBnvWlka4XhVuvd6ZWibM9cbCPtPg'
const RSA_KEY = {
  n: 'kqGboBfAWttWPCA-0cGRgsY6SaYoIARt0B_PkaEcIq9HPYNdu9n6UuWHuuTHrjF_ZoQW97r5HaAorNvrMEGTGdxCHZdEtkHvNVVmrtxTBLiQCbCozXhFoIrVcr3qUBrdGnNn_M3jJi7Wg7p_-x62nS5gNG875oyheRkutHsQXikFZwsN3q_TsPNOVlCiHy8mxzaFTUQGm-X8UYexFyAivlDSjgDJLAZSWfxd7k9Gxuwa3AUfQqQcVcegmgKGCaErQ3qQbh1x7WB6iopE3_-GZ8HMAVtR9AmrVscqYsnjhaCehfAI0iKKs8zXr8tISc0ORbaalrkk03H1ZrsEnDKEWQ',
  e: 'AQAB',
  kid: 'kid-rsa-sign',
  kty: 'RSA',
} as const

/** The modulus of RS256_2048 and PS256_2048, of RS384_2048 and PS384_2048, of RS512_2048 and PS512_2048. */
export const N256 =
  'orRRoH0KpfluRVZxUTVQUUqKW0YuvvcXCU-h_ugiJOY3-XRtP3yv0xh42AMltu9aFwD2WQO0aUKeidbqyIRQl7WrOTGJ25JRLtincRoSU_rNIPecFegkfz0-QuRuSMmOJUov6XZTE6A-_48X4aApOXofomqNzib0kO2BKZYV2YFMItphBCjgnH2WWFlCZvXAIdD87KCNlFoSvoLeTR7Oa0wDFFtdNJXU7VQR64eNrwX9evw-Ca2g8RJkIvWQl1oZaYFvSGmLy7obTZyuedRg2Pn4Xnl1AF2bwixOWsD3waRdElaaYoB9O5oC5aUw53MGb0U9H1tMLpz3ggKD90K51Q'
export const N384 =
  'zab6XKdr_gSS7Ffgo7__cnLcjR4lrR-zOKoFDwLBBOYxM9a1t8SYXruumsA2pbnAMHTWCuyOJbrzkqDEMP8FuI6UiAXT3XRRHYiFJQp7V0IVraAVxVkHZobiU8zJbAgVsSke54fMM2O0932TDrmY18WCskzqnOId6XInkZiYY6J-vICgDeW9L5Iod15aTOsFTVjJvjagVDNpcaE2Qt2VEN1paqJo2zqrIpnV2I-OViQ00UJwlNPfjnLR72m07TTRK6w3UiOyolzyJ_c1-BboXhcjkwR2mmCCFUzRWJn8Hq77abdIo-XtJNODcll94-TionuVHWrH2xgtaAnY_1Ebfw'
export const N512 =
  'wsSoYCNtPJCWoHbWulEH4Pe9geG6kW9zdXJL0rCwtjlWgTcVo0V6sEWLcfs1pFsn-e96w-V53qRd-_0HgZ7WtwIapTNsWEQqrdlsqe6dMkc-nZJ4VitNECWK3mqY-xx8_cOzcW713sWM9zs1nziVmbS1hlqYY1GesAHDJDh9p1VFDbNBMJNg44B8BWW44sRPvV5ujQTQBtfudouOhDYIKpD6DoN_MvRgh6tKDZviiqfaF5TOsBcqf1DtIPbfZB77y_0qrIl3XHYacxAJPGccl3-hiw1uAfsl96QytCxlNZeExokgVxnBz246Zdri2kNMMm3egbtv__vb9t5cFrunSQ'

export const RS256_HEAD = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IlJTMjU2XzIwNDgifQ'
export const RS384_HEAD = 'eyJhbGciOiJSUzM4NCIsImtpZCI6IlJTMzg0XzIwNDgifQ'
export const RS512_HEAD = 'eyJhbGciOiJSUzUxMiIsImtpZCI6IlJTNTEyXzIwNDgifQ'
export const PS256_HEAD = 'eyJhbGciOiJQUzI1NiIsImtpZCI6IlBTMjU2XzIwNDgifQ'
export const PS384_HEAD = 'eyJhbGciOiJQUzM4NCIsImtpZCI6IlBTMzg0XzIwNDgifQ'
export const PS512_HEAD = 'eyJhbGciOiJQUzUxMiIsImtpZCI6IlBTNTEyXzIwNDgifQ'
const DIGITS = 'MTIzNDAw'

/** RFC 7520: the text that all of its signatures sign, and the keys of §3. */
export const HOBBIT =
  'SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4'
export const BILBO_RSA = {
  kty: 'RSA',
  kid: 'bilbo.baggins@hobbiton.example',
  n: 'n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw',
  e: 'AQAB',
} as const
export const BILBO_EC = {
  kty: 'EC',
  kid: 'bilbo.baggins@hobbiton.example',
  crv: 'P-521',
  x: 'AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt',
  y: 'AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1',
} as const
export const FIGURE_5 = {
  kty: 'oct',
  kid: '018c0ae5-4d9b-471b-bfd6-eef314bc7037',
  use: 'sig',
  alg: 'HS256',
  k: 'hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg',
} as const
export const FIGURE_13: string = `eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.${HOBBIT}.MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg`
export const FIGURE_20: string = `eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.${HOBBIT}.cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw`
export const FIGURE_27: string = `eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.${HOBBIT}.AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2`
export const FIGURE_35: string = `eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9.${HOBBIT}.s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0`

const B64_HEAD = 'eyJraWQiOiJoczI1Ni1rZXkiLCJhbGciOiJIUzI1NiJ9'
const B64_TAIL = 'c1LROH7eNQwUT8KMVEO52VC3WZ9e_AnDWbZ7aMmowV8'

/** Zero, one, the order of P-256 less one, the order: as a half of a signature each, in hexadecimal. */
const ZERO = '00'.repeat(32)
const ONE = `${'00'.repeat(31)}01`
const N_LESS_1 = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550'
const N = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'

function edge(r: string, s: string): string {
  return `${EC_HEAD}.Zm9v.${Buffer.from(r + s, 'hex').toString('base64url')}`
}

export const WYCHEPROOF_JWS: readonly JwsGroup[] = [
  {
    name: 'hs256',
    key: {
      alg: 'HS256',
      use: 'sig',
      k: '-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE',
      kid: 'kid-aes-sign',
      kty: 'oct',
    },
    tests: [
      [1, 'acceptsValid', 'valid', 'ok', `${HMAC_HEAD}.Zm9v.${HMAC_TAIL}`],
      [2, 'rejectsModifiedSignature', 'invalid', BAD, `${HMAC_HEAD}.Zm9v.X${HMAC_TAIL.slice(1)}`],
      [3, 'rejectsMissingSignature', 'invalid', BAD, `${HMAC_HEAD}.Zm9v.`],
      [4, 'rejectsMissingSignatureAndSeparator', 'invalid', MALFORMED, `${HMAC_HEAD}.Zm9v`],
      [5, 'rejectsModifiedPayload', 'invalid', BAD, `${HMAC_HEAD}.WG9v.${HMAC_TAIL}`],
      [6, 'rejectsMissingPayload', 'invalid', BAD, `${HMAC_HEAD}..${HMAC_TAIL}`],
      [7, 'rejectsMissingPayloadAndSeparator', 'invalid', MALFORMED, `${HMAC_HEAD}.${HMAC_TAIL}`],
      [
        8,
        'rejectsModifiedHeader',
        'invalid',
        UNKNOWN,
        `eyJhbGciOiJIUzI1NiIsImtpZCI6IlhpZC1hZXMtc2lnbiJ9.Zm9v.${HMAC_TAIL}`,
      ],
      [9, 'rejectsMissingHeader', 'invalid', MALFORMED, `.Zm9v.${HMAC_TAIL}`],
      [10, 'rejectsMissingHeaderAndSeparator', 'invalid', MALFORMED, `Zm9v.${HMAC_TAIL}`],
      [11, 'rejectsMissingHeaderAndSignature', 'invalid', MALFORMED, '.Zm9v.'],
      [12, 'rejectsMissingHeaderSignatureAndSeparators', 'invalid', MALFORMED, 'Zm9v'],
      [13, 'rejectsEmptyString', 'invalid', MALFORMED, ''],
      [14, 'rejectsExtraEmptyComponent', 'invalid', MALFORMED, `${HMAC_HEAD}.Zm9v.${HMAC_TAIL}.`],
      [15, 'rejectsExtraComponent', 'invalid', MALFORMED, `${HMAC_HEAD}.Zm9v.${HMAC_TAIL}.foo`],
      [
        16,
        'rejectsNoneAlgorithmAndMissingSignature',
        'invalid',
        WRONG_ALG,
        'eyJhbGciOiJub25lIiwia2lkIjoia2lkLWFlcy1zaWduIn0.Zm9v.',
      ],
      [
        17,
        'rejectsValidJsonSerialization',
        'invalid',
        MALFORMED,
        `{"payload":"Zm9v","signatures":[{"protected":"${HMAC_HEAD}","header":{"unknown":"untrustworthy"},"signature":"${HMAC_TAIL}"}`,
        'JsonSerialization',
      ],
    ],
  },
  {
    name: 'es256',
    key: { ...EC_KEY, alg: 'ES256', use: 'sig' },
    tests: [
      [18, 'acceptsValid', 'valid', 'ok', `${EC_HEAD}.Zm9v.${EC_TAIL}`],
      [19, 'rejectsModifiedSignature', 'invalid', BAD, `${EC_HEAD}.Zm9v.X${EC_TAIL.slice(1)}`],
      [20, 'rejectsMissingSignature', 'invalid', BAD, `${EC_HEAD}.Zm9v.`],
      [21, 'rejectsMissingSignatureAndSeparator', 'invalid', MALFORMED, `${EC_HEAD}.Zm9v`],
      [22, 'rejectsModifiedPayload', 'invalid', BAD, `${EC_HEAD}.WG9v.${EC_TAIL}`],
      [23, 'rejectsMissingPayload', 'invalid', BAD, `${EC_HEAD}..${EC_TAIL}`],
      [24, 'rejectsMissingPayloadAndSeparator', 'invalid', MALFORMED, `${EC_HEAD}.${EC_TAIL}`],
      [
        25,
        'rejectsModifiedHeader',
        'invalid',
        UNKNOWN,
        `eyJhbGciOiJFUzI1NiIsImtpZCI6IlhpZC1lYy1zaWduIn0.Zm9v.${EC_TAIL}`,
      ],
      [26, 'rejectsMissingHeader', 'invalid', MALFORMED, `.Zm9v.${EC_TAIL}`],
      [27, 'rejectsMissingHeaderAndSeparator', 'invalid', MALFORMED, `Zm9v.${EC_TAIL}`],
      [28, 'rejectsMissingHeaderAndSignature', 'invalid', MALFORMED, '.Zm9v.'],
      [29, 'rejectsMissingHeaderSignatureAndSeparators', 'invalid', MALFORMED, 'Zm9v'],
      [30, 'rejectsEmptyString', 'invalid', MALFORMED, ''],
      [
        31,
        'rejectsSymmetryConfusionAttacks_aesKeyFromEcVerificationKeyBytes',
        'invalid',
        WRONG_ALG,
        'eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZC1lYy1zaWduIn0.Zm9v.TgWtz2FIRukBQ_mA5sgHa0Ybtgn7bl-YBPAi7Z0XdHU',
      ],
      [
        32,
        'rejectsAttackerProvidedEmbeddedJwk',
        'invalid',
        UNKNOWN,
        'eyJhbGciOiJFUzI1NiIsImtpZCI6ImtpZC1lYy1zaWduIiwiandrIjp7Imt0eSI6IkVDIiwia2lkIjoia2lkLWVjLXNpZ24iLCJ1c2UiOiJzaWciLCJhbGciOiJFUzI1NiIsIngiOiJNZG5UWkRJaERKYmZBU2RGcWFtY3BPMkNoOUdOS0sybTBNUWxoNDAyU3BvIiwieSI6Ijdhdko0bHFfV3l4LW5MUERCUTJZcHl0dUh5TWlvMDdCVXl2bDNqYUMtMVkiLCJjcnYiOiJQLTI1NiJ9fQ.Zm9v.4jmsollQD8ZxvySzXYnIEYA4fwaZi2ZbC0aI1J4LYmW2Bn31NhKdjms2N6o51Dff5-InWXQF9m45VtTexl6yjg',
      ],
    ],
  },
  {
    name: 'rs256',
    key: { ...RSA_KEY, alg: 'RS256', use: 'sig' },
    tests: [
      [33, 'acceptsValid', 'valid', 'ok', `${RSA_HEAD}.Zm9v.${RSA_TAIL}`],
      [34, 'rejectsModifiedSignature', 'invalid', BAD, `${RSA_HEAD}.Zm9v.X${RSA_TAIL.slice(1)}`],
      [35, 'rejectsMissingSignature', 'invalid', BAD, `${RSA_HEAD}.Zm9v.`],
      [36, 'rejectsMissingSignatureAndSeparator', 'invalid', MALFORMED, `${RSA_HEAD}.Zm9v`],
      [37, 'rejectsModifiedPayload', 'invalid', BAD, `${RSA_HEAD}.WG9v.${RSA_TAIL}`],
      [38, 'rejectsMissingPayload', 'invalid', BAD, `${RSA_HEAD}..${RSA_TAIL}`],
      [39, 'rejectsMissingPayloadAndSeparator', 'invalid', MALFORMED, `${RSA_HEAD}.${RSA_TAIL}`],
      [
        40,
        'rejectsModifiedHeader',
        'invalid',
        UNKNOWN,
        `eyJhbGciOiJSUzI1NiIsImtpZCI6IlhpZC1yc2Etc2lnbiJ9.Zm9v.${RSA_TAIL}`,
      ],
      [41, 'rejectsMissingHeader', 'invalid', MALFORMED, `.Zm9v.${RSA_TAIL}`],
      [42, 'rejectsMissingHeaderAndSeparator', 'invalid', MALFORMED, `Zm9v.${RSA_TAIL}`],
      [43, 'rejectsMissingHeaderAndSignature', 'invalid', MALFORMED, '.Zm9v.'],
      [44, 'rejectsMissingHeaderSignatureAndSeparator', 'invalid', MALFORMED, 'Zm9v'],
      [45, 'rejectsEmptyString', 'invalid', MALFORMED, ''],
      ...padding(WYCHEPROOF_JWS_PADDING_A),
      ...padding(WYCHEPROOF_JWS_PADDING_B),
      ...padding([
        [
          46,
          'lengthOfSequenceUsesLongFormEncoding',
          'KudI1-Bo-NhWAmNYu-aEGQA3ciNp-gKgGJETRino-l25uRh9peU1GWjmFfnda0SSZK8msCFMQ-ibIZxkwC1CUjxBRNwG1LqVtBa2mHtedT3lxKaS0nAQAzhsg0XWAEUjgnH1qtsYXknGzh-Vi_uVsu2yfPy6YhH9_8Ian984VRMzitHDzeNVcm1jc4vcB6iFicSl4cXWSijLxJSlVkDqMi8Neb3Zw-NQI3mQIt_3Eq51MncS-1vLBr0_qdAFREXVduyb-gRzgGSrE2pMxEO4Bbp5fvYnjaKsSdtNVvzayKwBDO418mfGzRbQyzpR2EeAFGIAkVRb_Mfh7Uil8nhBeg',
        ],
        [
          47,
          'lengthOfSequenceContainsALeading0',
          'X8GIjUhtXgLeqJWHkaPaofWGF3PEJx0NpL8aj6sMI7d_gJyhERVrTvZQDEStdB6u3KLWPFc546RqawGYVaFEi_DmlIDfULOOx0bIxp1SDkDLHCaGXKq4pFd_vKngHu-Q2hr4A8WxdO-zaU99MSvlGrfUD5tdSpSV1yfdxSz0NRX0e60jA4Jx9iUbbC5i9iKj9DrxEmXm_EOygBiOlAH4_DfryfggoIFt3sp0LGcEEHsDc_oeFChLatwHhoSFqhK-ak-GF4Zsz8VW0K14gCufcNyWM4W-Qnv9UvHZaq39LE5akGUc7DxTFcnriw0gs1CtLl-u4-8vma6bBkHTanQ92Q',
        ],
        [
          50,
          'uint32OverflowInLengthOfSequence',
          'Vf-IHTRVGWNW2tlzp2LQWJjc2-7uhs40dRxRbF2mslzO3YFZ0IVUfCqVbIiD__08TLwLiVV0q1bIkdRyr5UcmEsZJlvHInz2zFLSgT7PSjmGbmSCNQdYo-Uc-Ei5qPMrbJ46885rzjyH549WHq4P5tC11cUGneVAKrFEEVv4uWnZSb4v4w-1TjsRE6_a4KpMCbJuRmtIP727d8uAiX3MLEhAbzzXWXJd7yK_gH5NZDz0-TzCZ11usL1RixS4lmOD1uvNqbbKyFCUTSn0ImCZHv5t2IZ0_PjzznO1_h87spXZpZSnPVG1nsKJo-OL-je-yLIz3Hirn6gSdLsnM2P2ZQ',
        ],
        [
          57,
          'incorrectLengthOfSequence',
          'I0slX9oi9CiihNJsaYV7aryZDf4TzqhKMECNJg8MxMnFPlRQIf41uX6zQW9QkhUp5ae0-P1XRdrf1uFZRyw8nSOXFTdAJ_ubioiIGIHiTi6ELTqtixo4T6vJ_GnL_0GllnNEhMBTWD89DTkZb-Jy-S7S5kCUrpg0ThcCg8EULiFeFa0RNvRGHuePonIRm1jyK-uHeQe2S-hjUx9Uh6CQEQjXDZxRyf17qpr2hXyhUXvIYRphWUTdqZdDroWUDkE2UV2MgB8JVggaUMFA0Y1Lk7Wlub86w-ES7SiEdJwHihmsv8XiW1xBR5kmXYSwAeUVhZlLuMMLVrg6IfkLW9GkEA',
        ],
        [
          59,
          'removingSequence',
          'F7S3oL6racMAA7D3H1UrEo1Ecr8YRxkUQs32K4IFWoAQPU8Tg0_6j23zOJncfho_BYfvC5UKejYFcYC6JIv3rPomgWuToiSvTpOk9HAuHmV5EMhsOZfLdsH0qVcuZSjLXR_w7m_Ljo8MQ9gwZerD3FBDxi6js7wuckcqEz_thjtatHia9bR4VvQ4SymBTnvW_ZudQwD_6afcqu72P223hJc7gTXPH9dgmm8E7Iz1R0_s5p54_3DWnbzw9DPB-zeRJI9M0oYpJl2BVawpYPTGYqez2HLKRCigbvzz-Q8SEKoheksRGue-ZSQsZlAWw0abqhqulnVZyMjuluD2AU4r9g',
        ],
        [
          60,
          'lonelySequenceTag',
          'JNsl1HzsyXvm-Ihw70ESCB3T8J_WtnUw_N4axx8f8QUZ-l_6G5MRzkY1696eKx0ClWnBZa0eIfGGsy9ArZGzmWCxXDrlUSnHuJ0SumPVSQmsdC3rC6znPoVLyAN1E57pz_UHSOK9atKqn7RgF5PqWAWta1bN8b8_v09sQXKx2f50ylLIWbNrB7mZBL_8YurpqCq2o4pjSTgrYw8H9FRJLulaTpiPKFmzn_li-_sxs_akRc-uwLtLlXnOUW7baf8no0Gf1hFnarN8CjnzSa2I00VUmSsMY0B5Sq-QXpvrIorKsWmA0BgERpmCiZdMrVBM_uKFy-UWnsRIZzOkdUZ5oQ',
        ],
        [
          61,
          "appending0'sToSequence",
          'CFfhT4N8_nZnxQSmAoxUZ8e82-yFklOoxXiZa0AYMQy6uetl9k_Wsy8t-k3K_kj35EahbptQ333B0IytIJrbMiY5S6C_KeS5ZoV6vpqpLX1jSw1m7bdPm2ioN4HEKsZOVGp3k0DZMc6NTXjW28dZhFJmeIgh1KTbbFCdu1Mh-6-6QAD_Hqy4k6sv1BmnL1cUJcTJ53wlTpAE-_jsFYi6TvpxQ6WeZoxb_Cs3f1SE0b7i07xFfx_cvhxUFs_zoWpRbdeU7dEQRdptjo66kIHYvAGgxJIA0taY1TT30da1hDuIFS9i3Ck1-e3fPY_Alp3IYERIZeHoG5LJ0V00q4oVWw',
        ],
        [
          67,
          'appendingGarbageToSequence',
          'g0Goh_8s8jz8rKG5i3uMNLLtrYG4YMbjyLQ-D8lwtLPlQ60_47-QcCiEO3-WTqqe99HfzRPuq3SI6kZiZMR2Yh3W07pKcI6ZYTdM2rEby-t_1vSBEafGKT7LbuJ9EdcIDWIe4ikleVsVYoBTGNDtPnIJAtCVMG2I82sIZaOmQBVmlmyz_CwAZyZ7ER4CyV0EsYom3jcUT716BQYPWHyvljAG211J0MgjyGONxiGijUCxJ3B09rPpg_alZ56VI3luJHsH89VfZc0ufX2mmr8muamI9WIa1OHJCP0XUPK1OtPDqkt1V2tY7vReaa2nYfT9oQ-MCIsOBCA8qDpicDU6fw',
        ],
        [
          68,
          'includingUndefinedTags',
          'ieakg3sLkQyCf6zxgUKhPFCgZbPNJul8AN9XO5Tuq94dGQfyfzbJgjpOjqV1HG-BiDVKebf6TZbeBCMr_2wzc57mgSCULpSj9USlGyKuOvuxtPTQivdvTlKMTujvbyLrKcZQ3VP3EzuJPGKowj6BwrXFSEyXnUm0fAVhVGTb0LfCS5QNuU0XAMKnwD5m6a-DSkpJuKsGJapCee7RFEQzQurIYqjlqGIAnEnNUWawHbFAowgwpNqTuCB96vBcD95iOLW6KUQ6P6V8srvfitzuGB9TWTPPwTc40492A8TiFFbhUaF3CLrCS-vcLrKMjjZ6B5-DwpmH5b4lht2b9ZfbJw',
        ],
        [
          83,
          'indefiniteLength',
          'epddWSGyxcrARlZDLKMsUzjz2MRGkOtKuwqvKeNayXMtOcofzDdvOo7NwnLM3lIx_7dmcgToYLB5AKguhT7ZrgNkk1bjMkfFuDw0AifbT5j6umUJQZEEdeezFQ1N9Z4G25vzros3HpG8u-9h2TzLj9a0Jco6qezS3a8z2AeGpHz80n9UoJ06XoN7n2dzK465oTDAEIVH4aIFfq4tfV8GgW4XSn_BpW2jp2xGcAmU_LO-mMj6hS01DNidg8Z6F3QM1YE9QowrUYv1IlqbWGW2IATF5PgXjjZtG8vaeVmKPrJgdZ3SmXlzqYVGn_-Tpw6nVwrHvdh6bBsoiYpc79cggQ',
        ],
        [
          97,
          'repeatingElementInSequence',
          'gBEDOs5VRD2pNskWJ5YlY5wWZTwJJZbtdkNzjpclIn5SmPdoNVL8L2THeJwhY4wxN45QB9f4Vhku1NhmIZnZNbu0g6phMkZisc_lYcrj3dztVoCPubr0YVVtL-WTQRrFJQmLgveZQEcs3DKYkkAjfeQAoI7thXHFGxKqnXmHkPXswBK6E2yJj9rXTG9vwZgBjcvjtvfFBXijbUQ8NtFLnPBHHaF2ZsAFyLetgLvXG_SBl3kiJsWV_PZSvj9dzNUZ6NpdOPYTu6xLdkQgrPoCt11HKr-dIwXle_vCiAR3pZpjsZunxE3C6msz27_CwhNnFJG3SFRbHdqWTG8KZh0QqQ',
        ],
        [
          253,
          'droppingValueOfOctetString',
          'EGbe3QFVb0WBAVEFWTvRqBUM33l_pEHRYcDtCALKqkkd9ykvbUMfsGNMmAreDwUG_wMJZHDDqL7cP3B0YMgsBzLqe2LkShmZE9kbM6Am2DKIL8it5tzkj2lDjOcUf_SrUK6OzYnmZ_xiHL9SH-F5o7DWf-Pq5QuGn-DvylI_bNu_96wUFtNhLUHCgmx2CuUlDkEyWcjQIAbNkIo-hCvMbGHrIhilZNuL7LF_rBp_ykXs3fA-Pc2yJfkiT0GQ-PsoipKRtXkshZ0YCfEAmSIJmQl1IW40zdwVHGWyFZA48o6eluBRPWg36IeGwvLdeg9POZBEaH9rzeYf9SlrqSwHkg',
        ],
        [
          255,
          'modifyingFirstByteOfOctetString',
          'BEWJf_MJ5K1NjFeDsrDOIvQAiDozS4NGzQkJ95LW3-_y6-fccJ73oOXiufAnd7Etxlpz9b4VqM1EkIW2YhomKv0Ws-szJKScCZry9UZ7TZNoLVNnPA4IyFAxfJqll6dbt1Ns1KCUoA1SKITvPXVanzuaQRVDyjfTL6xqhbPf5z8OLaH2rrcsLJ5EPwUxjH1JI5FjwoxpjtnZrot5_6M1DkcvIXh4yNeCuQsTutRy6qyYbeLZmAPhhr6lPIcvB-rdXt2ow7fl86iCIUAzIc4MzFTnDWug2A7PJuo1IToCV_HTIrBNVdFmgVuh2WH6axlvmn_SJEAVa5QubXD_rYUHvw',
        ],
        [
          257,
          'truncatedOctetString',
          'hmDbjsL1OqHI1EZM6-0psZI5VsrYONb0HU8G0xoRp_HmIHpNNhbOu_BwMmC-whnTVA4SpnLAh_wx9fJUGxe_zKG9eRBjat22QLCE2X_4iwoCLhhw1D1BCv4bZWeOcfsgOG6rTxajrDAWVqw6YC7bmp2zaLmIntQiHOktKk6cIzhCX9Wun9FfCMv1WFBj4K03T_wI5d60NBWpoYUTuURDpMuj6m_d_gpyi5g12leIkPydBScGzmjEbAX1l6hSQMEtWcpHqEHakd4iOWMHW_KZPWM_478gcb0v3XIxdNzAViYxGN5Zxk_pwHqht5GYFLaJmqD_cISfuNi0jXxIpIiJhw',
        ],
      ]),
    ],
  },
  {
    name: 'rs256',
    key: { kty: 'RSA', alg: 'RS256', n: N256, e: 'AQAB', kid: 'RS256_2048' },
    tests: [
      [
        259,
        'emptyPayload',
        'valid',
        'ok',
        `${RS256_HEAD}..OUCnIKayjkSDpunEbhafP20x0d06LUlX9wTDEcaXQbQA36A7dQX2A9girAFFax5ThM3sDu1nvgmiw2WoWhwOWnwUrB9HJmYVyzZXHkTXbBQZiv5FIJTjciJ76QJChR4K_hdeYuK8qczP9_2JmYVazeF-SAdR8Bpawf4Lv34az_aomN3nvn_aVb9CzZaA6ZIgf-VxtBGrKkRgd2EsKs2ixmJMFLPy5laN6KOsWBq9aGiJUnkwzdLbMc-3hqO8YbzVsusr5ZL5gXSWjSOew5NsgS7e-4F3QyTIOuYQSOoqz3lMz_88Dgo5oo5brI0E94GVb_KSbe97PZuxa9T1o1sEWw`,
      ],
      [
        260,
        'allZeroPayload',
        'valid',
        'ok',
        `${RS256_HEAD}.AAAAAAAAAAAAAAAAAAAAAAAAAAA.HJROgi3w88SyM5hqHRMgsLKPSKQVBmpJxKoMMv1-O0VZFaMNJ5sUPDPOH9NDjoUiK0QejotTwV-Rxd-fgE7zcAV-bqalieL9Ytw26cycLlg8XyaKg9_PbhPeam5k6NN0afJuQA1NOu7YqXguKqwHQQPq-m98X1Qmk1c7OykRdBvKPIBSN6SIHzBuUXmaWrBGz4eRW1hhgsDzEqopf8Yn0z2fcPSvhBHn4Ja2VeBkvFLoeyg714NoC7D6iYN0GIFVMuarEz0xWqJXJxA5GUvBpX7dBl6_GnJXFI-IAH7sHbLB4k72vDQhiyCbEWkKtnIoM00qE7EEFx6zv4ikQFHKJQ`,
      ],
      [
        261,
        'oneBytePayload',
        'valid',
        'ok',
        `${RS256_HEAD}.YQ.ohEFKUmxZpQ9SccOgVkk5v4i31IdciaOa0F0tKR8LvnVAE6Brj8Ml9XjZPC8rJBBBOCv2ge2xXRsMN2LuqJK60_EJCmNFzaBFbSM73VFDtFHvC6fyVfEczidN2SInX9meTVjaY1IQhzfe-62-U7L0uKPZoLdnDeHH9U003HbCHWic8w6_w6r7hXZnD5v09Wleah98bKL4g8msmylR9t5wgkWEH4bJKFA7B5es4hiMHx8ilbd4eJ83o-pPRVdJblCRQt3MNa-P3LmPuPrApalYz4Fv3SHgXTHoGC4JthZ3FxjCSxRADfQA51he7LTeUPtmNHozHhui5F4Opr9gXK2Ig`,
      ],
      [
        262,
        'normalPayload',
        'valid',
        'ok',
        `${RS256_HEAD}.VGVzdA.iYrSRSKuJ3UD3UnYswX6GSU9AjEEN0AB0ObJiiCY8A40tYGorEAycbg97V8_I8F_rouOdju2VMSisIzIUA4Grfc4xXcuc_AOrwrHAg-pOKU8v_I3b65RjJCAdodTs0OVYarKXcpwu9vFLsfCY23Pj-L621axMr5hwlIoDp_xJNdBAHFcym_4QU738h0bR8Gn9Ycb9SUggm7QILOvjrx7VxdUT3iV9DAO0R76mCaooX-Kdw1P5UUFGTcdzDRwU3Gl76EOCXqaTKRAFpOAmr9CNgmGHjiuZEgrwDdWRFoFS6fnOzHhCZdweqM1S75b_uJI2U1DQB_kNu1EnNE8Xzy6wA`,
      ],
    ],
  },
  {
    name: 'rs384',
    key: { kty: 'RSA', alg: 'RS384', n: N384, e: 'AQAB', kid: 'RS384_2048' },
    tests: [
      [
        264,
        'emptyPayload',
        'valid',
        'ok',
        `${RS384_HEAD}..rt0lnhnnFpKZ6Zt3drRAVctLkyFNLBsTRGBpr2ZYWiZ2VhNkCgd5ZIjkrNkTzyCVr3sQucE9jLxg_SbnlK4uUH0teJ-XyoxR1rcOubbrNV6nAfil38db-f3qEDAIJ0zTv_FVd14kpvh2oovJQNa-Nkau_Ba31Ud6a-2tK7PzBPK1aMB1fSv21cqMEZ8XhsB2xobDcQ5fYnoBbkSJWuKaoBLst2N6pfRlFiNfjinGf0ZoDzb07nSM-SefEzuWyyHj5-JncRz-oz3-pg_Vd51OeQdbRoFzmmSwmvVJ1j1edMdxBrFGyVTeVXHuXynH0vX7TsBtwl2cRDk3zQluHeZjuQ`,
      ],
      [
        266,
        'oneBytePayload',
        'valid',
        'ok',
        `${RS384_HEAD}.YQ.jV6FrunR_W9jxKvX88AlXnllW5SkXOeNLef4fpBU334XuyQun5_gcIlYdqBNHucS_wKf2RgDw5ytLTXrLWXpx6gWqa2rZynZKN9_fUBPVn-MpvkHQ7yQwx9L5OMtYDr_M_PRl8eXL92CDRxBjsMrsg_nyBbsjy3kG1J8C4zbx0QYwvK44bnr618qCX0KORAGkFVhIybCBzz851AIZZ_Q7NylPm0HArKqCFOqaS3Hlk9c5gLDjzofbqsLv9iigUexbJPJP_1OK5mymhCWGHu7s3UQDJmI60hqPsnRajE_BWUPQ_1jU1w_9EMgfeLgh_m-do8pEliUovIzg1OqD-wy3w`,
      ],
    ],
  },
  {
    name: 'rs512',
    key: { kty: 'RSA', alg: 'RS512', n: N512, e: 'AQAB', kid: 'RS512_2048' },
    tests: [
      [
        268,
        'emptyPayload',
        'valid',
        'ok',
        `${RS512_HEAD}..uBmOhR9H37yhb6KLOLuVxSD2oZgalv8VvXi1S0R7Np8SofVr11_iNZXRT-wTCl-ExEl6R3XgXjN1kTQdT7StkWWl5dlMsKS0_BARpYEB-qC8jRWXzEslUcMCnnJy-Ag-1BPLiQ9mBMHASqCY5X1X87K1JB-8d6cfft0Rr3g-vaEHAYzYPRVpo6DXl58M6rbp0OD3VxhYNUNXGpd5Rc_JDgzS4diERwJT8bhGPH0wqdEJnA0uSj_S8_k6x2p9q85d4N_ZAxIObi2zy1zYFogabef3yrDQfJCGQYWy2RxP5gxCOhsgzW9fvIgl0qlA6fQrIsIrmVHv9oliDteqluNsUA`,
      ],
      [
        270,
        'oneBytePayload',
        'valid',
        'ok',
        `${RS512_HEAD}.YQ.MDbZyEwP2z0kxl-lWWXPCypOolGqAhFfMl7VvBL1aFKJfzJKcfjqq-nmLDKr-JanzNYkuZfPmQzHUQgJT3bA8d--BFhRsMjSZDoyYyTAYHQDSwu9Ls92ThrcGIowVAnVlkaRfc7kqiEVB4XvuJL7Pz1nuOpQ9-QdcML1vnm4D1wqeuPNN6S95Y2mx1X2_knXBUj5C7SYjtnisEp_B5wASOy44bEhrqDQnEwrQZwqPvOGmzANdEg7Yx0tAVbW2esXfr_w8qEI1lGCgf4q6JE3v9UGVcxtWvON_F8fRl3LR9NC5A5k9pqbJ7tFSggOLCAkTn1qsC0WrtWJR3MTOKMHpA`,
      ],
    ],
  },
  {
    name: 'ps256',
    key: { kty: 'RSA', use: 'sig', alg: 'PS256', n: N256, e: 'AQAB', kid: 'PS256_2048' },
    tests: [
      [
        272,
        'emptyPayload',
        'valid',
        'ok',
        `${PS256_HEAD}..M3Onb4Q1H6ED63vxIHsQjcw9UWOZFElSXyQp6BRb0cWfcIzf3mnnTDaWzt7V2ln6eQuIz1dqpZ3Xaq1C82Ga7HaqHbNe__Xw6Qxm4PIkBhsNz4WgjA8M4Eq8xMQR-3PgCQEohFc55eUrR289Sz-CHWOQnlSNz_nPWHyyO2T-yai9DU7Rq1_g5y6rH_wVRuA4fLEf_VnfGNAankkXTAHEFma4LpDQhUE2WVCe1uVgxJKjiGA_cXCTx2i9Ux1vPPuUxkpDgbLrQ-cayd8ofKtVQa4bW45myhSiNZ6M9HD0j5g2s7dLUy-JcypKsObMIPzOV50ycGd1CiCkyeHESbMq6A`,
      ],
      [
        274,
        'oneBytePayload',
        'valid',
        'ok',
        `${PS256_HEAD}.YQ.ZgVavy_Pn25fIkdd8Nixh6YFJtTYk_THG0IKM7xUwLqiME80Z-f9pgdSf6-MKDV58Keo_oLYii9gXgSCcx-IUA1ezDFdaU3e90n1h9v5HCCwz3t_LnVRCCa4PkXArQTOCDD7gmDFhfzXOXWJOUPCCAj6lTdMn9UvPhCh3OB_ExMbW72-toklAYiDknpQTG_1-k7R3x91N5ToD6bGRonBB6Y3z-kZCgyQ3ORHBiWI1VYHxqKscorI-uI-wouKa-crqkvOoCTuAjvpu7Z8ZAgMPlLW5KRc8KC8VKcUW--7VJCUezGxLQSj011ith3wIuW1eE64xW9yq7kyB4XAiFiA7A`,
      ],
      [
        287,
        'saltIsAll0',
        'valid',
        'ok',
        `${PS256_HEAD}.${DIGITS}.dUcf9WkbpF69lhxu33p6pwelP-Cczi4sGO9r5sUgozEMT-_WJY5F5MFDMgwoUVf-se16NdYugg4pZP6YTtc-GQOWe_owLcOitHV-c2EpU1D7p2TaQA9Wj6yRy9m0Tvcd8wx2I2b--9LE09_1mfaoE-WVcfdeHIEfkXGMFgeSh_jC2mRNbveIiN5RGEsEjTZ4PLrQHV6A6b_FA9-KX1cC-cOyRezpCAVrvlUjLMKfzVcwNy0CB2LZmVIXUKX-UjY3Lq3zpibRaCh5sbFZbltSjwBdwnp_BKgzj_QPbOtqKxakJjBu7PCihlOkZID2e0nJfjUwcFQ3uc_k0OVdYE1Adg`,
      ],
      [
        288,
        'saltIsAll1',
        'valid',
        'ok',
        `${PS256_HEAD}.${DIGITS}.F6MDN2SsdHVg0mRakCsbQClDeJvHuKHXhO83jnXuMvpkAiutE2PKtyi_gwJjhE71SHfA_jsD0migXoLXLFgPkX-OGlgwt911VR6MiorJuvvSNyjOQj2nBuFOKWcvCTeBsRy--UOgmV-V6joI4Poe2WN7xKp5JfYMYsGNkGZESZD2__yg0QrIv7aQ-StA7FmesY2-unk9EwZnW6xHb5XLP89HLbzPRNSRCzhWM_THfFF1I1cFKJCHcKGtCwTJ8lASJxbzSQNBeroHsZTN9zu_Heg577po74AMvboi5qcH-W2lQlDxSbk40daN3ekv2n2oDJ6Ks8Z7fJjfPHmyDYEeBA`,
      ],
      ...pss([
        [
          276,
          'MhashModified',
          'eYXIYOIgDt-DGHF8NiIrLu-Mw5NS2AqRAKBMQcacAtda0k4atGhtiSPpx7t6Q1q0H6FUDuZSkyisYdUWfTfgKa9rbSZA7s-atu2BQs8jIYJkZm5r4cjG-PC9IxlG0MgjuDB7cgfUFN9EULK3WEMxFDvpRflNNtqXv6KljFqhCRm9QqQV6kwulPn3N5rp2WAdkBd1LkRPyvL8FxxZAKNe-0wV2cnnqnoddtdYJfDWk1v-YQYd7XRezh8VpUkf-XMxJFzILrMSNz55IMvy0peD9Aal5NrXjQDr26ZpHA00UGYshS7tmd5h4H13IxbVmVSlrqAyX1EDn0XxxW3KgTlH3Q',
        ],
        [
          280,
          'lastByteOfMhashModified',
          'J_Nb1WPeWQNhaRLq2QakvbO9nfpTr5aFavx4ABfLQdq_VxkFIheiZKoadhDHmUKewSYQnga6tWTbzfmXUIxtZ9sHAis80qRe9bkh4OTimQvEUBI-juC8WDD6aYyjqQJ4TyG76VzWm2RY6Bz7Pm2VPE2L1ZhloVTdtXNbHre639iPzraLKkZu7T0BZK0u4Gy6jYthu3kd5JO7Ur9bHlLTnD2eTxI-qhuWmbFhJ9b5bSbRx9mwnlm4CRkCogbNMMinNHbkNid3UROHNj9yiYSAcm8-XIplzaSKOXJR37fvnAEJ9Rldtt0Xf96rBEnyHg-NlnJSj3T3FgYEgXmq-OzFLw',
        ],
        [
          281,
          'SaltLenChanged',
          'WBT0rwGn8qkOaoRZX32NCBC5pUzevzuX8qSTF2Eqvst7zKwxO1gN_HGbS13EbOk5ZU841G-ihVvE5ksWcVmVsTGZYELVw1j0XAIHlotUukQROn2ycW5AvFBBO5VYSlhYp0SJoepDJSQqx8F7UZKGaOACmUml7BCLAN9koWO1ck7LtYHepTO1i_nLlNt27zIIs7blHcPmfCHD_5IPBH1dFErBbeVSAD9gJqZf4nn59tZHpZ_rpXMHV2-jV0daijCynBOsdWLftF5ieY6cLW41dd2jmHE9upLxP8KYy-aX7juQ3cfE8Y5hcdqCmKXBHfoeRhDS4i02zvAUnoyLXUaDOg',
        ],
        [
          289,
          'ZeroPaddingModified',
          'O_QqCckr-Np9pbCmSEwhh_JA2MOWDBryQimk9kN49np5dpW09jhry8YWx8T67ui8A241JBYH42f-6-S9CN-8FpTQ6PBHxF1r7myPVy18wtOc74RKwj22GnxzzqJkac3qwddUKbrv6qAmImhqyR9lAcio7RxDwqZyGcQPSiDJir4fLkQuJzUfEK9xrVksQqEmYFoBhPjKdeeTW3o9MzET8x59O1U38lf-RSgxIFvDWwtPOLz1EfDWjcI-j8LdzWV11nkF8_V7_hnA3yXzMG1AQflOaTQ4zpg_bvB6cuR0Fodox6ld_azwPBaV_rH7lbLDH8pJZRcqUlHPaQ9-5dMECA',
        ],
        [
          292,
          'ModifiedHash',
          'JjX0BYc86NQT4gNo88zDPHlmAUrh-BEv9Bg-tfe17xQfJmqa3csOL7r9UaXiUFOBe05YuvnNNPC1qQhJG1Ii4YoDGwu9TvMgHz5jVcxc-JLJewWiZUY40ZYTue0qS19SDGnFHY2Bftdrw_28emvQvj752ANo2I1B0i2ztR0fLKRLZGjpvJf3BV1ZHXYuNT4OfN-mTCVZcpCJUlBzX8dx9LDhvSmCDVkiW1P-TbTE8eGkKA5zv9bd0M8gU7rv0sNIW4Yiy3xw78ko6rfWpqsCmUTQZVRfKxnF8VtW9t83kG58avPFvNCWHRsqnXQGhAGPszs-Xs1jdNnJTMHVqnsy-A',
        ],
        [
          300,
          'PSModified',
          'ZPbd2Uw_LBJu7RYdCr42zysVeqXN2awPD2FyrsAw6FphBmfh6xfZLomzVfeLQhPALumFOK7j3TCAidHxp4HxxUJdlIH8SuMf-iMMU3-OoRFZKK4d-y_fNsVS2uJNw1x-nfrOVjw_1G86kaWHHwLF5BW3TZiitzA00oKpF31hls1hgGkK8bj_lxftZW2GEChLXRd3Rj015cFyrtL5VlL7YUxWhwhZqlWWlNLl0A_2GboJEfCSPusN87WsdsMqnh9_9jMA5sxY5-uMcha7I7BddpD2urbBQ-92UYZdfjGIG-NR61Yv7BAE-Pxgsi7VEDgrDx6roL0gyHplxCXUIcSEwQ',
        ],
        [
          306,
          'SaltModified',
          'O5EGneOY-pOaFGyrvmu7VqeUrWcTIoOe164nGMtX49IjdR65f9UgejVOIoxF8gpkYhCJhFX_TQeMvPnNbU0kTPVt_wsQEfgk2grH4qfs8ksxU14VW7FqFjTDw6ZGhKkxmksmPPmNCV-F7yfxV9DruTEo_2KqezuceY0qh2YIEhm-eAta7gWDNot4CB8ymqSeZmpZwNgXX5EmUXxTg5--7pz_s56wdWClFGuuWrTa5rzqQl86YSDuXD4nx_GxyjGxFiyrFq-LQVgT7kF3kRO6TiV0ViBWb3rkBO5i5J94i2eMHHipghuauBkUR3RNTqyMDE5jf-UQ13_bcrUXQOgBMg',
        ],
        [
          308,
          'MaskedDbChanged',
          'Y9wEj2x01dse4xfyrIaievMaX4NIOKso2eLMOafvfKJhn8EtGM0WzU1uD8CbFM3PNYateuh7bMLFx7aUtTeWKcSTMlMjQ1KBY8pDu1VwchjkV3qsnAUR6GArUGNVlywjdwPUW1JOs_vnZdbdlWao08GYfatmVXrehXU13tTmLbeocqoDdevseZdNI9O7A-xjo276Alv3zLL8WmsKbaRoDjkDWD5yCBAk5sEifcxaS17Fg7PvNd-aKVrfHrgQIx5VpzFU2GBeSlD9r2AcM5-m1NA_y9yOMhF8n8_dgsBbJxrLjzJIkpCFxfJjm9LbRb6FIndl1IbR7PK8iHC_7K3eyg',
        ],
        [
          309,
          'EmModified',
          'fLA5cLolsO7UqKKkKYJJC0CF9cEbUatXgBXthDMOXteKO0Au_7o91fYNQ0Pl62_rtWdKpfQLYSfsHH5AHfRjxf5btP3U3bnoV_smtF0kC3YDyoA0UenRYXPOTIOX66GnYjWryzx6gMPra53II8EvmqL28diNMrzj-F9zESJD8J04chpaWjR8U7itUvWCluEnpd5aeMcmOL6b5Nnw_4RIUzkL_oCqMpcEEfYTcCkIKm-Xc2vSzmJas5XQHHkuKF0i-cf5_Q7cWt_0T9TTyskVDRn1JcF3k8UYzETXbiRuFWIDxkEXf8xURr6g-6t7sjqKRgtWl0sTdVOWBIsyKQ-R9Q',
        ],
        [312, 'SignatureIs0', 'A'.repeat(342)],
        [313, 'SignatureIs1', `${'A'.repeat(341)}Q`],
        [314, 'SignatureIsNsub1', `${N256.slice(0, -1)}A`],
        [315, 'SignatureIsn', N256],
        [
          316,
          'SignatureIsnotReduced',
          'Q85VYt4LAcsBcXjZHXmZ3pTphem86W1jE3ztPlNZb-nphQ77wvg861MGbrlnc39c5IZppSY6GTFgD8mEsFrkmQwYBslhLkSH3ZAg3hK2NFF81VENI4-ctkNIPCdr2VfCMYcHxmf178EOIZi8EGH5Fv02kYZIKJXUvOouX05W2fSzgLFbuUtwkcQqI0k2taxZvH8vdj4h1JdRsI9mEuNkCTbrGdaW_FF-FVrqS5s1pj_ju9xNQpIxRcdDpulUetmpXccfGj-KAzoCqF2b-GsIn027aPOQ_spsDuuB8YjNaAjKLdyhYSl_jCWDJHRnh7yPJbO4mEPJhpfE5IgdRFtLuQA',
        ],
        [
          317,
          'prependingZerosToSignature',
          'AABvq5ZqRJkRucjDDjHZhpzsDDwerY5bE4mh9CrHO0yillfExoaunB3q5GVIGdXAQZcAA6RKsWWbymq2h3lUGzo63yEa3hlZ8kAqa4k96p2Lo-WqhoJ9fZmT7HR01i80TVYWT--894mgtAvHfCz1qAUwpXhGKXE5s3jn1uQWMc3lKfpC742Sg5D4KeK0QTcKmC5-prxDpzUqBe2tNgb0opDJcdNowmSLc-sWGuAVFPvHaMbv25KQTKH1pjBvppwuWtgXhwZD1iDe81o6u7n5GIV2OpHVRoyjqZCFKX_05tHau6RExXRgS7F3vfFeAUfm7nuhDUlH-_tKxmizEp_5qsbO',
        ],
        [
          318,
          'appendingZerosToSignature',
          'b6uWakSZEbnIww4x2Yac7Aw8Hq2OWxOJofQqxztMopZXxMaGrpwd6uRlSBnVwEGXAAOkSrFlm8pqtod5VBs6Ot8hGt4ZWfJAKmuJPeqdi6PlqoaCfX2Zk-x0dNYvNE1WFk_vvPeJoLQLx3ws9agFMKV4RilxObN459bkFjHN5Sn6Qu-NkoOQ-CnitEE3Cpgufqa8Q6c1KgXtrTYG9KKQyXHTaMJki3PrFhrgFRT7x2jG79uSkEyh9aYwb6acLlrYF4cGQ9Yg3vNaOru5-RiFdjqR1UaMo6mQhSl_9ObR2rukRMV0YEuxd73xXgFH5u57oQ1JR_v7SsZosxKf-arGzgAA',
        ],
        [
          319,
          'truncatedSignature',
          'b6uWakSZEbnIww4x2Yac7Aw8Hq2OWxOJofQqxztMopZXxMaGrpwd6uRlSBnVwEGXAAOkSrFlm8pqtod5VBs6Ot8hGt4ZWfJAKmuJPeqdi6PlqoaCfX2Zk-x0dNYvNE1WFk_vvPeJoLQLx3ws9agFMKV4RilxObN459bkFjHN5Sn6Qu-NkoOQ-CnitEE3Cpgufqa8Q6c1KgXtrTYG9KKQyXHTaMJki3PrFhrgFRT7x2jG79uSkEyh9aYwb6acLlrYF4cGQ9Yg3vNaOru5-RiFdjqR1UaMo6mQhSl_9ObR2rukRMV0YEuxd73xXgFH5u57oQ1JR_v7SsZosxKf-ao',
        ],
      ]),
    ],
  },
  {
    name: 'ps384',
    key: { kty: 'RSA', use: 'sig', alg: 'PS384', n: N384, e: 'AQAB', kid: 'PS384_2048' },
    tests: [
      [
        320,
        'emptyPayload',
        'valid',
        'ok',
        `${PS384_HEAD}..eyYgsZ46xa6QtuhY-au3lZtVoRBEL_4XqSaUGSo-REfePTPuxwfbSoR7QDOfISF4pV5qmot2T4IiJa3b8GITLZVnTjtUJ1GFR0a7Ea6KaEwgd2V-A9NK-uMQAuX0CzwGH2G-5XHxcPqjz7e_HDy_TJRP2ykMXnva3h5T7UpG1f5Ed6Bl-vrcbSTJ35dciU31fZTHui06DlduX-2Us4dQddSRmmSTXNpAvpKWb6jmT8HvQgCvRErhJvD2abaa106CIrLlMNRA2VIIlS5-Oltl_LyeKVx4PkKfiybbhMydImqosqA4QgTCcd-rrhSlJuJPRxHKRDvo47wyVGqns03ZzA`,
      ],
      [
        322,
        'oneBytePayload',
        'valid',
        'ok',
        `${PS384_HEAD}.YQ.PLKignEHQo1_X8bfR89WbrglbsL8i81EqTVAGvVSW-fyPCx9QIbQic6j1snPR5Bt98RgA4o09nCxuRiyin9O874MlGdG-tH3rgsoKrDYtV5ZzTOMeMiIhk4HiprpG9o7ONDxr73Bnn8-pMrVd14F_PthmKZjDrKzUXxnbS9tuQGXMYKNZRxPXkDQlvDx0HN86TizMg2SztVOz_Ag9DvkZ4D_iVzNhCI1S3YdKzlFf26QFg2JXmNDr8gAbjcIs3p_LSCzV3_YPl7N7Ts9LMsag-aoRveC1AdA9kJea8kWBUzYwD_yfczDguVJlpu0Fl_NwHoCPWIwNCh3sH0jOb3gnw`,
      ],
      [
        324,
        'modifiedSignature',
        'invalid',
        BAD,
        `${PS384_HEAD}.${DIGITS}.isMB7w0PdvFdDo-glRQu4Xw1-RsrfuOEPOyiTAekxbw2QTSc_nvwznafmbRdR6-LrlyxJnoix6i14yni1IaY8GGizrzLW4oTF1zvoSylIkL2tfNAJhgy4uSLSq1c9bjla8DycjEJIo1l2lqsvF_gkSUHBqYiyZMnzAz1uNQMFYUR-p2B0tK1J_Pg7Ep7ehBY7uCdJHj6qfxmG6Nr0CddaNWlafdCsvqVJL2sCfBvaHpu5yuM6LkD-cFJZUIOb_PLarpdD3N0FFBOcGqSe8Z8Jwm9N_df-ZLoEMGz3vPC0IxU8LBZPV74EiBH39ba88fQ5jCp1C9ijSo8ig4AGPbuwg`,
        'ModifiedSignature',
      ],
    ],
  },
  {
    name: 'ps512',
    key: { kty: 'RSA', use: 'sig', alg: 'PS512', n: N512, e: 'AQAB', kid: 'PS512_2048' },
    tests: [
      [
        325,
        'emptyPayload',
        'valid',
        'ok',
        `${PS512_HEAD}..DIxFlcd5z4X-Oazi-hsnVRa9ftpN2oktCwYsLjFbxyJUvipNZSEI1EDn210KM9WsmKrzujQOCrHVqv6onY10I1pBzjJg25AlNXf8u87iIRlo_V6Dw_eWclo8lE_VWYenLs9T-wQimxF7jhBR5yoF0B0HkaoLDrAzrtpzkwI40-3aBD9fkS9ibfWvYHAU5LF1yuRls78agx7E0Q998lbHGbKtpmKfmO1UQSvsUnLSIuuRVmJrWnKT1p9C6UIPv-CLDGRebWwOdc844TJ-csZEgbIQ-goZvvkWitsL7QjjQkmGJABwFqaj78ioSnrhZw0sXJR_uMicQAZ8_CaZO3ca0g`,
      ],
      [
        327,
        'oneBytePayload',
        'valid',
        'ok',
        `${PS512_HEAD}.YQ.KZnTF1_nEksXpz66NcZ1eQAAlg66H-5qtLHyArMJ0v9DcWItZoCTfLNUpwMV7ZmgaAJdS2vlZTpOcjhq8aEHl0OfmKNe8IrH9fysHgxDyOPuC397VEwbkpfp1TA7oKLsGlkO-hpy86LmFt3h5b3CdN3Vd8FWCbSaIcNaG9zwqeILKiBC49QneQbVw_CWWYNYM0pTGJMZgY6AyqoBAJTOObe78k2l58gNJcH1pnBoIFr1HA_JxYpWH9Pxb9NmmW-LiHTCbL06VBn5KYsMy_xofGhbuojVCyQ0KcGl5X1EPqfklsZbZ81G3Tgd9y3crkU2uSgaRh-4Db6M2Vbn2S7YWA`,
      ],
      [
        329,
        'FirstByteOfMhashModified',
        'invalid',
        BAD,
        `${PS512_HEAD}.${DIGITS}.rbZ6iQ8miKC9XsslWomXeEG_hh0MT_O3JfUOi5F_GB0hcb0lNnrZ-kVuzGroNBxfUuPBNqI0qITs5ZgXYRYHYiNNRL_Q8MCm5y14ZpudnbiGJ9aEAvZSXrwwMM8Ld3YUrO5Bz60BhF4CI_u81j4pFDLGN9qYdy1XvdW9hpAxjh0GFRNnxsOb1n-c75msrOya_WlOJg5oSlDh6KtiGIW5W6e80oI1GCDYk44-WFJ6-27wLuJClCRa21mJ8y8F8SoPL_nn2MoegHMhkLHgRzDa_S8xBuVGrgQ2_cjQE18ShWeJEY8bD7SEUF_qP5an-YTFqomPI536_VHKq0LIX9_Heg`,
        'ModifiedSignature',
      ],
      [
        330,
        'LastByteOfMhashModified',
        'invalid',
        BAD,
        `${PS512_HEAD}.${DIGITS}.SpHFnqek0zA72Y6CGxxjkBn9oPwy3smp-qLwzR8vZxCNClV2HKC2TX8Nek79tawG3p4k1yp3okF8LiW_a0I60MxWHd5IjIb_fzU1spop2C8DIuqNdlJaZXddYkSnn6_je71Dasih9bOMHnZQWcFn5IiaPyw-pz-oXejhjKo-swypGqMRu-uPvmTphE1J57aek-7iK_gLbbH0Lh4Hk9vNH-_zV7vQnmEkhLzKousEvXmSZEN-WmEwzDGGV-XuC8cUWzG1Tf8uOQufHJzhPEH3m2Ed2AzkfjOuXCSkwfA_JkuiMxTZjTUzmuVBb6K7D-Dxg3ang6Ah5Bb4cGY7lpkLsg`,
        'ModifiedSignature',
      ],
      [
        331,
        'UsingRS256',
        'invalid',
        BAD,
        `${PS512_HEAD}.${DIGITS}.nDvxwiTupdoHtkJ8ObX7O_39VwvsfraCy9yMIl48fPlqVbJNcGb4WiCzqTY7HJLCtw1HCkwfHFHEVeyxLlhNZlUJUVZjNrvxjP0yyqBkFo22hQnfAOb0jynFkB8XGKqeic8m1OLJ_YO8ldwX21UdgH1Z0b0fQlJdvJn41GdE_7BW0cGsI5qfmVH68-Tm3rCSLFGmUqr1MCowx_7SCVjjmNJlqnE9zRlY2gavOLty21ciRjl-wCCNu3TGfINW0SjD7O--xQdf1Nipnp6FODWPNr_s1KfzTL0tIvgJFPrxLXq7O0SqN6uiI3fesaiVav3HStKnJKkZqItIdEMFnuejng`,
        'WrongPrimitive',
      ],
      [
        332,
        'UsingRS256',
        'invalid',
        WRONG_ALG,
        `eyJhbGciOiJSUzI1NiIsImtpZCI6IlBTNTEyXzIwNDgifQ.${DIGITS}.CYgbattOgzMkux7NbnnaNkzOIRHSPpMcuu6rWERmg6sSJoTn2cImMd0B8jQMxqR3xp8aIKrZj0ajWxDqL7TC2mivfiLJocMyb0_LQGn1whXOxkO9OhJWvFjhdXb58oF4b1KjxCm89qwngsbe_EZBQn44JO2igqZv_cu1SdS7hEWzrCG43Zp_aqw4-vhKIFSt08YnGhfv0EJWLN7x5pzFg_oZwLT3aam0PaTaRGAsPs0-IlBFcFxbXoB979GvMSXYj7maBNY_L60B8a78MJp4uy7xXAEMEzVjpGZ8tg8c-MqdZ1W-DU6T8w_bQoCPlDLdmIgRxVqyx5mJbP9iC70sHg`,
        'WrongPrimitive',
      ],
      [
        333,
        'UsingRS384',
        'invalid',
        BAD,
        `${PS512_HEAD}.${DIGITS}.Th4kpS04ed--frQaD4fK_57mNjcq0JKsJVm7zV_gLB_4APPlZHLjSAOIo0SoVYAhUPDdNgqYD5AOXU8akae0rHrPRIeBx4MK2QiTHt06Pq6eRqg9enOnNwbj24Drm3fmwbAD1vQXDw84pFiwZsPOpYzmjgAOgmbDeyvxtZ3x6WKcv0KopzViy9rSSE5BM7OD32ioiZrwrbLNu5cdhSR5OE8NSV6RA6fKu1pJfvnAc_sgOKm-zU4ciYLf5GkaNT8cv1YC4eLvInufxgf6JweUF0L2reAmD-SQhKLpEahjFqt0VCN7MFBjWi4b--iUmpJLEclXWnxa6_DWr8TgJf4J1w`,
        'WrongPrimitive',
      ],
      [
        334,
        'UsingRS384',
        'invalid',
        WRONG_ALG,
        `eyJhbGciOiJSUzM4NCIsImtpZCI6IlBTNTEyXzIwNDgifQ.${DIGITS}.MiMy4bJuqxpreYL87NwnhV0U_-grZbsIbxmTsJKpaIFdn9eIh8u5qmb7ILaleHZre88TvBonuEKuQ35uUpKEK13oaSZ0c08WwZRFjjt--AkpNcsQpiAPLLm0Zz4TNWaFQIBr_821KZvfte5PV8pfX-Vxxmob13LKzeP5GTmCEMkSWBIMAh0pctEz0EBVtiQU3dhIujfNLrMq3owDm0t8JuRvsseD7N7PfKSqWaenLZ3tpcmdZn239v4XWs8rpOUIef3abnoCoaG52noFFZpMJNHUGcXklLKnO_7gJd7BtHdmxv7PwLNZrQ2FtjhQmxSosU1HUiDgoeohZnaiXC9SmQ`,
        'WrongPrimitive',
      ],
      [
        335,
        'UsingRS512',
        'invalid',
        BAD,
        `${PS512_HEAD}.${DIGITS}.C96gPMQf35aiUgQJ2P8IYzp_49tWR7s71lNUR0RigzW6S32P-g73d4ORmdYHZxWrQJwbLjPXVYyliqxTe-vSG2FDn6MoZHL6BnoJnutAf97cAB27IhwurieYLgISxjRhavd7g1oYzZmTUSDi8YYhOD_gRY7s9_S7MY9WwTdCF6JvW2vx5tQlswFC074HM5iYORrK6NvjKHPnWD3hP4XK0HYfqeZ1FvAAMrv0ewByPkPbt8GEZdLbcmKDV7QALjkxIlqhSMe84e4mVwPPYMXt2vS0hcmXpMSKTxFPh6LQ5GTP46873lrLGD4S1GEj-vS8RhiZdHmI_HaFCoGEV6jo8Q`,
        'WrongPrimitive',
      ],
      [
        336,
        'UsingRS512',
        'invalid',
        WRONG_ALG,
        `eyJhbGciOiJSUzUxMiIsImtpZCI6IlBTNTEyXzIwNDgifQ.${DIGITS}.PpweOn-F9eOrrDB_PCftWh_uY0cvuQk4RIow4AzAWoQ2QPG7Ac1T7KEvKS_qlKO9w9u-iq8Jzx6Ue7y480RSRGdcfQoOOawktBghdCnnR0mtwGiwQsUESIrX977IvRKyKorfxEiKuP6f-UwrBRSLpIvbEBYaG-27lqOjXNHNpwCB4W39U0kHZ1Wwpn31_kERsvQAnPKN8Tl6yCPM5Qi-ZN0EdzEQpv9__88tm2-PSXTcrf8hbLQVdxfCbMhMmGXMwrddcrTfHl10U51IJE7EfbrSHuDgruPFGE4BQpYOpShpQAyz0v82jHFriPgBOI4lH4rYQmVZQlVC6VHBmBATGg`,
        'WrongPrimitive',
      ],
      [
        337,
        'UsingPS256',
        'invalid',
        BAD,
        `${PS512_HEAD}.${DIGITS}.u7CVLPR-KVNIMXKoFjvJtsC-FrcIf363GRo2swZ7ahSpFRhyl54oUBiFXkh5vduw5iBDzXLhPUMptIIYzNDVqzg5MHt-nHtTry94a9knMGCI57VyGnwGAcwKE9GHxweEv8WYDH-H1CnBFFoFSiwKJoELjZfjJsonRTu_1JhMmHv2sBwZAdyrSGmgh9Ki6Xv7MxvaMaCuuBu4Ku7AKh7M4EVeS_ZX3x7XEM90amTl5RIG0M0QoE5rFQyAY-FiNLbmLlmbJ3ytPz_-O8_nJ47kYBhB-5F5Mpe738vNj0lA2WPjC5lHOcuvZdbivtYlwM9swD7AQZHIY9xzxqQE3xR6GQ`,
        'WrongPrimitive',
      ],
      [
        338,
        'UsingPS256',
        'invalid',
        WRONG_ALG,
        `eyJhbGciOiJQUzI1NiIsImtpZCI6IlBTNTEyXzIwNDgifQ.${DIGITS}.Yk1k6riF89zxONuvKXxQRim5ST7jwcy3HM-aHTK5oFl7cgJdBmneItg8Zj7tf_YV7GYdXCILryPFDQsvulEnritHx8bcRYxkMMb6rHnDJonQP5QWzi4MZIsp2gPb-B5fvUjATZhRq9VkBiLySlOg_ovuhegnmBGjARxq8oEt94-x_bX3anIzwUFyhpGJzx-9a_SIlNMbQjs2ITq4YWVbVjwT4FoVCpe6SSGBmiUi_LMx9k7jZw9KbvL2QfJLTzvRumWw97qLFa5JTdWcm1NleZAttBx5CB-7_ch1cFanr5o659FFijtNqiYAoQuNx5lR0FYEf6u8K_VHpjnj9UuNuw`,
        'WrongPrimitive',
      ],
      [
        339,
        'UsingPS384',
        'invalid',
        BAD,
        `${PS512_HEAD}.${DIGITS}.EPioyLAZwtfRLBaQXafvZHfzzx7x8gjr57nNnMNRYG5EqfYPawLQoT8bA4jJJGTXIuYyv7r68iVUSnWcWm0AprmVs8dNWtNBN2Z_-Gizawqf5kI0wcVlJVjccem0yyP3alqYUKQhuMsyCxfK2HKi564rTUt_LnCIVHkPlJ9_muoCeuWzeo7i_laIZh6TnnsV1Ijd8E2qP69NaYeZNYXmLVrGivzgXiCDhl4WXZY5nX0VNKE3ToQSIenpQ4hA55e8LtGsr_35utxxesv1bfI3xwcw6Ycr6fvPnWzGkSqwccDgH43VGg4uTad1bsAXcIvAIK0BfRbTZocEYLRyrRpp5Q`,
        'WrongPrimitive',
      ],
      [
        340,
        'UsingPS384',
        'invalid',
        WRONG_ALG,
        `eyJhbGciOiJQUzM4NCIsImtpZCI6IlBTNTEyXzIwNDgifQ.${DIGITS}.rOE2cjXHEG4KCKarTlkjQwMb1t2lI7PYdTtYewZsn-C_BE67D-ZVRzUoRt4sgArGFBvS1cxp56nqNW624rHtBDjRI-O58m0WmQN8NeHdd52M5Bf2LdV60DemdfClslo7A3b2SJk5y5Of7ANbM9nYIBuTS2AKC-zoY9cVVk02E_Ds-84svsiwXQ7dXORRzhnkJYLKaW-zhTxnfoQgNNO8tMIOMFjqltbXHw5jpkHji-8-RoZ3_g_xDiQMWBza62cakvgxZW6PiI38Bsx1OSJIg78efZ3_HECo0bMgihEEOvGpS9pPAABpmmhYYB1esY2KTGBDXX0NH7oZPKWBMerAww`,
        'WrongPrimitive',
      ],
      [341, 'algIsNone', 'invalid', WRONG_ALG, `eyJhbGciOiJub25lIn0.${DIGITS}.`, 'AlgIsNone'],
      [342, 'algIsNone', 'invalid', WRONG_ALG, `eyJhbGciOiJOT05FIn0.${DIGITS}.`, 'AlgIsNone'],
      [
        343,
        'algIsNone',
        'invalid',
        WRONG_ALG,
        `eyJhbGciOiJub25lIiwia2lkIjoibm9uZSJ9.${DIGITS}.`,
        'AlgIsNone',
      ],
      [
        344,
        'algIsNone',
        'invalid',
        WRONG_ALG,
        `eyJhbGciOiJub25lIiwia2lkIjoiUFM1MTJfMjA0OCJ9.${DIGITS}.`,
        'AlgIsNone',
      ],
    ],
  },
  {
    name: 'rfc7520',
    key: { ...BILBO_RSA, alg: 'RS256', use: 'sig' },
    tests: [[345, 'Figure13', 'valid', 'ok', FIGURE_13]],
  },
  {
    name: 'rfc7520',
    key: { ...BILBO_RSA, alg: 'PS256', use: 'sig' },
    tests: [[346, 'Figure20', 'valid', WRONG_ALG, FIGURE_20]],
  },
  {
    name: 'rfc7520',
    key: { ...BILBO_EC, alg: 'ES521', use: 'sig' },
    tests: [[347, 'Figure27', 'valid', 'config:contradiction', FIGURE_27]],
  },
  { name: 'rfc7520', key: FIGURE_5, tests: [[348, 'Figure35', 'valid', 'ok', FIGURE_35]] },
  {
    name: 'rfc7520WithKeyOps',
    key: { ...BILBO_RSA, alg: 'RS256', key_ops: ['verify'] },
    tests: [[349, 'Figure13', 'valid', 'ok', FIGURE_13]],
  },
  {
    name: 'rfc7520WithKeyOps',
    key: { ...BILBO_RSA, alg: 'PS256', key_ops: ['verify'] },
    tests: [[350, 'Figure20', 'valid', WRONG_ALG, FIGURE_20]],
  },
  {
    name: 'rfc7520WithKeyOps',
    key: { ...BILBO_EC, alg: 'ES521', key_ops: ['verify'] },
    tests: [[351, 'Figure27', 'valid', 'config:contradiction', FIGURE_27]],
  },
  { name: 'rfc7520', key: FIGURE_5, tests: [[352, 'Figure35', 'valid', 'ok', FIGURE_35]] },
  {
    name: 'rsa_encryption',
    key: { ...RSA_KEY, use: 'enc' },
    tests: [[353, 'rejectWrongUse', 'invalid', 'config:contradiction', `${RSA_HEAD}.Zm9v.${RSA_TAIL}`]],
  },
  {
    name: 'ec_key_for_encryption',
    key: { ...EC_KEY, use: 'enc' },
    tests: [[354, 'rejectWrongUse', 'invalid', 'config:contradiction', `${EC_HEAD}.Zm9v.${EC_TAIL}`]],
  },
  {
    name: 'rsa_encryption',
    key: { ...RSA_KEY, key_ops: ['encrypt'] },
    tests: [[355, 'rejectWrongKeyOps', 'invalid', 'config:contradiction', `${RSA_HEAD}.Zm9v.${RSA_TAIL}`]],
  },
  {
    name: 'ec_key_for_encryption',
    key: { ...EC_KEY, key_ops: ['encrypt'] },
    tests: [[356, 'rejectWrongKeyOps', 'invalid', 'config:contradiction', `${EC_HEAD}.Zm9v.${EC_TAIL}`]],
  },
  {
    name: 'base64',
    key: { kty: 'oct', kid: 'hs256-key', use: 'sig', alg: 'HS256', k: 'A'.repeat(43) },
    tests: [
      [357, 'ValidMac', 'valid', 'ok', `${B64_HEAD}.VGVzdA.${B64_TAIL}`],
      [
        358,
        'ValidEdgeCaseMac',
        'valid',
        'ok',
        `${B64_HEAD}.VDIxMzI1NjY4.AAAAtBuQqoI9HuBeAsgjL4nx8sCGYJa5-G2OrureLO4`,
      ],
      [
        359,
        'ValidEdgeCaseMac',
        'valid',
        'ok',
        `${B64_HEAD}.VDgxMjM0MTM.____ETVRY0lRV9XgQeYX6ixdGT0NLHYb-wZem_ifJ5k`,
      ],
      [360, 'rejectsSpacesInMac', 'invalid', MALFORMED, `${B64_HEAD}.VGVzdA.    ${B64_TAIL}`],
      [361, 'rejectsInvalidCharacterInsertedInMac', 'invalid', MALFORMED, `${B64_HEAD}.VGVzdA.?${B64_TAIL}`],
      [362, 'rejectsInvalidCharacterInsertedInMac', 'invalid', MALFORMED, `${B64_HEAD}.VGVzdA.${B64_TAIL}?`],
      [
        363,
        'rejects0ReplacedbyInvalidCharacter',
        'invalid',
        MALFORMED,
        `${B64_HEAD}.VDIxMzI1NjY4.?AAAtBuQqoI9HuBeAsgjL4nx8sCGYJa5-G2OrureLO4`,
      ],
      [
        364,
        'rejectsInvalidCharacters',
        'invalid',
        MALFORMED,
        `${B64_HEAD}.VDgxMjM0MTM.????ETVRY0lRV9XgQeYX6ixdGT0NLHYb-wZem_ifJ5k`,
      ],
      [
        365,
        'spacesInHeader',
        'invalid',
        MALFORMED,
        `${B64_HEAD}    .VGVzdA.DR-cdw2cCB53b3mpzMfk2gKTeyN0PhXBrTW1atMfSdM`,
      ],
      [
        366,
        'invalidCharactersInHeader',
        'invalid',
        MALFORMED,
        `${B64_HEAD}####.VGVzdA.23srvDiEYo7665_26qKv4D-0E2a149WRWH_av2ki2I4`,
      ],
      [367, 'invalidBase64Padding', 'invalid', 'ok', `${B64_HEAD}.VGVzdA.${B64_TAIL}`],
      [
        368,
        'spacesInPayload',
        'invalid',
        MALFORMED,
        `${B64_HEAD}.    VGVzdA.AbPJgmXfihyNBUYpbdPK8qRpPjNuTE-Z_wYQyrU2lMQ`,
      ],
      [
        369,
        'invalidCharactersInPayload',
        'invalid',
        MALFORMED,
        `${B64_HEAD}.####VGVzdA.Ixs2CdBkk8qjqe2-hq2dobqVvv9iDcDS6gPNgoXJyFY`,
      ],
      [370, 'invalidBase64PaddingInPayload', 'invalid', 'ok', `${B64_HEAD}.VGVzdA.${B64_TAIL}`],
      [
        371,
        'InvalidCharacterInPayload',
        'invalid',
        MALFORMED,
        `${B64_HEAD}.?VGVzdA.q0zEA3Js33N6HcOFfBK875qJ_nFwSzI9SN9qJnx5sOc`,
      ],
      [
        372,
        'InvalidCharacterInsertedInHeader',
        'valid',
        MALFORMED,
        `eyJraWQiOiJoczI1Ni1rZXkiLCJhbGciOiJIUzI1NiJ?9.VGVzdA.${B64_TAIL}`,
      ],
      [373, 'InvalidCharacterInsertedInPayload', 'valid', MALFORMED, `${B64_HEAD}.VGVzdA?.${B64_TAIL}`],
      [
        374,
        'ModifiedUnusedBitsInPayload',
        'invalid',
        MALFORMED,
        `${B64_HEAD}.AB.8sL_ycV8G_D-K_2A3I0EW3NoPMeQzv13cAzuHlQ5TAE`,
      ],
      [
        375,
        'MacOfIncorrectlyEncodedMessage',
        'invalid',
        MALFORMED,
        `${B64_HEAD}.AB.9phoKDvkBMAqTgeVIYeqAi6-lvC0pbKg9ER--3T97w0`,
      ],
      [
        376,
        'ValidSpacesInJsonHeader',
        'valid',
        'ok',
        'eyAia2lkIiA6ICJoczI1Ni1rZXkiLCAiYWxnIiA6ICJIUzI1NiIgfQ.VGVzdA.3nl1C7dKVGLfNyALp4ZKkmNFBJlFP8M9VGzCyil9S1c',
      ],
      [
        377,
        'ValidWhiteSpaceInJsonHeader',
        'valid',
        'ok',
        'eyJraWQiOiJoczI1Ni1rZXkiLAoJImFsZyI6IkhTMjU2In0.VGVzdA.Yxn8cTl7IHpFIoEPOFrWmjm-GQlr_RMqHNJOp1ZuweY',
      ],
    ],
  },
  {
    name: 'SpecialCaseEs256',
    key: { ...EC_KEY, alg: 'ES256', use: 'sig' },
    tests: [
      [
        378,
        'valid',
        'valid',
        'ok',
        `${EC_HEAD}.Zm9v.5cA0OHyMP7ezamUd5c9kV-FrGxdx4hbGXOdplQkutrppUShFwBW_Qj7IqhFOtNrIXLLKXS5CSZmERxmnjeyoiQ`,
      ],
      [
        379,
        'SignatureTooLong',
        'invalid',
        BAD,
        `${EC_HEAD}.Zm9v.AOXANDh8jD-3s2plHeXPZFfhaxsXceIWxlznaZUJLra6AJau17k_6kC-wTdV7rFLJTdgNDBQeNVU629ysRtudnzI`,
      ],
      [
        380,
        'TrailingZeros',
        'invalid',
        BAD,
        `${EC_HEAD}.Zm9v.5cA0OHyMP7ezamUd5c9kV-FrGxdx4hbGXOdplQkutroAlq7XuT_qQL7BN1XusUslN2A0MFB41VTrb3KxG252fMgA`,
      ],
      [
        381,
        'RisTooBig',
        'invalid',
        BAD,
        `${EC_HEAD}.Zm9v.AeXANDd8jD-4s2plHeXPZFeeUhXFGPm1S1ChNFgFkdwLAJau17k_6kC-wTdV7rFLJTdgNDBQeNVU629ysRtudnzI`,
      ],
      [
        382,
        'SisTooBig',
        'invalid',
        BAD,
        `${EC_HEAD}.Zm9v.AOXANDh8jD-3s2plHeXPZFfhaxsXceIWxlznaZUJLra6AZau17g_6kC_wTdV7rFLJTcdGyr-H-zzcGMse95q2aIZ`,
      ],
      [
        383,
        'IntegerOverflow',
        'invalid',
        BAD,
        `${EC_HEAD}.Zm9v.AeXANDh8jD-3s2plHeXPZFfhaxsXceIWxlznaZUJLra6AJau17k_6kC-wTdV7rFLJTdgNDBQeNVU629ysRtudnzI`,
      ],
      [
        384,
        'IntegerOverflow',
        'invalid',
        BAD,
        `${EC_HEAD}.Zm9v.AOXANDh8jD-3s2plHeXPZFfhaxsXceIWxlznaZUJLra6AZau17k_6kC-wTdV7rFLJTdgNDBQeNVU629ysRtudnzI`,
      ],
      [386, 'rIsZero_sIsZero', 'invalid', BAD, edge(ZERO, ZERO)],
      [387, 'rIsZero_sIsOne', 'invalid', BAD, edge(ZERO, ONE)],
      [388, 'rIsZero_sIsNminus1', 'invalid', BAD, edge(ZERO, N_LESS_1)],
      [389, 'rIsZero_sIsN', 'invalid', BAD, edge(ZERO, N)],
      [390, 'rIsOne_sIsZero', 'invalid', BAD, edge(ONE, ZERO)],
      [391, 'rIsOne_sIsOne', 'invalid', BAD, edge(ONE, ONE)],
      [392, 'rIsOne_sIsNminus1', 'invalid', BAD, edge(ONE, N_LESS_1)],
      [393, 'rIsOne_sIsN', 'invalid', BAD, edge(ONE, N)],
      [394, 'rIsNminus1_sIsZero', 'invalid', BAD, edge(N_LESS_1, ZERO)],
      [395, 'rIsNminus1_sIsOne', 'invalid', BAD, edge(N_LESS_1, ONE)],
      [396, 'rIsNminus1_sIsNminus1', 'invalid', BAD, edge(N_LESS_1, N_LESS_1)],
      [397, 'rIsNminus1_sIsN', 'invalid', BAD, edge(N_LESS_1, N)],
      [398, 'rIsN_sIsZero', 'invalid', BAD, edge(N, ZERO)],
      [399, 'rIsN_sIsOne', 'invalid', BAD, edge(N, ONE)],
      [400, 'rIsN_sIsNminus1', 'invalid', BAD, edge(N, N_LESS_1)],
      [401, 'rIsN_sIsN', 'invalid', BAD, edge(N, N)],
    ],
  },
]

/** Signatures of RS256 over "foo" whose padding is modified. */
function padding(rows: readonly (readonly [tcId: number, comment: string, tail: string])[]): JwsVector[] {
  return rows.map(([tcId, comment, tail]) => [
    tcId,
    comment,
    'invalid',
    BAD,
    `${RSA_HEAD}.Zm9v.${tail}`,
    'ModifiedPadding',
  ])
}

/** Signatures of PS256 over "123400" that are modified. */
export function pss(rows: readonly (readonly [tcId: number, comment: string, tail: string])[]): JwsVector[] {
  return rows.map(([tcId, comment, tail]) => [
    tcId,
    comment,
    'invalid',
    BAD,
    `${PS256_HEAD}.${DIGITS}.${tail}`,
    'ModifiedSignature',
  ])
}
