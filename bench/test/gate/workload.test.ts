import assert from 'node:assert/strict'
import { verify } from 'node:crypto'
import { test } from 'node:test'
import { timesOf } from '../../src/foreign-stack.ts'
import { SCENARIO_NAMES, SCENARIOS } from '../../src/gate/scenarios.ts'
import { nginxConfig } from '../../src/gate/stacks.ts'
import { keysOf, mint, mintMany } from '../../src/gate/tokens.ts'
import { setUpAlike, World } from '../../src/gate/world.ts'
import { Pace } from '../../src/pace.ts'
import { readSetup } from '../../src/stacks/setup.ts'

const { signal } = new AbortController()

test('a token is signed by the key that stacks verify it with', async () => {
  for (const algorithm of ['RS256', 'EdDSA'] as const) {
    const keys = keysOf(algorithm)
    const [head = '', payload = '', signature = ''] = (await mint(keys, 'caller')).split('.')
    const hash = algorithm === 'RS256' ? 'sha256' : null
    const data = Buffer.from(`${head}.${payload}`)
    assert.ok(verify(hash, data, keys.verify, Buffer.from(signature, 'base64url')), algorithm)
    assert.equal((JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg: string }).alg, algorithm)
  }
})

test('tokens that are seen once differ, and are made once', async () => {
  const tokens = await mintMany(keysOf('HS256'), 200, signal)
  assert.equal(new Set(tokens).size, 200)
  const world = new World()
  const scenario = SCENARIOS['distinct-hs256']
  assert.equal(await world.tokens(scenario, signal, 400), await world.tokens(scenario, signal, 400))
  const stop = AbortSignal.abort(new Error('stop'))
  await assert.rejects(mintMany(keysOf('HS256'), 200, stop), /stop/)
})

test('every scenario sends something, and scenarios that are set up alike are verified together', () => {
  for (const name of SCENARIO_NAMES) {
    const { send, tokens } = SCENARIOS[name]
    assert.equal(send(Array.from({ length: tokens }, String)).length, Math.max(1, tokens), name)
  }
  assert.deepEqual(setUpAlike(['allowed', 'rs256', '401', '429', 'distinct-rs256']), [
    ['allowed', '401'],
    ['rs256', 'distinct-rs256'],
    ['429'],
  ])
})

test('a stack reads the set-up that it is started with, and has the usual one when it is told nothing', () => {
  const world = new World()
  const setup = world.setup(SCENARIOS['429'])
  assert.equal(setup.limit, 5)
  assert.deepEqual(readSetup(JSON.stringify(setup)), setup)
  assert.equal(readSetup(undefined).algorithm, 'HS256')
})

test('a pace lets requests go evenly, and counts what they waited for', () => {
  const pace = new Pace(1000, 0)
  const sent: string[] = []
  const clientOf = (name: string): { _doRequest: () => void } => ({ _doRequest: () => void sent.push(name) })
  const [one, two] = [clientOf('one'), clientOf('two')]
  for (const client of [one, two]) {
    pace.hold(client)
    client._doRequest()
  }
  pace.turn(0)
  assert.deepEqual(sent, ['one'])
  pace.turn(0.9)
  assert.deepEqual(sent, ['one'])
  pace.turn(1)
  assert.deepEqual(sent, ['one', 'two'])
  assert.equal(pace.since(two, 4), 3)
  // Nobody is free until 5: the request that was due at 2 has waited since.
  pace.turn(5)
  one._doRequest()
  pace.turn(5)
  assert.equal(pace.since(one, 5), 3)
})

test('what Linux tells of a process is read behind its name, whatever that is', () => {
  const rest = ['S', ...Array.from({ length: 20 }, (_, index) => String(index + 1))]
  const times = timesOf(`42 (a ) b (c) ${rest.join(' ')}`)
  assert.deepEqual(times, { userMicros: 110_000, systemMicros: 120_000 })
})

test('nginx is told the fields of the gate, quoted', () => {
  const answer = {
    status: 403,
    fields: ['Content-Type', 'application/json', 'Content-Length', '2', 'X-A', `it's "so"`],
    body: '{}',
  }
  const config = nginxConfig('/nowhere', 1234, answer)
  assert.match(config, /add_header X-A 'it\\'s "so"' always;/)
  assert.match(config, /default_type 'application\/json';/)
  assert.match(config, /return 403 '{}';/)
  assert.doesNotMatch(config, /Content-Length/)
  assert.throws(() => nginxConfig('/nowhere', 1, { ...answer, body: '$host' }), RangeError)
})
