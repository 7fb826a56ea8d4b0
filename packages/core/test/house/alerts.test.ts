import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { BUILT_IN } from '../../src/observe/alerts/built-in.ts'
import { KINDS } from '../../src/contract/kinds.ts'

const page = readFileSync(new URL('../../../../docs/guides/alerts.md', import.meta.url), 'utf8')

/** The rows of the table of rules, without what is said in words. */
const rows = page
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))
  .filter(([, name = '', , , threshold = '']) => Object.hasOwn(BUILT_IN, name) && threshold !== '')
  .map(([, name, , ...rest]) => [name, ...rest.slice(0, 5)])

describe('docs/guides/alerts.md', () => {
  test('LOG-06: has each rule that is built in, as it is in the source', () => {
    assert.deepEqual(
      rows,
      Object.entries(BUILT_IN).map(([name, { by = '', threshold, window, different, severity }]) => [
        name,
        by,
        String(threshold),
        window,
        different === undefined ? '' : `${different.atLeast} by ${different.what}`,
        severity,
      ]),
    )
  })

  test('LOG-06: every rule counts kinds that there are, says what it means, and can be crossed', () => {
    for (const [name, rule] of Object.entries(BUILT_IN)) {
      for (const kind of [...rule.kinds, ...(rule.clearedBy ?? [])])
        assert.ok(Object.hasOwn(KINDS, kind), kind)
      assert.equal(new Set(rule.kinds).size, rule.kinds.length, name)
      assert.match(rule.meaning, /^[A-Z].*\.$/, name)
      assert.match(rule.advice, /^[A-Z].*\.$/, name)
      assert.ok((rule.different?.atLeast ?? 0) <= rule.threshold, name)
    }
  })
})
