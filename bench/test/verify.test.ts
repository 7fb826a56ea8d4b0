import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { answerOf, differences, wrongAnswers } from '../src/verify.ts'
import { BODY } from '../src/workload.ts'

test('a stack that guards nothing is found out, in every part', async () => {
  const server = createServer((_req, res) => res.end(BODY))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    const wrong = await wrongAnswers('open', { port })
    for (const expected of [
      'open, a good request: x-content-type-options is missing',
      'open, a good request: nothing tells of a limit',
      'open, no token: status 200 instead of 401',
      'open, a token that somebody else signed: status 200 instead of 401',
      'open, a token that was changed: status 200 instead of 401',
      'open, an expired token: status 200 instead of 401',
      'open, a token for somebody else: status 200 instead of 401',
      'open, a token of another issuer: status 200 instead of 401',
      'open, a token without the scope: status 200 instead of 403',
      'open, a preflight: access-control-allow-methods is missing',
    ])
      assert.ok(wrong.includes(expected), expected)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

test('what a server writes of its own accord is no part of an answer', () => {
  const fields = ['Date', 'today', 'X-Own', 'yes', 'Connection', 'keep-alive']
  assert.deepEqual(answerOf({ status: 200, fields, body: '' }).fields, ['X-Own', 'yes'])
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
