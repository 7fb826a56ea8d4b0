import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { describeMachine } from '../src/machine.ts'
import { chosen, chosenBeside } from '../src/part.ts'
import { readResults, writeResults } from '../src/results.ts'

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

test('rows that are named are measured in the order of the part, the first of them always beside', () => {
  const all = ['floor', 'one', 'two'] as const
  assert.deepEqual(chosen(all, { only: ['two', 'one'] }), ['one', 'two'])
  assert.deepEqual(chosen(all, { only: ['other'] }, ['one']), ['one'])
  assert.deepEqual(chosenBeside('floor', all, { only: ['two'] }), ['floor', 'two'])
})
