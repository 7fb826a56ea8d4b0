import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { entriesOf, folders, keep } from './corpus.ts'
import { changes, mutate } from './mutation.ts'
import { PARSERS } from './parsers.ts'

/*
 * Every parser reads every input that is kept, and mutations of its own. GATEHOUSE_FUZZ_RUNS says how many of those, and
 * GATEHOUSE_FUZZ_SEED begins where a failure says that it began. What fails is kept in the corpus.
 */

const RUNS = Number(process.env['GATEHOUSE_FUZZ_RUNS'] ?? 2000)
const SEED = process.env['GATEHOUSE_FUZZ_SEED']

const ALL = PARSERS.flatMap(({ name }) => entriesOf(name))
const SIZE = 64 * 1024
/** Of the processor, not of the clock: what is linear takes some milliseconds for 64 KiB, and what is not, seconds. */
const BUDGET_MS = 1000

test('REQ-02: the corpus has a folder for each parser, and a parser for each folder', () => {
  const names = PARSERS.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length, 'no two have one name')
  // Requests have a test of their own: node:http parses them.
  assert.deepEqual([...folders()].sort(), [...names, 'http-request'].sort())
  for (const { name, read } of PARSERS) {
    assert.ok(
      entriesOf(name).some(({ text }) => read(text) !== undefined),
      `${name} takes something of it`,
    )
  }
})

describe('every parser and every input that is kept', () => {
  for (const { id, name, check } of PARSERS) {
    test(`${id}: ${name} reads them all, and writes what it read as it was`, () => {
      for (const entry of ALL) attempt(check, entry.text, entry.name)
    })
  }
})

describe('every parser and 64 KiB', () => {
  for (const { id, name, read } of PARSERS) {
    test(`${id}: ${name} reads each input many times over, and is done soon`, () => {
      for (const { name: what, text } of entriesOf(name)) {
        if (text === '') continue
        const long = text.repeat(Math.ceil(SIZE / text.length)).slice(0, SIZE)
        for (const [how, hostile] of [
          ['over and over', long],
          ['with a long middle', text.slice(0, text.length / 2) + long + text.slice(text.length / 2)],
          ['with a long end', text + text.slice(-1).repeat(SIZE)],
        ] as const) {
          const before = process.cpuUsage()
          read(hostile)
          const { user, system } = process.cpuUsage(before)
          assert.ok((user + system) / 1000 < BUDGET_MS, `${what}, ${how}: ${(user + system) / 1000} ms`)
        }
      }
    })
  }
})

describe('every parser and what nobody has thought of', () => {
  const others = ALL.map(({ text }) => text)
  for (const { id, name, check } of PARSERS) {
    test(`${id}: ${name} holds against ${RUNS} mutations of its inputs`, () => {
      const own = entriesOf(name).map(({ text }) => text)
      const inputs = fc.tuple(fc.constantFrom(...own), changes)
      const ran = fc.check(
        fc.property(inputs, ([text, made]) => check(mutate(text, made, others))),
        { numRuns: RUNS, ...(SEED !== undefined && { seed: Number(SEED) }) },
      )
      if (!ran.failed) return
      const [[text, made] = ['', []]] = ran.counterexample ?? []
      const found = mutate(text, made, others)
      const file = keep(name, found)
      assert.fail(
        `GATEHOUSE_FUZZ_SEED=${ran.seed} finds ${JSON.stringify(found)}, kept as corpus/${file}: ${String(ran.errorInstance)}`,
      )
    })
  }
})

function attempt(check: (text: string) => void, text: string, what: string): void {
  try {
    check(text)
  } catch (error) {
    assert.fail(`${what}: ${JSON.stringify(text.slice(0, 200))}: ${String(error)}`)
  }
}
