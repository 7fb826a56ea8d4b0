import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { PROTOTYPE_DOCUMENTS } from '../support/attacks.ts'
import { JSON_TYPE, length, outcome, posted, taking } from '../support/content.ts'
import type { Guarded } from '../support/gate.ts'

/** What many an app has: it copies what it is given, name by name and deep. */
function merge(into: Record<string, unknown>, from: Readonly<Record<string, unknown>>): void {
  for (const key of Object.keys(from)) {
    const inner = from[key]
    const known = into[key]
    if (typeof inner !== 'object' || inner === null) into[key] = inner
    else if ((typeof known === 'object' && known !== null) || typeof known === 'function')
      merge(known as Record<string, unknown>, inner as Record<string, unknown>)
    else merge((into[key] = {}), inner as Record<string, unknown>)
  }
}

// JSON.parse makes `__proto__` a name like any other; the code that copies it does not. What lands on Object.prototype is
// then a member of everything: `if (user.isAdmin)`. CVE-2018-3721, CVE-2019-10744 and many after them.
describe('attack: JSON that reaches a prototype', () => {
  let server: Guarded
  before(async () => {
    server = await taking(['json', 'form'], (_req, res, pass) => {
      merge({}, pass.content as Record<string, unknown>)
      res.end(String(({} as { readonly polluted?: unknown }).polluted))
    })
  })
  after(() => server.close())

  for (const document of PROTOTYPE_DOCUMENTS) {
    test(`REQ-11: ${document} is refused`, async () => {
      const text = await server.raw(posted([JSON_TYPE, length(document)], document))
      assert.equal(outcome(text), '400 malformed_content')
      assert.equal(({} as { readonly polluted?: unknown }).polluted, undefined)
    })
  }

  test('REQ-11: what only looks like it is a member as any other', async () => {
    for (const document of ['{"proto":{"polluted":"yes"}}', '{"a":"__proto__"}', '{"prototype":{"a":1}}']) {
      assert.equal(
        outcome(await server.raw(posted([JSON_TYPE, length(document)], document))),
        '200 undefined',
      )
    }
  })

  for (const form of ['__proto__=yes', '%5f%5fproto%5f%5f=yes', 'a=1&__proto__']) {
    test(`REQ-11: the form ${form} is refused`, async () => {
      const fields = ['Content-Type: application/x-www-form-urlencoded', length(form)]
      assert.equal(outcome(await server.raw(posted(fields, form))), '400 malformed_content')
    })
  }

  test('REQ-11: brackets in the names of a form make no objects', async () => {
    const form = '__proto__[polluted]=yes&constructor[prototype][polluted]=yes'
    const fields = ['Content-Type: application/x-www-form-urlencoded', length(form)]
    assert.equal(outcome(await server.raw(posted(fields, form))), '200 undefined')
  })
})
