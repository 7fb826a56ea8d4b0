import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { formFromObject, parseForm } from '../../src/lib/form.ts'
import { session } from '../../src/identity/session.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { setCookieText } from '../../src/lib/cookies.ts'
import { parseJson } from '../../src/lib/json.ts'
import { guarded } from '../support/gate.ts'
import { as } from '../support/scheme.ts'

/*
 * What has gone wrong in packages that keep sessions, set cookies and read forms, by the id of its public advisory:
 * docs/advisories.md.
 */

describe('advisories: sessions and cookies', () => {
  /** What a browser is given, and sends back. */
  class Browser {
    #cookie = ''
    readonly headersSent = false
    get headers(): { readonly cookie?: string } {
      return this.#cookie === '' ? {} : { cookie: this.#cookie }
    }
    getHeader(): undefined {
      return undefined
    }
    setHeader(name: string, value: string | readonly string[]): this {
      if (name.toLowerCase() === 'set-cookie') this.#cookie = String(value).split(';', 1)[0] ?? ''
      return this
    }
    get cookie(): string {
      return this.#cookie
    }
  }

  for (const [id, name] of [
    ['CVE-2022-25896', 'passport'],
    ['CVE-2023-29019', '@fastify/passport'],
  ] as const) {
    test(`CKE-01: ${id}, ${name}: a login begins another session, and ends the one before`, async () => {
      const key = { id: 'a', secret: randomBytes(32).toString('base64url') }
      const sessions = session({ keys: [key], store: memoryStore() })
      const server = await guarded({ authenticate: sessions as never })
      const browser = new Browser()
      await sessions.start(browser, browser, { subject: 'mallory' })
      const planted = browser.cookie
      await sessions.start(browser, browser, { subject: 'alice' })
      assert.notEqual(browser.cookie, planted)
      const statusWith = async (cookie: string): Promise<number> =>
        (await server.send({ fields: ['Cookie', cookie] })).status
      assert.equal(await statusWith(browser.cookie), 200)
      assert.equal(await statusWith(planted), 401, 'what was planted opens nothing')
      await sessions.end(browser, browser)
      await server.close()
    })
  }

  for (const [id, name] of [
    ['CVE-2024-47764', 'cookie'],
    ['CVE-2026-56762', 'hono'],
  ] as const) {
    test(`CKE-01: ${id}, ${name}: neither name nor value of a cookie writes an attribute`, () => {
      const good = { name: 'a', value: 'b', secure: true, sameSite: 'Lax' } as const
      for (const bad of ['a=b; Path=/admin', 'a;', 'a b', 'a\r\nSet-Cookie: x=y', 'a\0', 'a\x7f', 'ä', '']) {
        assert.throws(() => setCookieText({ ...good, name: bad }), TypeError, bad)
        if (bad !== '') assert.throws(() => setCookieText({ ...good, value: `${bad};` }), TypeError, bad)
      }
      assert.match(setCookieText(good), /^a=b; Path=\//)
    })
  }

  test('HDR-03: CVE-2026-44457, hono: no cache keeps the answer to one caller for another', async () => {
    const server = await guarded()
    const { status, headers } = await server.send({ fields: as('alice') })
    assert.deepEqual([status, headers['cache-control']], [200, 'no-store'])
    await server.close()
  })
})

describe('advisories: forms and JSON', () => {
  test('REQ-11: CVE-2022-24999, qs: brackets in a name are brackets in a name', () => {
    assert.equal(parseForm('a[__proto__]=b&a[__proto__]&a[length]=100000000'), undefined)
    const form = parseForm('a[__proto__]=b&a[length]=100000000&__proto__=c')
    assert.deepEqual(
      [...(form ?? [])],
      [
        ['a[__proto__]', 'b'],
        ['a[length]', '100000000'],
        ['__proto__', 'c'],
      ],
    )
    assert.equal(Object.getPrototypeOf({}), Object.prototype)
  })

  test('REQ-11: GHSA-v8w9-8mx6-g223, hono: dots in a name are dots in a name', () => {
    assert.deepEqual([...(parseForm('__proto__.polluted=1') ?? [])], [['__proto__.polluted', '1']])
    assert.equal(formFromObject(JSON.parse('{"__proto__":{"polluted":"1"}}') as object), undefined)
    assert.deepEqual(parseJson('{"a":{"__proto__":{"polluted":1}}}'), { ok: false, reason: 'prototype-name' })
    assert.equal('polluted' in {}, false)
  })

  for (const id of ['CVE-2024-45590', 'CVE-2025-13466']) {
    test(`REQ-11: ${id}, body-parser: a form of thousands of parameters is not read`, () => {
      const before = process.cpuUsage()
      for (const unit of ['a&', 'a=b&', '&', 'a[]=&', 'a[b][c]=&', '%61=&']) {
        assert.equal(parseForm(unit.repeat(20_000)), undefined, unit)
      }
      assert.equal(parseForm(`${'[a]'.repeat(20_000)}=b`)?.size, 1)
      const { user, system } = process.cpuUsage(before)
      assert.ok((user + system) / 1000 < 2000)
    })
  }
})
