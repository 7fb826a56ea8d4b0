import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type ListLimits, mergeVary, splitList } from '../../src/lib/field-list.ts'

const hostile: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom('a', 'B-', ',', ',', ' ', '\t', ';', '"', '\n', 'é', '*'),
  maxLength: 24,
})

const limits: fc.Arbitrary<ListLimits> = fc.record({
  maxElements: fc.nat(6),
  maxEmpty: fc.nat(6),
  maxOws: fc.nat(3),
})

/** The same rules, with split and regular expressions. */
function slowSplit(value: string, { maxElements, maxEmpty, maxOws }: ListLimits): string[] | undefined {
  if (/^[\t ]*$/.test(value)) return value.length > maxOws ? undefined : []
  const elements: string[] = []
  let empty = 0
  for (const part of value.split(',')) {
    const match = /^([\t ]*)([!#$%&'*+\-.^_`|~0-9A-Za-z]*)([\t ]*)$/.exec(part)
    const [, before = '', token = '', after = ''] = match ?? []
    if (match === null || before.length > maxOws || after.length > maxOws) return undefined
    if (token === '') empty += 1
    else elements.push(token)
  }
  return empty > maxEmpty || elements.length > maxElements ? undefined : elements
}

test('COR-16: a list field is split as the slow way splits it', () => {
  fc.assert(
    fc.property(hostile, limits, (value, bound) => {
      assert.deepEqual(splitList(value, bound), slowSplit(value, bound))
    }),
    { numRuns: 3000 },
  )
})

test('COR-16: a list of tokens comes back as it was joined', () => {
  const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,10}$/)
  fc.assert(
    fc.property(fc.array(token, { maxLength: 10 }), (tokens) => {
      assert.deepEqual(splitList(tokens.join(', '), { maxElements: 10, maxEmpty: 0, maxOws: 1 }), tokens)
    }),
  )
})

test('COR-08: merging Vary twice is merging it once, and nothing that was there is lost', () => {
  const name = fc.constantFrom('Origin', 'origin', 'Accept', 'ACCEPT', 'Accept-Encoding', '*')
  fc.assert(
    fc.property(fc.option(hostile, { nil: undefined }), fc.array(name, { maxLength: 4 }), (existing, add) => {
      const once = mergeVary(existing, add)
      assert.equal(mergeVary(once, add), once)
      const members = once.split(', ').map((member) => member.toLowerCase())
      assert.equal(new Set(members).size, members.length)
      for (const wanted of [...(existing?.split(',') ?? []), ...add]) {
        const lower = wanted.trim().toLowerCase()
        assert.ok(once === '*' || lower === '' || members.includes(lower))
      }
    }),
    { numRuns: 1000 },
  )
})
