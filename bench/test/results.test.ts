import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { describeMachine } from '../src/machine.ts'
import { chosen, chosenBeside, part } from '../src/part.ts'
import { keepResults, readResults, writeResults } from '../src/results.ts'

test('results are read as they were written, to a few digits', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  try {
    const file = join(folder, 'gate.json')
    const machine = describeMachine()
    await writeResults(file, { machine, measured: [{ part: 'gate', plan: {}, results: { p99: 1.234567 } }] })
    const read = await readResults(file)
    assert.deepEqual(read.measured, [{ part: 'gate', plan: {}, results: { p99: 1.2346 } }])
    assert.equal(read.machine.versions['fastify'], machine.versions['fastify'])
    assert.match(await readFile(file, 'utf8'), /\n$/)
    await writeFile(file, '{}')
    await assert.rejects(readResults(file), /has no results of the bench/)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

interface Sum {
  readonly sum: number
}
const sums = part<object, Sum>({
  name: 'sums',
  about: 'of the test',
  when: { full: true, quick: true },
  axes: {},
  plan: () => ({}),
  outline: () => '',
  seconds: () => 0,
  measure: () => Promise.reject(new Error('it is not measured')),
  format: () => '',
  merge: (earlier, now) => ({ ...now, results: { sum: earlier.results.sum + now.results.sum } }),
})

test('a part is kept beside what there was where it can be, in its place where not, and never beside another machine', async () => {
  const folder = pathToFileURL(`${await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))}/`)
  try {
    const machine = describeMachine()
    const other = { ...machine, cpu: 'another' }
    const one = { part: 'sums', plan: {}, results: { sum: 1 } }
    const now = async (): Promise<unknown> =>
      (await readResults(new URL('sums.json', folder))).measured.map(({ results }) => results)
    await keepResults(sums, false, machine, one, folder)
    await keepResults(sums, false, machine, one, folder)
    assert.deepEqual(await now(), [{ sum: 2 }])
    await assert.rejects(keepResults(sums, false, other, one, folder), /another machine: measure sums whole/)
    assert.deepEqual(await now(), [{ sum: 2 }])
    await keepResults({ name: 'sums', merge: undefined }, false, machine, one, folder)
    assert.deepEqual(await now(), [{ sum: 1 }])
    await keepResults(sums, true, other, one, folder)
    assert.deepEqual(await now(), [{ sum: 1 }])
    // What is no file of results is not written over.
    await writeFile(new URL('sums.json', folder), '{}')
    await assert.rejects(keepResults(sums, true, machine, one, folder), /has no results of the bench/)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('rows that are named are measured in the order of the part, the first of them always beside', () => {
  const all = ['floor', 'one', 'two'] as const
  assert.deepEqual(chosen(all, { only: ['two', 'one'] }), ['one', 'two'])
  assert.deepEqual(chosen(all, { only: ['other'] }, ['one']), ['one'])
  assert.deepEqual(chosenBeside(['floor'], all, { only: ['two'] }), ['floor', 'two'])
})
