import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { equalSecrets } from '../../src/lib/digest.ts'

test('AUT-09: two texts are equal secrets exactly when they are equal', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\ufffd', '😀'), maxLength: 3 })
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.equal(equalSecrets(a, b), a === b)
      assert.equal(equalSecrets(Buffer.from(a), b), a === b)
      assert.equal(equalSecrets(a, a), true)
    }),
    { numRuns: 500 },
  )
})
