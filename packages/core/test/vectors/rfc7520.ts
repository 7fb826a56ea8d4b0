/**
 * RFC 7520 §4 and RFC 7797 §4, data alone (https://github.com/ietf-jose/cookbook; RFC code components: Simplified
 * BSD, https://trustee.ietf.org/license-info). The keys, and the figures 13, 20, 27 and 35, are among the vectors
 * of Wycheproof too, and stand there.
 */
import { FIGURE_13, FIGURE_20, FIGURE_27, FIGURE_35, HOBBIT } from './wycheproof-jws.ts'

/** The text of figure 7. */
export const HOBBIT_TEXT =
  "It’s a dangerous business, Frodo, going out your door. You step onto the road, and if you don't keep your feet, there’s no knowing where you might be swept off to."

const FIGURE_5_KID = '018c0ae5-4d9b-471b-bfd6-eef314bc7037'
const BILBO_KID = 'bilbo.baggins@hobbiton.example'

/** The JSON serializations of a compact one: flattened, and general (§4.1 to §4.4). */
export function jsonOf(compact: string): readonly [flat: string, general: string] {
  const [head = '', payload = '', signature = ''] = compact.split('.')
  return [
    JSON.stringify({ payload, protected: head, signature }),
    JSON.stringify({ payload, signatures: [{ protected: head, signature }] }),
  ]
}

export const COMPACT: Readonly<Record<'4.1' | '4.2' | '4.3' | '4.4', string>> = {
  '4.1': FIGURE_13,
  '4.2': FIGURE_20,
  '4.3': FIGURE_27,
  '4.4': FIGURE_35,
}

const FIGURE_35_HEAD = FIGURE_35.slice(0, FIGURE_35.indexOf('.'))
const FIGURE_35_TAIL = FIGURE_35.slice(FIGURE_35.lastIndexOf('.') + 1)

/** §4.5: the payload is sent apart. */
export const DETACHED: string = `${FIGURE_35_HEAD}..${FIGURE_35_TAIL}`
export const DETACHED_JSON: string = JSON.stringify({ protected: FIGURE_35_HEAD, signature: FIGURE_35_TAIL })

/** §4.6: the "kid" is not protected. */
export const FIGURE_43_SIGNATURE = 'bWUSVaxorn7bEF1djytBd0kHv70Ly5pvbomzMWSOr20'
export const FIGURE_45: string = JSON.stringify({
  payload: HOBBIT,
  protected: 'eyJhbGciOiJIUzI1NiJ9',
  header: { kid: FIGURE_5_KID },
  signature: FIGURE_43_SIGNATURE,
})

/** §4.7: no header is protected. */
export const FIGURE_48_SIGNATURE = 'xuLifqLGiblpv9zBpuZczWhNj1gARaLV3UxvxhJxZuk'
export const FIGURE_50: string = JSON.stringify({
  payload: HOBBIT,
  header: { alg: 'HS256', kid: FIGURE_5_KID },
  signature: FIGURE_48_SIGNATURE,
})

/** §4.8: three signatures. */
export const RS256_OF_THREE =
  'MIsjqtVlOpa71KE-Mss8_Nq2YH4FGhiocsqrgi5NvyG53uoimic1tcMdSg-qptrzZc7CG6Svw2Y13TDIqHzTUrL_lR2ZFcryNFiHkSw129EghGpwkpxaTn_THJTCglNbADko1MZBCdwzJxwqZc-1RlpO2HibUYyXSwO97BSe0_evZKdjvvKSgsIqjytKSeAMbhMBdMma622_BG5t4sdbuCHtFjp9iJmkio47AIwqkZV1aIZsv33uPUqBBCXbYoQJwt7mxPftHmNlGoOSMxR_3thmXTCm4US-xiNOyhbm8afKK64jU6_TPtQHiJeQJxz9G3Tx-083B745_AfYOnlC9w'
export const ES512_OF_THREE =
  'ARcVLnaJJaUWG8fG-8t5BREVAuTY8n8YHjwDO1muhcdCoFZFFjfISu0Cdkn9Ybdlmi54ho0x924DUz8sK7ZXkhc7AFM8ObLfTvNCrqcI3Jkl2U5IX3utNhODH6v7xgy1Qahsn0fyb4zSAkje8bAWz4vIfj5pCMYxxm4fgV3q7ZYhm5eD'
export const FIGURE_61: string = JSON.stringify({
  payload: HOBBIT,
  signatures: [
    { protected: 'eyJhbGciOiJSUzI1NiJ9', header: { kid: BILBO_KID }, signature: RS256_OF_THREE },
    { header: { alg: 'ES512', kid: BILBO_KID }, signature: ES512_OF_THREE },
    { protected: FIGURE_35_HEAD, signature: FIGURE_35_TAIL },
  ],
})

/** RFC 7797 §4: "$.02" by the key of RFC 7515 A.1, encoded as ever (§4.1), and not encoded (§4.2). */
export const ENCODED = 'eyJhbGciOiJIUzI1NiJ9.JC4wMg.5mvfOroL-g7HyqJoozehmsaqmvTYGEq5jTI1gVvoEoQ'
export const UNENCODED_HEAD = 'eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19'
export const UNENCODED_SIGNATURE = 'A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY'
/** The cookbook's own: a payload that is not encoded and yet stands in the token. */
export const UNENCODED_INLINE: string = `${UNENCODED_HEAD}.This is the payload string!.ciks0B6Hs-amhOqxI5_iG6mPKnMDlWCb7J2Wu7mtIcg`
