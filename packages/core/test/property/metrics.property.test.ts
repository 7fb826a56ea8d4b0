import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { metrics } from '../../src/observe/metrics.ts'
import { escapeLabel } from '../../src/observe/metrics/exposition.ts'
import { eventWith } from '../support/events.ts'
import { anyText } from './any-text.ts'

test('LOG-03: no label ends its line or its quotes, and each is read back as it was', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const out = escapeLabel(text)
      assert.doesNotMatch(out, /\n|\p{Surrogate}/u)
      assert.match(out, /^(?:[^"\\]|\\["\\n])*$/)
      const back = out.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char))
      assert.equal(back, text.replace(/\p{Surrogate}/gu, '\ufffd'))
    }),
    { numRuns: 2000 },
  )
})

test('LOG-03: a page has the lines that it must have, whatever a rule is called', () => {
  fc.assert(
    fc.property(fc.array(anyText, { maxLength: 5 }), (rules) => {
      const meter = metrics()
      for (const rule of rules) meter.observe(eventWith({ rule }))
      const lines = meter.prometheus().split('\n')
      const counted = lines.filter((line) => line.startsWith('gatehouse_events_total{'))
      assert.equal(counted.length, new Set(rules).size)
      for (const line of lines)
        assert.match(line, /^(?:|# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{.+\})? (?:[0-9.e+-]+|NaN))$/s)
    }),
    { numRuns: 300 },
  )
})
