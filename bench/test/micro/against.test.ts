import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { compareCores, formatAgainst } from '../../src/micro/against.ts'

/** A core whose gates take several times as long for every request. */
const SLOW = `
export * from CORE
import { gatehouse as real } from CORE
export function gatehouse(policy) {
  const gate = real(policy)
  return {
    handler: (handle) => {
      const listener = gate.handler(handle)
      return (req, res) => {
        for (let end = performance.now() + 0.2; performance.now() < end; );
        listener(req, res)
      }
    },
  }
}
`

test('a core that was made slower is found, and which row it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-slow-'))
  try {
    const file = join(folder, 'slow.mjs')
    const built = import.meta.resolve('@gatehouse/core')
    await writeFile(file, SLOW.replaceAll('CORE', JSON.stringify(built)))
    const plan = {
      base: new URL(built),
      head: pathToFileURL(file),
      rows: [{ row: '401' }],
      rounds: 5,
      withinMs: 60_000,
      warmUpMs: 40,
      ms: 20,
      thresholds: { factor: 1.3, chance: 0.01 },
    }
    const [row, ...others] = await compareCores(plan, new AbortController().signal)
    assert.ok(row !== undefined && others.length === 0)
    assert.equal(row.row, '401')
    assert.equal(row.comparison.finding, 'worse')
    assert.match(formatAgainst([row], plan.thresholds), /│ 401 \(µs\) .* worse │/)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('what took too long was measured too seldom to tell anything', async () => {
  const core = new URL(import.meta.resolve('@gatehouse/core'))
  const rows = await compareCores(
    {
      base: core,
      head: core,
      rows: [{ row: '401' }],
      rounds: 9,
      withinMs: 1,
      warmUpMs: 1,
      ms: 1,
      thresholds: { factor: 1.3, chance: 0.01 },
    },
    new AbortController().signal,
  )
  assert.deepEqual(
    rows.map(({ comparison }) => comparison.finding),
    ['too few'],
  )
})
