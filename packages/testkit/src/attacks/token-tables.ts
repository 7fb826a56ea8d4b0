/*
 * What attackers write into tokens, as data: the tests of core and `tokenAttacks` build tokens of it.
 */

/** Names of algorithms that one comparison refuses and another one takes. */
export const ALGORITHM_SPELLINGS: readonly string[] = [
  'None',
  'NONE',
  'nOnE',
  'noNE',
  ' none',
  'none ',
  'none\0',
  'n\u043ene',
  '\uff4e\uff4f\uff4e\uff45',
  'hs256',
  'Hs256',
  'HS256\n',
  'HS\u0662\u0665\u0666',
  'HS256,none',
  '\u212aS256',
]

/** Headers, besides `alg`, that mark what nobody understands as critical. */
export const CRITICAL_HEADERS: readonly (readonly [name: string, header: object])[] = [
  ['an unknown one', { crit: ['x'], x: true }],
  ['an unknown one that is absent', { crit: ['x'] }],
  ['a registered member', { crit: ['alg'] }],
  ['exp in the header', { crit: ['exp'], exp: 1 }],
  ['an empty list', { crit: [] }],
  ['a text', { crit: 'b64' }],
  ['null', { crit: null }],
  ['false', { crit: false }],
  ['b64 without crit', { b64: false }],
  ['b64 that is true', { crit: ['b64'], b64: true }],
]

/** What stands before the honest claims, after the brace: the same name once more. */
export const DOUBLED_CLAIMS: readonly (readonly [name: string, json: string])[] = [
  ['another subject in front', '"sub":"root",'],
  ['the same subject', '"sub":"alice",'],
  ['an escaped name', '"\\u0073ub":"root",'],
  ['a name in another escape', '"s\\u0075b":"root",'],
  ['an expiry', '"exp":99999999999,'],
  ['an audience', '"aud":["x"],'],
  ['a claim nobody reads', '"x":1,"x":2,'],
  ['inside an object', '"x":{"roles":[],"roles":["admin"]},'],
  ['inside a list', '"x":[{"a":1,"a":1}],'],
  ['the prototype', '"__proto__":{"roles":["admin"]},'],
  ['the prototype, escaped', '"\\u005f_proto__":{"roles":["admin"]},'],
]

/** Headers that say something twice. */
export function doubledHeaders(alg: string): readonly (readonly [name: string, json: string])[] {
  return [
    ['another algorithm in front', `{"alg":"none","alg":"${alg}"}`],
    ['another algorithm behind', `{"alg":"${alg}","alg":"none"}`],
    ['another type', `{"alg":"${alg}","typ":"JWT","typ":"dpop+jwt"}`],
    ['an escaped crit', `{"alg":"${alg}","crit":["x"],"\\u0063rit":[]}`],
  ]
}

/** Headers, besides `alg`, of a token that brings its own key, or says where it is (CVE-2018-0114). */
export function embeddedKeys(jwk: object, kid: string): readonly (readonly [name: string, header: object])[] {
  return [
    ['jwk', { jwk }],
    ['jwk with the name of the real key', { jwk: { ...jwk, kid }, kid }],
    ['jku', { jku: 'https://evil.example/keys.json' }],
    [
      'jku of the issuer, with a redirect',
      { jku: 'https://id.example.com/redirect?to=https://evil.example/keys.json' },
    ],
    ['x5u', { x5u: 'https://evil.example/cert.pem' }],
    ['x5c', { x5c: ['MIIB'] }],
    ['an empty x5c', { x5c: [] }],
  ]
}

/** Names of keys that are paths, queries, commands and members of a prototype; `k1` is a real one. */
export const KEY_NAMES: readonly string[] = [
  '../../../../dev/null',
  '/proc/sys/kernel/randomize_va_space',
  "k1' UNION SELECT 'x",
  'k1; ls',
  'k1\0',
  ' k1',
  'K1',
  '',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'https://evil.example/k1',
  'k'.repeat(4000),
]

/** Audiences that are not this one; `undefined` for none. */
export function otherAudiences(audience: string): readonly (readonly [name: string, aud: unknown])[] {
  return [
    ['the other service', 'https://notes.example.com'],
    ['no service', undefined],
    ['no service in a list', []],
    ['a service that begins alike', `${audience}.evil.example`],
    ['a service that this one begins', audience.slice(0, -4)],
    ['this one among others in one text', `https://notes.example.com ${audience}`],
    ['this one among others with commas', `https://notes.example.com,${audience}`],
    ['this one in another case', audience.toUpperCase()],
    ['this one with a slash', `${audience}/`],
    ['this one as a name', { [audience]: true }],
    ['a wildcard', '*'],
    ['a wildcard in a list', ['*']],
    ['null', null],
    ['true', true],
  ]
}

/** Issuers that are not this one; `undefined` for none. */
export function otherIssuers(issuer: string): readonly (readonly [name: string, iss: unknown])[] {
  return [
    ['the other issuer', 'https://evil.example'],
    ['no issuer', undefined],
    ['an issuer that begins alike', `${issuer}.evil.example`],
    ['an issuer that this one begins', issuer.slice(0, -1)],
    ['this one in another case', issuer.toUpperCase()],
    ['this one with a slash', `${issuer}/`],
    ['this one in a list', [issuer]],
    ['this one among others in one text', `https://evil.example ${issuer}`],
    ['nothing', ''],
    ['null', null],
  ]
}

/** Times that a token is not good at; `now` is in seconds. */
export function otherTimes(now: number): readonly (readonly [name: string, times: object])[] {
  return [
    ['an end an hour ago', { iat: now - 7200, exp: now - 3600 }],
    ['an end long ago', { iat: 0, exp: 1 }],
    ['a beginning in an hour', { nbf: now + 3600, exp: now + 7200 }],
  ]
}

/** Ends of a token that no comparison reaches, as they stand before the other claims; `now` is in seconds. */
export function endlessTimes(now: number): readonly (readonly [name: string, json: string])[] {
  return [
    ['none at all', ''],
    ['null', '"exp":null,'],
    ['a text', `"exp":"${now + 300}",`],
    ['a text that sorts behind', '"exp":"never",'],
    ['infinity', '"exp":1e999,'],
    ['a list', `"exp":[${now + 300}],`],
    ['an object', `"exp":{"valueOf":${now + 300}},`],
    ['true', '"exp":true,'],
    ['minus infinity as a start', `"exp":${now + 300},"nbf":-1e999,`],
  ]
}
