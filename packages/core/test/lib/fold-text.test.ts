import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { foldText } from '../../src/lib/fold-text.ts'
import { anyText } from '../property/any-text.ts'

test('RL-10: spellings of one name are one text', () => {
  const rows: readonly (readonly [name: string, spelling: string, folded: string])[] = [
    ['plain', 'alice', 'alice'],
    ['case', 'ALICE', 'alice'],
    ['white space around it', '\u00a0alice\t', 'alice'],
    ['full width', 'ＡＬＩＣＥ', 'alice'],
    ['a letter-like sign that is a capital', 'ℋugo', 'hugo'],
    ['composed', 'JOS\u00c9', 'jos\u00e9'],
    ['decomposed', 'JOSE\u0301', 'jos\u00e9'],
    ['two that are one only in lower case', 'T\u0308', '\u1e97'],
    ['white space within', 'al ice', 'al ice'],
    ['nothing but white space', ' \u3000 ', ''],
  ]
  for (const [name, spelling, folded] of rows) assert.equal(foldText(spelling), folded, name)
})

test('RL-10: a text that was folded stays as it is', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const folded = foldText(text)
      assert.equal(foldText(folded), folded)
    }),
    { numRuns: 2000 },
  )
})
