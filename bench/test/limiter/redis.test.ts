import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { measureInRedis } from '../../src/limiter/in-redis.ts'
import { LIMITED } from '../../src/limiter/limited-stack.ts'
import { fieldOf, startRedis } from '../../src/limiter/redis-server.ts'
import { readLimit, wordsOf } from '../../src/limiter/stacks/limit.ts'
import { answerOfGate } from '../../src/limiter/verify-limited.ts'
import { wrongLimits } from '../../src/verify.ts'
import { BODY, requestWith } from '../../src/workload.ts'

const isThere = spawnSync(process.env['REDIS_SERVER'] ?? 'redis-server', ['--version']).status === 0
const skip =
  !isThere && process.env['GATEHOUSE_REQUIRE_ALL'] !== '1' ? 'redis-server is not installed' : false

test('every stack is seen to limit in Redis before it is measured', { skip }, async () => {
  const redis = await startRedis()
  assert.ok(typeof redis !== 'string', 'it could not be started')
  try {
    const told: string[] = []
    const watcher = {
      begins: () => undefined,
      measured: (where: string) => void told.push(where),
    }
    const timing = { rounds: 1, seconds: 1 }
    const samples = await measureInRedis(redis, timing, watcher, new AbortController().signal)
    assert.deepEqual(samples.map(({ stack }) => stack).toSorted(), [...LIMITED].toSorted())
    assert.ok(samples.every(({ cpuMicros, perSecond }) => cpuMicros > 0 && perSecond > 0))
    const beside = new Map(samples.map(({ stack, besideMicros }) => [stack, besideMicros ?? 0]))
    // The floor asks nobody.
    for (const name of LIMITED.slice(1)) {
      assert.ok((beside.get(name) ?? 0) > (beside.get('floor') ?? 0), name)
    }
    assert.equal(told.length, LIMITED.length)
  } finally {
    await redis.end()
  }
})

test('where there is no redis-server, it says so', async () => {
  assert.equal(
    await startRedis('no-such-redis-server'),
    'no-such-redis-server is not installed (REDIS_SERVER names another)',
  )
})

test('a program that is no redis-server is an error, and no reason to skip', async () => {
  await assert.rejects(startRedis(process.execPath), /did not start/)
})

test('a stack that limits nothing, or everything, is found out', async () => {
  let status = 200
  const server = createServer((_req, res) => res.writeHead(status).end(BODY))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const sent = requestWith(undefined)
  try {
    assert.deepEqual(await wrongLimits('open', { port }, 2, sent), [
      'open, request 3 of 2: status 200 instead of 429',
      'open, request 4 of 2: status 200 instead of 429',
    ])
    status = 429
    assert.deepEqual(await wrongLimits('shut', { port }, 1, sent), [
      'shut, request 1 of 1: status 429 instead of 200',
    ])
    const floor = { port, answerWith: () => Promise.resolve() }
    await assert.rejects(answerOfGate(floor, { port }), { name: 'WrongAnswers', message: /answers 429/ })
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

test('a stack is told its limit in words', () => {
  const limit = { port: 6379, limit: 5, seconds: 60 }
  assert.deepEqual(readLimit(wordsOf(limit)), limit)
})

test('a field of INFO is read to the end of its line, and one that is missing is an error', () => {
  const info = '# CPU\r\nused_cpu_sys:1.5\r\nused_cpu_sys_children:0.1\r\n'
  assert.equal(fieldOf(info, 'used_cpu_sys'), '1.5')
  assert.throws(() => fieldOf(info, 'used_cpu_user'), /used_cpu_user/)
})
