import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Batcher } from '../src/batch.ts'
import { takeCall } from '../src/calls.ts'
import { Keys } from '../src/keys.ts'
import { Runner } from '../src/runner.ts'

const quota = { limit: 5, windowMs: 60_000 }

/** A batcher on a client whose answers come when they are told to, with timers that ring when they are told to. */
function bench() {
  const sent: string[] = []
  const answers: ((reply: unknown) => void)[] = []
  const rings: (() => void)[] = []
  const evalsha = (_sha1: string, _keys: string[], args: string[]): Promise<unknown> => {
    sent.push(args[3] ?? '')
    return new Promise((resolve) => answers.push(resolve))
  }
  const runner = new Runner({ evalsha, eval: () => assert.fail('it is known'), ready: () => true })
  const batcher = new Batcher(runner, undefined, (_ms, ring) => void rings.push(ring))
  const keys = new Keys('gatehouse', 1)
  return {
    sent,
    answers,
    rings,
    ask: async (key: string) => {
      const place = keys.placeOf(key)
      const [outcome] = await batcher.ask(place.tag, takeCall([{ key, quota, cost: 1 }], [place]))
      return outcome
    },
    turn: () => new Promise((resolve) => setImmediate(() => setImmediate(resolve))),
  }
}

const QUOTA = '"quota","g",5,60000,1'

describe('scripts on their way', () => {
  test('RL-07: what is asked while a script is on its way goes out together when that is answered', async () => {
    const { sent, answers, ask, turn } = bench()
    const first = ask('a')
    await turn()
    const second = ask('a')
    await turn()
    const third = ask('b')
    await turn()
    assert.deepEqual(sent, [`[${QUOTA},"take",1,1,2,1,1]`])
    answers[0]?.(['7 1 4 12000'])
    assert.deepEqual(await first, { allowed: true, remaining: 4, resetMs: 12_000, retryAfterMs: 0 })
    await turn()
    assert.deepEqual(sent.slice(1), [`[${QUOTA},"take",1,1,2,1,1,"take",1,3,4,1,1]`])
    answers[1]?.(['8 1 3 24000 2 0 9 9'])
    assert.equal((await second)?.remaining, 3)
    assert.deepEqual(await third, {
      allowed: false,
      remaining: 0,
      resetMs: 9,
      retryAfterMs: 9,
      blocked: true,
    })
  })

  test('RL-07: an answer that takes long holds up what comes after it for a moment only', async () => {
    const { sent, answers, rings, ask, turn } = bench()
    void ask('a')
    await turn()
    const second = ask('b')
    await turn()
    assert.equal(sent.length, 1)
    for (const ring of rings.splice(0)) ring()
    assert.equal(sent.length, 2)
    answers[1]?.(['7 0 0 12000 300'])
    assert.deepEqual(await second, { allowed: false, remaining: 0, resetMs: 12_000, retryAfterMs: 300 })
  })

  for (const [what, reply] of [
    ['no list', '7 1 4 12000'],
    ['nothing', []],
    ['too little', ['7 1 4']],
    ['too much', ['7 1 4 12000 1']],
    ['a text too many', ['7 1 4 12000', 'text']],
    ['what is no number', ['7 1 4 12x00']],
    ['an empty number', ['7 1  12000']],
    ['what is not counted exactly', ['7 1 4 9007199254740993']],
    ['another outcome', ['7 4 4 12000 1']],
  ] as const) {
    test(`RL-08: a reply that is ${what} is none`, async () => {
      const { answers, ask, turn } = bench()
      const asked = assert.rejects(ask('a'), /Redis gave/)
      await turn()
      answers[0]?.(reply)
      await asked
    })
  }
})
