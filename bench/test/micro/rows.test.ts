import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { test } from 'node:test'
import * as core from '@gatehouse/core'
import { answerOf, ExchangeLoop } from '../../src/micro/exchange-loop.ts'
import { ALL, NAMES, rowOf, withFloors } from '../../src/micro/rows.ts'
import { built, variant } from '../../src/micro/variants.ts'
import { WEIGH } from '../../src/micro/weigh.ts'
import { WEIGHTS } from '../../src/micro/weights.ts'
import { wiresOf } from '../../src/micro/wire.ts'

const QUICK_MS = 1

/** Rows that make a million keys, or are measured from outside. */
const SLOW = new Set(['limiter decision', 'random read', ...Object.keys(WEIGHTS)])

test('every row does what it is measured for: a gate that answers otherwise is not measured', async () => {
  for (const name of withFloors(NAMES)) {
    if (SLOW.has(name)) continue
    const measure = await rowOf(name).prepare(core)
    const nanos = await measure(QUICK_MS)
    assert.ok(nanos > 0, name)
  }
})

test('every weight can be measured', () => {
  assert.deepEqual(Object.keys(WEIGH).toSorted(), Object.keys(WEIGHTS).toSorted())
})

test('what the core is compared to is less and less of it, and loads what it loads', async () => {
  const [least, minified, modules] = await Promise.all([
    variant('least'),
    variant('minified'),
    variant('modules'),
  ])
  const namesOf = async (url: URL): Promise<readonly string[]> =>
    Object.keys((await import(url.href)) as object).toSorted()
  assert.deepEqual(await namesOf(least), ['gatehouse', 'jwt'])
  assert.deepEqual(await namesOf(minified), Object.keys(core).toSorted())
  assert.deepEqual(await namesOf(modules), [])
  const sizeOf = async (url: URL): Promise<number> => (await stat(url)).size
  assert.ok((await sizeOf(least)) < (await sizeOf(minified)))
  assert.ok((await sizeOf(minified)) < (await sizeOf(built())))
  assert.match(await readFile(modules, 'utf8'), /^import "node:crypto"$/m)
})

test('what is taken off a row is a row, of the same unit', () => {
  for (const [name, { over, unit }] of Object.entries(ALL)) {
    if (over === undefined) continue
    assert.equal(ALL[over]?.unit, unit, name)
  }
})

test('floors cannot be asked for, and come with what they are the floor of', () => {
  assert.ok(!NAMES.includes('floor of allowed'))
  assert.deepEqual(withFloors(['allowed', 'allowed, writeHead']), [
    'floor of allowed',
    'allowed',
    'allowed, writeHead',
  ])
})

test('a request without a network has its fields, ends, and is told of its end', async () => {
  const heard: string[] = []
  const loop = new ExchangeLoop(
    (req, res) => {
      heard.push(req.headers.authorization ?? '', req.url ?? '')
      res.on('finish', () => heard.push('finish')).on('close', () => heard.push('close'))
      res.writeHead(201, ['X-One', 'a: b'])
      res.end('{}')
    },
    wiresOf(['abc'], { target: '/one?two' }),
  )
  const answer = answerOf(await loop.one())
  // How long the content is node:http did not know when the fields left.
  assert.equal(answer.status, 201)
  assert.deepEqual(answer.fields.slice(0, 2), ['X-One', 'a: b'])
  assert.deepEqual(heard, ['Bearer abc', '/one?two', 'finish', 'close'])
})
