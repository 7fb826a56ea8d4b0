import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { ask } from '../src/ask.ts'
import { startStack } from '../src/stack-process.ts'
import { differences, verify, wrongAnswers } from '../src/verify.ts'
import { BODY, requestOf, SCENARIOS, STATUS, tokenFor } from '../src/workload.ts'

const floor = startStack('floor')
const gatehouse = startStack('gatehouse')
const express = startStack('express')
const all = [floor, gatehouse, express]

before(() => Promise.all(all.map((stack) => stack.listening())))
after(() => Promise.all(all.map((stack) => stack.end())))

test('the gate and its peer answer what they are measured for', async () => {
  assert.deepEqual(await wrongAnswers('gatehouse', gatehouse), [])
  assert.deepEqual(await wrongAnswers('express', express), [])
})

test('the floor is handed the bytes of the gate, without what node:http writes itself', async () => {
  const answers = await verify({ floor, gatehouse, express })
  for (const scenario of SCENARIOS) assert.equal(answers[scenario].status, STATUS[scenario])
  assert.equal(answers.allowed.body, BODY)
  const names = new Set(answers.allowed.fields.map((text) => text.toLowerCase()))
  for (const name of ['content-type', 'content-length', 'ratelimit', 'vary', 'cache-control']) {
    assert.ok(names.has(name), name)
  }
  for (const name of ['date', 'connection', 'keep-alive']) assert.ok(!names.has(name), name)
})

test('the floor checks nothing: it writes its answer to whoever asks', async () => {
  await floor.answerWith({ status: 200, fields: ['X-Floor', 'yes'], body: 'the same' })
  const got = await ask(floor.port, requestOf('401', ''))
  assert.deepEqual([got.status, got.body], [200, 'the same'])
})

test('a stack tells its processor time, and the gate its events', async () => {
  const earlier = await gatehouse.usage()
  await ask(gatehouse.port, requestOf('allowed', tokenFor('caller')))
  await ask(gatehouse.port, requestOf('401', ''))
  const later = await gatehouse.usage()
  assert.equal((later.events ?? 0) - (earlier.events ?? 0), 2)
  assert.ok(later.userMicros >= earlier.userMicros)
  assert.equal((await express.usage()).events, undefined)
})

test('a stack that guards nothing is found out, in every part', async () => {
  const server = createServer((_req, res) => res.end(BODY))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    const open = { port }
    const wrong = await wrongAnswers('open', open)
    assert.ok(wrong.includes('open, no token: status 200 instead of 401'))
    assert.ok(wrong.includes('open, a token that somebody else signed: status 200 instead of 401'))
    assert.ok(wrong.includes('open, a token without the scope: status 200 instead of 403'))
    assert.ok(wrong.includes('open, a good request: ratelimit is missing'))
    assert.ok(wrong.includes('open, a preflight: access-control-allow-methods is missing'))
    await assert.rejects(verify({ floor, gatehouse, express: open }), {
      name: 'WrongAnswers',
      message: /no token/,
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

const GATE = {
  status: 200,
  fields: ['Date', 'today', 'RateLimit', '"a";r=9;t=1', 'Vary', 'Origin'],
  body: 'x',
}
const FLOORS = [
  {
    name: 'another date and other numbers are no difference',
    floor: GATE.fields.with(1, 'later').with(3, '"a";r=10;t=1'),
  },
  { name: 'a missing field is', floor: GATE.fields.slice(0, 4), expected: ['lacks Vary: Origin'] },
  { name: 'one more field is', floor: [...GATE.fields, 'Server', 'x'], expected: ['has Server: x'] },
  {
    name: 'another value is',
    floor: GATE.fields.with(5, 'Accept'),
    expected: ['lacks Vary: Origin', 'has Vary: Accept'],
  },
  {
    name: 'a field that comes twice is',
    floor: [...GATE.fields, 'Vary', 'Origin'],
    expected: ['a field occurs more or less often'],
  },
]
for (const { name, floor: fields, expected = [] } of FLOORS) {
  test(`the floor beside the gate: ${name}`, () => {
    assert.deepEqual(differences(GATE, { ...GATE, fields }), expected)
  })
}

test('the floor beside the gate: status and body count as well', () => {
  assert.equal(differences(GATE, { ...GATE, status: 204, body: '' }).length, 2)
})

test('a stack that has ended says so, and ending it again is no error', async () => {
  const stack = startStack('floor')
  await stack.listening()
  await stack.end()
  await assert.rejects(stack.usage(), /ended|closed|channel/i)
  await stack.end()
})
