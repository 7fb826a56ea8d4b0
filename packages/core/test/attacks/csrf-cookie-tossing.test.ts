import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { crossSiteToken } from '../../src/checks/cross-site.ts'
import { UnsentResponse } from '../support/unsent.ts'

/*
 * The attacker has a page on a sibling domain, or writes into a plain http answer, and can set cookies for the whole domain
 * of the API ("cookie tossing"). It visits the API itself, gets a cookie and a token that belong together, plants the cookie
 * in the browser of the victim, and sends the token with a form. A double submit that compares nothing but the two is won.
 */

const key = { id: 'a', secret: randomBytes(32) }
const session = ({
  headers,
}: {
  readonly headers: { readonly cookie?: string | undefined }
}): string | undefined => /(?:^|; )session=([^;]*)/.exec(headers.cookie ?? '')?.[1]
const csrf = crossSiteToken({ keys: [key], session })

function visit(cookie?: string): { readonly token: string; readonly planted: string } {
  const res = new UnsentResponse()
  return { token: csrf.issue({ headers: { cookie } }, res), planted: res.cookie }
}

describe('attack: a cookie is tossed', () => {
  const VICTIM = 'session=victim'
  for (const [whose, attacker] of [
    ['a session of the attacker', 'session=attacker'],
    ['no session', undefined],
  ] as const) {
    test(`CSR-01: a token and a cookie of ${whose} are worth nothing in the session of the victim`, () => {
      const { token, planted } = visit(attacker)
      for (const cookie of [`${VICTIM}; ${planted}`, `${planted}; ${VICTIM}`])
        assert.equal(csrf.verify(token, { headers: { cookie } }), false)
    })

    test(`CSR-01: nor are they beside the cookie that the victim has, with ${whose}`, () => {
      const { token, planted } = visit(attacker)
      const { planted: own } = visit(VICTIM)
      for (const cookie of [`${VICTIM}; ${own}; ${planted}`, `${VICTIM}; ${planted}; ${own}`])
        assert.equal(csrf.verify(token, { headers: { cookie } }), false)
    })
  }

  test('CSR-01: a cookie of the attacker that the victim keeps makes no token that the attacker knows', () => {
    const { token, planted } = visit('session=attacker')
    const cookie = `${VICTIM}; ${planted}`
    const res = new UnsentResponse()
    const issued = csrf.issue({ headers: { cookie } }, res)
    assert.ok(csrf.verify(issued, { headers: { cookie } }))
    assert.notEqual(issued, token)
    assert.equal(csrf.verify(token, { headers: { cookie } }), false)
  })

  test('CSR-01: the name keeps browsers from taking it from anybody but this host', () => {
    assert.match(visit().planted, /^__Host-/)
    // A name without the prefix, or in another case, is not looked at.
    const { token, planted } = visit()
    for (const name of ['csrf', '__Secure-csrf', '__host-csrf', ' __Host-csrf', '=__Host-csrf'])
      assert.equal(
        csrf.verify(token, { headers: { cookie: planted.replace('__Host-csrf', name) } }),
        name === ' __Host-csrf',
      )
  })
})
