import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { crossSiteToken, type CrossSiteTokenOptions } from '../../../src/checks/cross-site.ts'
import { ConfigError } from '../../../src/contract/mistakes.ts'
import { crossSite, outcome } from '../../support/cross-site.ts'
import { UnsentResponse } from '../../support/unsent.ts'

const secret = (): string => randomBytes(32).toString('base64url')
const KEY = { id: '2026-11', secret: secret() }

/** The session of a request is what its cookie `session` says. */
const session: CrossSiteTokenOptions['session'] = ({ headers }) =>
  /(?:^|; )session=([^;]*)/.exec(headers.cookie ?? '')?.[1]

const csrf = crossSiteToken({ keys: [KEY], session })

/** What a page gets: a token, and the cookies of the browser from then on. */
function visit(given = csrf, cookie?: string): { readonly token: string; readonly cookie: string } {
  const res = new UnsentResponse()
  const token = given.issue({ headers: { cookie } }, res)
  return {
    token,
    cookie: [cookie, res.cookie].filter((text) => text !== undefined && text !== '').join('; '),
  }
}

const isGood = (token: unknown, cookie: string | undefined, given = csrf): boolean =>
  given.verify(token, { headers: { cookie } })

describe('a token against cross-site requests', () => {
  test('CSR-01: is good for the browser and the session that it was given to', () => {
    for (const before of [undefined, 'session=alice']) {
      const { token, cookie } = visit(csrf, before)
      assert.ok(isGood(token, cookie))
      assert.match(token, /^2026-11\.[\w-]{86}$/)
    }
  })

  test('CKE-01: its cookie is for the whole host, for https, for no script and for no other site', () => {
    const res = new UnsentResponse()
    csrf.issue({ headers: {} }, res)
    assert.match(res.set.join(), /^__Host-csrf=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/)
    assert.equal(res.fields.get('Cache-Control'), 'no-store')
    const plain = new UnsentResponse()
    crossSiteToken({ keys: [KEY], session, dangerouslyAllowHttp: true }).issue({ headers: {} }, plain)
    assert.match(plain.set.join(), /^csrf=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
  })

  test('CSR-01: a browser that has the cookie keeps it, and earlier tokens stay good', () => {
    const { token, cookie } = visit(csrf, 'session=alice')
    const res = new UnsentResponse()
    const again = csrf.issue({ headers: { cookie } }, res)
    assert.deepEqual(res.set, [])
    assert.equal(res.fields.get('Cache-Control'), 'no-store')
    assert.ok(isGood(token, cookie) && isGood(again, cookie))
  })

  test('CSR-01: two tokens of one page are good with the one cookie that it sets', () => {
    const res = new UnsentResponse()
    const req = { headers: {} }
    const tokens = [csrf.issue(req, res), csrf.issue(req, res)]
    assert.equal(res.set.length, 1)
    for (const token of tokens) assert.ok(isGood(token, res.cookie))
  })

  test('CSR-01: no two tokens have a byte of their text in common but by chance, so that BREACH learns nothing', () => {
    const { cookie } = visit()
    const tokens = Array.from({ length: 64 }, () => visit(csrf, cookie).token)
    assert.equal(new Set(tokens).size, 64)
    // Of 64 tokens, the same letter at one place in all of them is chance of 1 in 64 to the 63rd.
    for (let at = '2026-11.'.length; at < (tokens[0]?.length ?? 0) - 1; at++)
      assert.ok(new Set(tokens.map((token) => token[at])).size > 1, String(at))
  })

  const others: readonly (readonly [
    name: string,
    token: (good: string) => unknown,
    cookie: (good: string) => string | undefined,
  ])[] = [
    ['no cookie', (token) => token, () => undefined],
    ['the cookie of another browser', (token) => token, () => visit().cookie],
    ['another session', (token) => token, (cookie) => cookie.replace('alice', 'bob')],
    ['a session of as many letters', (token) => token, (cookie) => cookie.replace('alice', 'clara')],
    ['no session any more', (token) => token, (cookie) => cookie.replace('session=alice; ', '')],
    ['the cookie twice', (token) => token, (cookie) => `${cookie}; ${cookie.split('; ')[1]}`],
    ['a cookie that is cut', (token) => token, (cookie) => cookie.slice(0, -1)],
    ['a cookie in another spelling of base64url', (token) => token, (cookie) => `${cookie}=`],
    ['a token that is cut', (token) => token.slice(0, -1), (cookie) => cookie],
    ['a token that is longer', (token) => `${token}A`, (cookie) => cookie],
    ['a token of half its bytes', (token) => token.slice(0, '2026-11.'.length + 43), (cookie) => cookie],
    ['a bit that was changed', flipped, (cookie) => cookie],
    ['another key id', (token) => token.replace('2026-11', '2026-10'), (cookie) => cookie],
    ['no key id', (token) => token.slice(token.indexOf('.')), (cookie) => cookie],
    ['no dot', (token) => token.replace('.', ''), (cookie) => cookie],
    ['__proto__ as key id', (token) => token.replace('2026-11', '__proto__'), (cookie) => cookie],
    ['the value of the cookie', () => undefined, (cookie) => cookie],
    ['an empty text', () => '', (cookie) => cookie],
    ['a list', (token) => [token], (cookie) => cookie],
    ['a long text', (token) => token.repeat(100_000), (cookie) => cookie],
  ]
  for (const [name, tokenOf, cookieOf] of others) {
    test(`CSR-01: is not good with ${name}`, () => {
      const { token, cookie } = visit(csrf, 'session=alice')
      assert.ok(isGood(token, cookie))
      assert.equal(isGood(tokenOf(token), cookieOf(cookie)), false)
    })
  }

  test('CSR-01: the value of the cookie is no token, nor is anything that can be made of it', () => {
    const { cookie } = visit()
    const value = cookie.slice('__Host-csrf='.length)
    const bytes = Buffer.from(value, 'base64url')
    const zeros = Buffer.alloc(32)
    for (const made of [
      value,
      Buffer.concat([zeros, bytes]),
      Buffer.concat([bytes, zeros]),
      Buffer.concat([bytes, bytes]),
    ])
      assert.equal(isGood(`2026-11.${Buffer.from(made).toString('base64url')}`, cookie), false)
  })

  test('CSR-01: a session that is named like none, or holds the delimiters, is another', () => {
    const bound = (id: string | undefined) => crossSiteToken({ keys: [KEY], session: () => id })
    const { token, cookie } = visit(bound(undefined))
    for (const id of ['', '-', '0:', '-|']) assert.equal(isGood(token, cookie, bound(id)), false)
    const { token: empty, cookie: its } = visit(bound(''))
    assert.ok(isGood(empty, its, bound('')))
    assert.equal(isGood(empty, its, bound(undefined)), false)
  })

  test('CSR-01: keys are replaced without a token lost, and one that is gone is good for nothing', () => {
    const next = { id: '2026-12', secret: secret() }
    const both = crossSiteToken({ keys: [next, KEY], session })
    const only = crossSiteToken({ keys: [next], session })
    const { token, cookie } = visit(csrf, 'session=alice')
    assert.ok(isGood(token, cookie, both))
    assert.equal(isGood(token, cookie, only), false)
    const { token: newer } = visit(both, cookie)
    assert.ok(newer.startsWith('2026-12.') && isGood(newer, cookie, only))
    // The same secret by another name, and another secret by the same name, are other keys.
    assert.equal(
      isGood(token.replace('2026-11', 'x'), cookie, crossSiteToken({ keys: [{ ...KEY, id: 'x' }], session })),
      false,
    )
    assert.equal(
      isGood(token, cookie, crossSiteToken({ keys: [{ ...KEY, secret: secret() }], session })),
      false,
    )
  })

  test('CSR-01: a function that gives no text for a session is an error, and no session', () => {
    const wrong = crossSiteToken({ keys: [KEY], session: (() => Promise.resolve('alice')) as never })
    assert.throws(() => wrong.issue({ headers: {} }, new UnsentResponse()), TypeError)
    const { token, cookie } = visit()
    assert.throws(() => wrong.verify(token, { headers: { cookie } }), TypeError)
  })

  test('CSR-01: nothing is issued to a response that is on its way', () => {
    const res = Object.assign(new UnsentResponse(), { headersSent: true })
    assert.throws(() => csrf.issue({ headers: {} }, res), TypeError)
  })

  test('ERR-03: every option that is wrong is reported, without a secret', () => {
    const mistakesOf = (options: unknown): readonly string[] => {
      try {
        crossSiteToken(options as CrossSiteTokenOptions)
      } catch (error) {
        assert.ok(error instanceof ConfigError && !error.message.includes('short secret'))
        return error.mistakes.map(({ code, path }) => `${code} ${path}`)
      }
      return []
    }
    assert.deepEqual(mistakesOf({}), [
      'missing_option crossSiteToken.keys',
      'missing_option crossSiteToken.session',
    ])
    assert.deepEqual(
      mistakesOf({
        keys: [{ id: 'a', secret: Buffer.from('short secret') }],
        session: 'cookie',
        dangerouslyAllowHttp: 1,
        name: 'x',
      }),
      [
        'unknown_option crossSiteToken.name',
        'out_of_range crossSiteToken.keys[0].secret',
        'wrong_type crossSiteToken.session',
        'wrong_type crossSiteToken.dangerouslyAllowHttp',
      ],
    )
  })
})

describe('a policy with a token', () => {
  const policy = crossSite({ crossSite: { token: csrf, trustedOrigins: ['https://app.example.com'] } })
  const { token, cookie } = visit(csrf, 'session=alice')
  const field = ['X-CSRF-Token', token] as const
  const own = { site: 'same-origin', cookie } as const
  const rows = [
    ['a cookie and the token pass', { ...own, more: field }, 'pass'],
    ['a cookie without it is refused', own, 'cross-site.token-missing'],
    [
      'a cookie with an empty one is refused',
      { ...own, more: ['X-CSRF-Token', ''] },
      'cross-site.token-wrong',
    ],
    [
      'a cookie with another one is refused',
      { ...own, more: ['X-CSRF-Token', visit().token] },
      'cross-site.token-wrong',
    ],
    [
      'a cookie with two of them is refused',
      { ...own, more: ['X-CSRF-Token', `${token}, ${token}`] },
      'cross-site.token-wrong',
    ],
    ['a browser that says nothing needs it, too', { cookie }, 'cross-site.token-missing'],
    [
      'the token does not open what the origin shuts',
      { ...own, site: 'cross-site', more: field },
      'cross-site.refused',
    ],
    [
      'a trusted origin needs it, too',
      { ...own, site: 'cross-site', origin: 'https://app.example.com' },
      'cross-site.token-missing',
    ],
    ['without a cookie there is nothing to protect', { site: 'same-origin' }, 'pass'],
    ['a safe method needs none', { ...own, method: 'GET' }, 'pass'],
    [
      'an upgrade needs none: no page can set a field of it',
      { ...own, method: 'GET', isUpgrade: true },
      'pass',
    ],
  ] as const
  for (const [name, request, result] of rows)
    test(`CSR-01: ${name}`, () => assert.equal(outcome(policy, request), result))
})

/** One bit of the last byte but one, so that the text stays canonical. */
function flipped(token: string): string {
  const at = token.length - 3
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
}
