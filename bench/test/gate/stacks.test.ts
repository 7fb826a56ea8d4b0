import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ask } from '../../src/ask.ts'
import { startApp, verifyApps } from '../../src/adapters/run.ts'
import { SCENARIO_NAMES, SCENARIOS } from '../../src/gate/scenarios.ts'
import { type StackName, STACKS } from '../../src/gate/stacks.ts'
import { takesPart, verifyStacks, withStack } from '../../src/gate/verify-stacks.ts'
import { World } from '../../src/gate/world.ts'
import { OWN_NODE } from '../../src/nodes.ts'
import type { Stack } from '../../src/stack-process.ts'
import { wrongAnswers } from '../../src/verify.ts'
import { BODY, requestWith } from '../../src/workload.ts'

const world = new World()
const { signal } = new AbortController()
const place = { world, node: OWN_NODE, signal }
after(() => world.end())

const start = (name: StackName): Promise<Stack> =>
  STACKS[name].start(world.setup(SCENARIOS.allowed), OWN_NODE)

for (const name of ['express', 'fastify-cache', 'koa', 'hono', 'node-http'] as const) {
  test(`${name} does the work of the gate`, async () => {
    await withStack(await start(name), async (stack) => {
      assert.deepEqual(await wrongAnswers(name, stack, world.keys('HS256')), [])
    })
  })
}

test('the floor is handed the bytes of the gate, without what node:http writes itself', async () => {
  const { answers, status } = await verifyStacks(
    ['allowed', '429', 'preflight'],
    ['floor', 'floor-text', 'gatehouse'],
    place,
  )
  assert.equal(answers.get('allowed')?.body, BODY)
  assert.deepEqual(
    (['allowed', '429', 'preflight'] as const).map((scenario) => status(scenario, 'floor')),
    [200, 429, 204],
  )
  const names = new Set(answers.get('allowed')?.fields.map((text) => text.toLowerCase()))
  for (const name of ['content-type', 'content-length', 'ratelimit', 'vary', 'cache-control'])
    assert.ok(names.has(name), name)
  for (const name of ['date', 'connection', 'keep-alive']) assert.ok(!names.has(name), name)
})

test('the floor of Redis charges a client and a caller there, and writes the same bytes', async (t) => {
  const redis = await world.redis()
  if (typeof redis === 'string') {
    t.skip(redis)
    return
  }
  const stacks = ['floor', 'floor-redis', 'gatehouse', 'gatehouse-lease'] as const
  const { answers } = await verifyStacks(['redis'], stacks, place)
  assert.equal(answers.get('redis')?.body, BODY)
  await redis.empty()
  await withStack(
    await STACKS['floor-redis'].start(world.setup(SCENARIOS.redis), OWN_NODE),
    async (stack) => {
      await stack.answerWith({ status: 200, fields: ['Content-Length', '2'], body: '{}' })
      assert.deepEqual([(await ask(stack.port, requestWith(undefined))).body, await redis.keys()], ['{}', 2])
    },
  )
})

test('stacks that are for some scenarios take no part in others', () => {
  assert.equal(takesPart('floor-redis', 'redis'), true)
  assert.equal(takesPart('floor-redis', 'allowed'), false)
  assert.equal(takesPart('express', 'redis'), false)
  assert.equal(takesPart('gatehouse-lease', 'sustained'), false)
})

test('a stack that answers wrongly is told by name, and nothing is measured', async () => {
  const table = { ...STACKS, koa: { ...STACKS.koa, start: STACKS.floor.start } }
  await assert.rejects(verifyStacks(['401'], ['koa'], { ...place, table }), {
    name: 'WrongAnswers',
    message: /^ {2}koa, no token: status 500 instead of 401$/m,
  })
})

test('a stack tells its processor time and its memory, and the gate its events', async () => {
  await withStack(await start('gatehouse'), async (stack) => {
    const earlier = await stack.usage()
    await ask(stack.port, requestWith(undefined))
    const later = await stack.usage()
    assert.equal((later.events ?? 0) - (earlier.events ?? 0), 1)
    assert.ok(later.userMicros >= earlier.userMicros)
    assert.ok(later.rssBytes > 1e6)
  })
})

test('a stack that has ended says so, and ending it again is no error', async () => {
  const stack = await start('floor')
  await stack.listening()
  await stack.end()
  await assert.rejects(stack.usage(), /ended|closed|channel/i)
  await stack.end()
})

test('an app without middleware writes the bytes of the same app behind its adapter', async () => {
  const { status, body } = await verifyApps('hono', place)
  assert.deepEqual([status, body], [200, BODY])
  // And it checks nothing.
  await withStack(startApp('hono', 'bare', place), async (stack) => {
    assert.equal((await ask(stack.port, requestWith(undefined))).status, 200)
  })
})

test('who lacks a scenario, or is not meant by it, takes no part', () => {
  assert.ok(takesPart('express', 'rs256'))
  assert.ok(!takesPart('express', 'ed25519'))
  assert.ok(!takesPart('fastify', 'redis'))
  assert.ok(takesPart('floor', 'sustained'))
  // It stands beside what is answered instead of what is allowed, and beside nothing else.
  assert.deepEqual(
    SCENARIO_NAMES.filter((name) => takesPart('floor-allowed', name)),
    ['401', '403', '429', 'preflight', 'preflight-refused'],
  )
})
