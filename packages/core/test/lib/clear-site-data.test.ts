import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseList } from 'structured-headers'
import { clearSiteData, type SiteDataType } from '../../src/lib/clear-site-data.ts'

test('HDR-04: Clear-Site-Data names what is forgotten, each once', () => {
  assert.equal(clearSiteData(['cookies', 'storage', 'cookies']), '"cookies", "storage"')
  assert.equal(clearSiteData(['*']), '"*"')
  const all = ['cache', 'cookies', 'storage', 'executionContexts', 'clientHints', '*'] as const
  assert.deepEqual(
    parseList(clearSiteData(all)).map(([type]) => type),
    all,
  )
})

test('ERR-03: what browsers would ignore without a word is a TypeError that says what to write', () => {
  const wrong =
    (types: unknown): (() => string) =>
    () =>
      clearSiteData(types as readonly SiteDataType[])
  assert.throws(wrong(['cookie']), /Did you mean "cookies"/)
  assert.throws(wrong(['"cookies", "x']), /Known here: cache/)
  assert.throws(wrong([1]), TypeError)
  assert.throws(wrong([]), TypeError)
  assert.throws(wrong('cookies'), TypeError)
})
