import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dpop } from '../../../src/identity/dpop.ts'
import { findSignatureProblem, readProof } from '../../../src/identity/dpop/proof.ts'
import { parseAuthority } from '../../../src/lib/authority.ts'
import { movableClock } from '../../support/clock.ts'
import { found, request, testTokens } from '../../support/dpop.ts'
import { compiled, outcome } from '../../support/schemes.ts'

// RFC 9449 §4.1, §6.1 and §7.1.
const HEADER =
  'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19'
const TOKEN_REQUEST = `${HEADER}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg`
const RESOURCE_REQUEST = `${HEADER}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA`
const TOKEN = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU'
const JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'
const IAT = 1_562_262_618

describe('DPP-12: the examples of RFC 9449', () => {
  const asked = request(RESOURCE_REQUEST, {
    authorization: `DPoP ${TOKEN}`,
    path: '/protectedresource',
    authority: parseAuthority('resource.example.org'),
  })

  test('DPP-12: the request of §7.1, with a token that is bound to the thumbprint of §6.1', () => {
    const ready = compiled(dpop(testTokens({ [TOKEN]: { jkt: JKT } })), movableClock((IAT + 1) * 1000))
    assert.equal(outcome(found(ready, asked)), 'alice')
    assert.equal(outcome(found(ready, asked)), 'proof.replayed')
  })

  test('DPP-11: the same today', () => {
    const ready = compiled(dpop(testTokens({ [TOKEN]: { jkt: JKT } })))
    assert.equal(outcome(found(ready, asked)), 'proof.expired')
  })

  test('DPP-03: the proof of §4.1 is for a token endpoint: it has no ath, and opens no API', () => {
    const proof = readProof(TOKEN_REQUEST, new Set(['ES256']))
    assert.ok('type' in proof && proof.kind === 'proof.malformed')
  })

  test('DPP-06: the signature of §7.1 fits, with the algorithm that is allowed alone', () => {
    const proof = readProof(RESOURCE_REQUEST, new Set(['ES256']))
    assert.ok('thumbprint' in proof)
    assert.equal(proof.thumbprint, JKT)
    assert.equal(findSignatureProblem(proof), undefined)
    const other = readProof(RESOURCE_REQUEST, new Set(['Ed25519']))
    assert.ok('type' in other && other.kind === 'proof.malformed')
  })
})
