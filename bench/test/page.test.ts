import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { draw } from '../src/page/draw.ts'
import { DOCS, keptResults } from '../src/page/files.ts'
import { pageOf } from '../src/page/page.ts'
import type { Plot } from '../src/page/plot.ts'
import { PARTS } from '../src/parts.ts'

const BARS: Plot = {
  name: 'bars',
  title: 'What it takes',
  unit: 'µs',
  form: { type: 'bars', bars: [{ name: 'a <name>', value: 2, low: 1, high: 3 }] },
}
const LINES: Plot = {
  name: 'lines',
  title: 'How it grows',
  unit: 'µs',
  form: {
    type: 'lines',
    of: 'routes',
    lines: [
      {
        name: 'request',
        points: [
          [1, 2],
          [10, 20],
        ],
      },
    ],
  },
}

test('docs/benchmarks.md is what the results that are kept give: npm run bench -- --report', async () => {
  const kept = await keptResults()
  // Before anything was measured there is no page.
  assert.equal(existsSync(new URL('benchmarks.md', DOCS)), kept.length > 0)
  if (kept.length === 0) return
  const files = pageOf(PARTS, kept)
  for (const [path, text] of Object.entries(files))
    assert.equal(await readFile(new URL(path, DOCS), 'utf8'), text, path)
  const pictures = readdirSync(new URL('benchmarks/', DOCS)).map((name) => `benchmarks/${name}`)
  assert.deepEqual(
    pictures.toSorted(),
    Object.keys(files)
      .filter((path) => path.endsWith('.svg'))
      .toSorted(),
  )
})

test('a picture is the same each time it is drawn', () => {
  const first = draw(BARS)
  draw(LINES)
  assert.equal(draw(BARS), first)
})

test('a picture says its title, its unit and its names, and has no markup of theirs', () => {
  const svg = draw(BARS)
  for (const text of ['What it takes', 'µs', 'a &lt;name&gt;']) assert.ok(svg.includes(text), text)
  assert.ok(draw(LINES).includes('routes'))
})

test('on dark paper every colour has another', () => {
  for (const plot of [BARS, LINES]) {
    const svg = draw(plot)
    const rules = /<style>@media \(prefers-color-scheme:dark\)\{(.*?)\}<\/style>/.exec(svg)?.[1] ?? ''
    const colours = new Set(
      [...svg.replace(rules, '').matchAll(/\b(?:fill|stroke)(?:="|:)(#\w+)/g)].map(([, colour]) => colour),
    )
    assert.ok(colours.size > 2)
    for (const colour of colours) assert.ok(rules.includes(`[fill="${colour}"]`), `${colour} of ${plot.name}`)
  }
})
