import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Journey, run, type Step } from '../../src/chain/runner.ts'
import {
  answer,
  PASS,
  passAs,
  passGranting,
  passWith,
  refuse,
  type Verdict,
} from '../../src/contract/check.ts'
import type { Facts } from '../../src/request/facts.ts'
import { facts } from '../support/facts.ts'

const step = (name: string, decide: () => Verdict | Promise<Verdict>, shadow = false): Step => ({
  check: { name, decide },
  shadow,
})

function journey(): Journey & { readonly heard: string[] } {
  const heard: string[] = []
  return {
    facts: { ...facts(), principal: undefined, abort: () => undefined } as unknown as Facts,
    fields: [],
    lines: '',
    deadline: { ms: 50, startTimer: () => () => undefined },
    isOver: false,
    heard,
    onShadow: (check, refusal) => heard.push(`shadow ${check} ${refusal.kind}`),
    onWarning: (check, warning) => heard.push(`warning ${check} ${warning.kind}`),
    onGrant: (grant) => heard.push(`grant ${grant.reason ?? ''}`),
    onPassed: () => undefined,
    onThrow: (check) => heard.push(`throw ${check}`),
  }
}

describe('the runner', () => {
  test('is synchronous while the checks are', () => {
    assert.equal(run([step('a', () => PASS), step('b', () => PASS)], journey()), undefined)
  })

  test('REQ-14: asks no further check once the request was answered while one waited', async () => {
    const asked: string[] = []
    let isOver = false
    const steps = [
      step('a', async () => (asked.push('a'), (isOver = true), PASS)),
      step('b', () => (asked.push('b'), PASS)),
    ]
    const told = journey()
    Object.defineProperty(told, 'isOver', { get: () => isOver })
    assert.equal(await run(steps, told), undefined)
    assert.deepEqual(asked, ['a'])
  })

  test('waits for a check that returns a promise, and goes on', async () => {
    const order: string[] = []
    const steps = [
      step('a', () => (order.push('a'), Promise.resolve(PASS))),
      step('b', () => (order.push('b'), PASS)),
    ]
    const result = run(steps, journey())
    assert.ok(result instanceof Promise)
    assert.equal(await result, undefined)
    assert.deepEqual(order, ['a', 'b'])
  })

  test('stops at the first refusal', () => {
    const verdict = refuse('limit.exceeded', 'too many')
    const stop = run([step('a', () => verdict), step('b', () => assert.fail('ran on'))], journey())
    assert.deepEqual(stop, { check: 'a', verdict })
  })

  test('stops at an answer', () => {
    const verdict = answer(204, [], { kind: 'request.preflight' })
    assert.deepEqual(run([step('a', () => verdict), step('b', () => assert.fail('ran on'))], journey()), {
      check: 'a',
      verdict,
    })
  })

  test('AZ-03: a check that throws or rejects is a refusal, and is heard', async () => {
    const steps: readonly Step[] = [
      step('sync', () => {
        throw new Error('no')
      }),
      step('async', () => Promise.reject(new Error('no'))),
    ]
    for (const each of steps) {
      const way = journey()
      const stop = await run([each], way)
      assert.equal(stop?.verdict.type === 'refusal' && stop.verdict.kind, 'check.failed')
      assert.deepEqual(way.heard, [`throw ${each.check.name}`])
    }
  })

  test('keeps the fields of every pass, and who is calling', () => {
    const way = journey()
    const caller = { scheme: 'test', subject: 'a', issuer: undefined, scopes: [], roles: [] }
    void run(
      [
        step('a', () => passWith(['A', '1'])),
        step('b', () => passAs(caller)),
        step('c', () => passWith(['B', '2'])),
      ],
      way,
    )
    assert.deepEqual(way.fields, ['A', '1', 'B', '2'])
    assert.equal(way.facts.principal, caller)
  })

  test('AZ-03: a check that does not answer in time is a refusal, whatever it says later', async () => {
    let ring: () => void = () => assert.fail('no timer was started')
    let say: (verdict: Verdict) => void = () => undefined
    const started: number[] = []
    const way: Journey = {
      ...journey(),
      deadline: {
        ms: 50,
        startTimer(ms, over) {
          started.push(ms)
          ring = over
          return () => undefined
        },
      },
    }
    const stop = run([step('a', () => new Promise((resolve) => (say = resolve)))], way)
    ring()
    const stopped = await stop
    say(PASS)
    assert.equal(stopped?.verdict.type === 'refusal' && stopped.verdict.kind, 'dependency.failed')
    assert.deepEqual(started, [50])
  })

  test('IDM-01: what a check took for a request that it answered too late for is given up', async () => {
    let ring: () => void = () => assert.fail('no timer was started')
    let say: (verdict: Verdict) => void = () => undefined
    const deadline = {
      ms: 50,
      startTimer(_ms: number, over: () => void) {
        ring = over
        return () => undefined
      },
    }
    const heard: string[] = []
    const capture = {
      maxBytes: 1,
      onResponse: () => void heard.push('response'),
      onRefused: async () => {
        heard.push('refused')
        return Promise.reject(new Error('down'))
      },
    }
    const stop = run([step('a', () => new Promise((resolve) => (say = resolve)))], { ...journey(), deadline })
    ring()
    assert.equal((await stop)?.verdict.type, 'refusal')
    say({ ...PASS, capture })
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(heard, ['refused'])
  })

  test('REQ-17: the timer of a check that answers in time is cancelled', async () => {
    let cancelled = 0
    const deadline = { ms: 50, startTimer: () => () => void cancelled++ }
    await run([step('a', () => Promise.resolve(PASS))], { ...journey(), deadline })
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(cancelled, 1)
  })

  test('DEP-04: in shadow mode a refusal is heard and goes on', () => {
    const way = journey()
    assert.equal(
      run([step('a', () => refuse('limit.exceeded', 'x'), true), step('b', () => PASS)], way),
      undefined,
    )
    assert.deepEqual(way.heard, ['shadow a limit.exceeded'])
  })

  test('DEP-04: in shadow mode nothing is answered either', () => {
    const way = journey()
    assert.equal(run([step('a', () => answer(204, [], { kind: 'request.preflight' }), true)], way), undefined)
    assert.deepEqual(way.heard, [])
  })

  test('AZ-08: what a check granted is heard, in shadow mode too', () => {
    const way = journey()
    const grant = { reason: 'the owner', object: undefined }
    assert.equal(
      run([step('a', () => passGranting(grant)), step('b', () => passGranting(grant), true)], way),
      undefined,
    )
    assert.deepEqual(way.heard, ['grant the owner', 'grant the owner'])
  })

  test('RL-15: in shadow mode a pass adds no field', () => {
    const way = journey()
    void run([step('a', () => passWith(['A', '1']), true)], way)
    assert.deepEqual(way.fields, [])
  })

  test('a shadowed check that waits goes on, too', async () => {
    const way = journey()
    assert.equal(
      await run([step('a', () => Promise.resolve(refuse('limit.exceeded', 'x')), true)], way),
      undefined,
    )
    assert.deepEqual(way.heard, ['shadow a limit.exceeded'])
  })
})
