import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { CODES } from '../../src/contract/codes.ts'
import { KINDS } from '../../src/contract/kinds.ts'
import { type Sessions, session, type SessionInput, type SessionOptions } from '../../src/identity/session.ts'
import { createSeal } from '../../src/lib/seal.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { movableClock } from '../support/clock.ts'
import { facts } from '../support/facts.ts'
import { compiled, outcomeOf } from '../support/schemes.ts'

/*
 * The attacker has a cookie of their own, or a copy of somebody else's, and changes, joins, moves or keeps it, to be
 * somebody else, or to be let in for longer.
 */

const clock = movableClock()
const key = (id: string): { readonly id: string; readonly secret: string } => ({
  id,
  secret: randomBytes(32).toString('base64url'),
})
const NEW = key('new')
const OLD = key('old')
const store = memoryStore({ clock })
const options: SessionOptions = { keys: [NEW, OLD], store, clock }

interface Site {
  readonly name: string
  readonly sessions: Sessions
  /** The value of the cookie of somebody who logs in. */
  readonly login: (input?: SessionInput) => Promise<string>
  /** What the site makes of a Cookie field, or of the value of its cookie. */
  readonly field: (text: string) => Promise<string>
  readonly value: (text: string) => Promise<string>
}

function site(changes: Partial<SessionOptions> = {}): Site {
  const sessions = session({ ...options, ...changes })
  const scheme = compiled(sessions, clock)
  const name = Object.values(scheme.describe?.().securitySchemes ?? {})[0]?.name ?? ''
  const field = async (text: string): Promise<string> =>
    outcomeOf(await scheme.identify(facts({ fields: [['Cookie', text]] })))
  return {
    name,
    sessions,
    async login(input = { subject: 'alice' }) {
      let set = ''
      const res = {
        headersSent: false,
        getHeader: () => undefined,
        setHeader: (header: string, value: unknown) => (header === 'Set-Cookie' ? (set = String(value)) : ''),
      }
      await sessions.start({ headers: {} }, res, input)
      return set.slice(name.length + 1).split(';', 1)[0] ?? ''
    },
    field,
    value: (text) => field(`${name}=${text}`),
  }
}

const mine = site()
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Tries values, all of which have to be refused, and never by an error of ours. */
async function refused(values: Iterable<string>, at: Site = mine): Promise<number> {
  let tried = 0
  for (const value of values) {
    const found = await at.value(value)
    assert.ok(Object.hasOwn(KINDS, found), `${value} is taken for ${found}`)
    const { code } = KINDS[found as keyof typeof KINDS]
    const status = code === undefined ? 0 : CODES[code].status
    assert.ok(status === 400 || status === 401, `${value} is ${found}`)
    tried++
  }
  return tried
}

describe('attack: a session cookie is changed', () => {
  test('CKE-01: no bit of it can be flipped, anywhere', async () => {
    const cookie = await mine.login()
    assert.equal(await mine.value(cookie), 'alice')
    const flipped = function* (): Generator<string> {
      for (const [i, char] of cookie.split('').entries()) {
        for (let bit = 0; bit < 7; bit++) {
          const other = String.fromCharCode(char.charCodeAt(0) ^ (1 << bit))
          // What ends a cookie, or is none of its characters, is tried below.
          if (/[\w.-]/.test(other)) yield `${cookie.slice(0, i)}${other}${cookie.slice(i + 1)}`
        }
      }
    }
    assert.ok((await refused(flipped())) > cookie.length * 3)
    assert.equal(await mine.value(cookie), 'alice')
  })

  test('CKE-01: its last characters have one spelling, though base64 has bits that say nothing', async () => {
    for (let length = 1; length <= 3; length++) {
      // Three lengths of the name meet every remainder of the encoding.
      const cookie = await mine.login({ subject: 'a'.repeat(length) })
      const last = cookie.at(-1) ?? ''
      const others = ALPHABET.split('').filter((char) => char !== last)
      assert.equal(await refused(others.map((char) => cookie.slice(0, -1) + char)), 63)
    }
  })

  test('CKE-01: nothing can be cut off, put in front, in between or behind', async () => {
    const cookie = await mine.login()
    const sealed = cookie.slice(cookie.indexOf('.') + 1)
    await refused(Array.from({ length: cookie.length }, (_, i) => cookie.slice(0, i)))
    await refused(Array.from({ length: cookie.length - 1 }, (_, i) => cookie.slice(i + 1)))
    await refused(
      Array.from({ length: cookie.length + 1 }, (_, i) => `${cookie.slice(0, i)}A${cookie.slice(i)}`),
    )
    const others = ['=', '==', '%3D', '.', '.AAAA', ' x', '\t', '"', ',', '\\', '\0', '\x7f', 'é', '\ud800']
    for (const text of others) {
      await refused([cookie + text, text + cookie].filter((each) => each.trim() !== cookie))
    }
    await refused([`"${cookie}"`, encodeURIComponent(cookie).replace('.', '%2E'), cookie.toUpperCase()])
    await refused([sealed, `.${sealed}`, `new..${sealed}`, `new.${sealed}.${sealed}`, `new.new.${sealed}`])
    await refused([Buffer.from(sealed, 'base64url').toString('base64').replace(/=+$/, '+')])
  })

  test('CKE-01: one key does not open what another sealed, known or not', async () => {
    const cookie = await mine.login()
    const sealed = cookie.slice(cookie.indexOf('.') + 1)
    assert.match(cookie, /^new\./)
    const ids = ['old', 'NEW', 'other', '', '__proto__', 'constructor', 'new ', 'ne', 'neww', '0']
    await refused(ids.map((id) => `${id}.${sealed}`))
    const former = site({ keys: [OLD] })
    const older = await former.login()
    assert.equal(await mine.value(older), 'alice', 'a key that still opens')
    await refused([older.replace('old', 'new')])
    await refused([await site({ keys: [key('new')] }).login()], mine)
    await refused([cookie], former)
  })

  test('CKE-01: of two cookies nobody makes a third', async () => {
    const alice = await mine.login({ subject: 'alice', roles: ['user'] })
    const admin = await mine.login({ subject: 'admin', roles: ['root'] })
    assert.equal(alice.length, admin.length)
    const spliced = function* (): Generator<string> {
      for (let i = 5; i < alice.length; i++) {
        yield alice.slice(0, i) + admin.slice(i)
        yield admin.slice(0, i) + alice.slice(i)
      }
    }
    const values = [...spliced()].filter((value) => value !== alice && value !== admin)
    assert.ok((await refused(values)) > alice.length)
    // Without its tag the cipher would be one that adds: what is known of a text tells how to make another of it.
    const bytes = (cookie: string): Buffer => Buffer.from(cookie.slice(4), 'base64url')
    const wanted = Buffer.from(bytes(alice))
    const at = wanted.length - 16
    for (let i = 12; i < at; i++) {
      wanted[i] = (wanted[i] ?? 0) ^ 'alice'.charCodeAt(i % 5) ^ 'admin'.charCodeAt(i % 5)
    }
    await refused([`new.${wanted.toString('base64url')}`])
  })
})

describe('attack: a session cookie is moved', () => {
  const sites: readonly (readonly [string, Site])[] = [
    ['a site with another name of the cookie', site({ name: 'admin' })],
    ['the same site, for development without the prefix', site({ dangerouslyAllowHttp: true })],
  ]
  for (const [name, other] of sites) {
    test(`CKE-01: ${name}, which has the same keys and the same store`, async () => {
      const here = await mine.login()
      const there = await other.login()
      assert.equal(await other.value(there), 'alice')
      assert.notEqual(other.name, mine.name)
      await refused([here], other)
      await refused([there], mine)
      assert.equal(await mine.field(`${other.name}=${here}`), 'none')
    })
  }

  test('CKE-01: what the same secret sealed for another purpose is no session', async () => {
    const secret = Buffer.from(NEW.secret, 'base64url')
    const content = JSON.stringify({
      v: 1,
      i: 'A'.repeat(24),
      s: 'admin',
      e: '',
      t: [clock.now(), clock.now(), clock.now(), clock.now() + 3_600_000],
      sc: [],
      ro: ['root'],
    })
    const sealedFor = (purpose: string): string => createSeal([{ id: 'new', secret }], purpose).seal(content)
    assert.equal(await mine.value(sealedFor(`session:${mine.name}`)), 'admin', 'the text itself would do')
    for (const purpose of ['', 'session', 'session:', 'session:session', `session:${mine.name} `, 'csrf']) {
      await refused([sealedFor(purpose)])
    }
  })

  test('CKE-01: two of its name are one too many, whatever stands first, or between', async () => {
    const alice = await mine.login()
    const mallory = await mine.login({ subject: 'mallory' })
    const { name } = mine
    const pairs = [
      [alice, mallory],
      [mallory, alice],
      [alice, alice],
      [alice, ''],
      ['', alice],
      ['made-up', alice],
    ]
    for (const [first, second] of pairs) {
      for (const between of ['; ', ';', ';;', '; theme=dark; ', ' ;\t']) {
        const field = `${name}=${first}${between}${name}=${second}`
        assert.equal(await mine.field(field), 'credentials.repeated', field)
      }
    }
    assert.equal(await mine.field(`${name}; ${name}=${alice}`), 'credentials.repeated')
    assert.equal(await mine.field(`theme=dark; ${name}=${alice}; x="y`), 'alice')
  })
})

describe('attack: a session cookie is kept', () => {
  /** A request with a cookie, and a response that nobody looks at. */
  const asked = (value: string): Parameters<Sessions['end']> => [
    { headers: { cookie: `${mine.name}=${value}` } },
    { headersSent: false, getHeader: () => undefined, setHeader: () => undefined },
  ]

  test('CKE-01: after the user has signed out a copy is good for nothing, and cannot be renewed', async () => {
    const cookie = await mine.login()
    const other = await mine.login()
    await mine.sessions.end(...asked(cookie))
    assert.deepEqual([await mine.value(cookie), await mine.value(other)], ['credentials.revoked', 'alice'])
    await assert.rejects(mine.sessions.renew(...asked(cookie)), TypeError)
    // Who signs out again, or signs in with it, does not wake it up.
    await mine.sessions.end(...asked(cookie))
    await mine.sessions.start(...asked(cookie), { subject: 'alice' })
    assert.equal(await mine.value(cookie), 'credentials.revoked')
  })

  test('CKE-01: a copy that was sealed anew before ends with it', async () => {
    const scheme = compiled(mine.sessions, clock)
    const cookie = await mine.login()
    clock.advance(600_000)
    const found = await scheme.identify(facts({ fields: [['Cookie', `${mine.name}=${cookie}`]] }))
    const set = found.type === 'authenticated' ? (found.fields?.[1] ?? '') : ''
    const renewed = set.slice(mine.name.length + 1).split(';', 1)[0] ?? ''
    assert.notEqual(renewed, cookie)
    assert.deepEqual([await mine.value(cookie), await mine.value(renewed)], ['alice', 'alice'])
    await mine.sessions.end(...asked(renewed))
    for (const copy of [cookie, renewed]) assert.equal(await mine.value(copy), 'credentials.revoked')
  })

  test('CKE-01: a copy is over when the session is, though the clock of a machine is set back', async () => {
    const late = movableClock(clock.now())
    const at = site({ clock: late, store: memoryStore({ clock: late }) })
    const sessions = at.sessions
    const cookie = await at.login()
    await sessions.end(
      { headers: { cookie: `${at.name}=${cookie}` } },
      { headersSent: false, getHeader: () => undefined, setHeader: () => undefined },
    )
    late.advance(43_200_000)
    assert.equal(await at.value(cookie), 'credentials.expired')
    late.jump(-43_200_000)
    assert.equal(await at.value(cookie), 'credentials.revoked')
  })
})
