import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PASS, type Verdict } from '../../../src/contract/check.ts'
import type { RequestFacts } from '../../../src/contract/request.ts'
import { compileCors, type OriginResolver } from '../../../src/checks/cors.ts'
import { startTimer, type StartTimer } from '../../../src/lib/timer.ts'
import { place } from '../../support/compile.ts'
import { answered, byName, type Cors, cors, from, preflight, refused, sent } from '../../support/cors.ts'

const APP = 'https://app.example.com'

/** Timers that ring when the test says so. */
function bells(): { start: StartTimer; ring: () => void; started: number[]; waiting: () => number } {
  const set = new Set<() => void>()
  const started: number[] = []
  return {
    started,
    start(ms, ring) {
      started.push(ms)
      set.add(ring)
      return () => set.delete(ring)
    },
    ring: () => set.forEach((ring) => ring()),
    waiting: () => set.size,
  }
}

async function actual(policy: Cors, request: RequestFacts = from(APP)): Promise<Record<string, unknown>> {
  const verdict = await policy.decide(request)
  return { verdict: verdict.type, origin: sent(policy, request)['Access-Control-Allow-Origin'] }
}

async function deniedReason(verdict: Verdict | Promise<Verdict>): Promise<string> {
  const { kind, reason, fields } = refused(await verdict)
  assert.equal(kind, 'cors.preflight-denied')
  assert.deepEqual(Object.keys(byName(fields ?? [])), ['Vary'])
  return reason
}

describe('a resolver', () => {
  test('COR-21: that says true allows; the fields are there once it has', async () => {
    for (const origins of [() => true, () => Promise.resolve(true)]) {
      const policy = cors({ origins, credentials: true })
      const request = from(APP)
      assert.deepEqual(policy.response.fields(request), [])
      assert.deepEqual(await actual(policy, request), { verdict: 'pass', origin: APP })
      assert.equal(
        byName(answered(await policy.decide(preflight(APP))).fields)['Access-Control-Allow-Origin'],
        APP,
      )
    }
  })

  test('COR-21: may take as long as its deadline says, whatever the policy says of checks', () => {
    const { check } = compileCors(place('cors'), { origins: () => true }, { exposed: [] })
    // Else the runner refuses the request, which a late resolver must not.
    assert.equal(check?.hasDeadline, true)
  })

  const notTrue: readonly (readonly [string, OriginResolver, RegExp])[] = [
    ['says false', () => false, /is not allowed/],
    ['says false later', () => Promise.resolve(false), /is not allowed/],
    [
      'throws',
      () => {
        throw new Error('password=hunter2')
      },
      /threw, or gave no boolean/,
    ],
    ['rejects', () => Promise.reject(new Error('password=hunter2')), /threw, or gave no boolean/],
    ...Object.entries({
      nothing: undefined,
      null: null,
      one: 1,
      text: 'true',
      object: {},
      list: [],
      code: () => true,
    }).map(
      ([name, value]) =>
        [
          `gives no boolean: ${name}`,
          (() => value) as unknown as OriginResolver,
          /threw, or gave no boolean/,
        ] as const,
    ),
    [
      'gives a truthy text later',
      (() => Promise.resolve('yes')) as unknown as OriginResolver,
      /gave no boolean/,
    ],
    [
      'gives an object whose then throws',
      (() => new Proxy({}, { get: () => assert.fail('password=hunter2') })) as unknown as OriginResolver,
      /gave no boolean/,
    ],
  ]
  for (const [what, origins, reason] of notTrue) {
    test(`COR-21: that ${what} denies, with Vary`, async () => {
      const policy = cors({ origins })
      assert.deepEqual(await actual(policy), { verdict: 'pass', origin: undefined })
      assert.equal(policy.response.vary, 'Origin')
      const told = await deniedReason(policy.decide(preflight(APP)))
      assert.match(told, reason)
      assert.ok(!told.includes('hunter2'))
      assert.equal(refused(await cors({ origins, block: true }).decide(from(APP))).kind, 'cors.origin-denied')
    })
  }

  test('COR-21: that does not answer in time denies, and what it says afterwards changes nothing', async () => {
    for (const settle of ['resolve', 'reject'] as const) {
      const timers = bells()
      let finish: () => void = () => undefined
      const origins: OriginResolver = () =>
        new Promise((resolve, reject) => {
          finish = () => (settle === 'resolve' ? resolve(true) : reject(new Error('late')))
        })
      const policy = cors({ origins, resolverDeadline: '250ms' }, { startTimer: timers.start })
      const request = from(APP)
      const verdict = policy.decide(request)
      timers.ring()
      const passed = await verdict
      assert.equal(passed.type === 'pass' && passed.warning?.kind, 'dependency.failed')
      finish()
      await Promise.resolve()
      assert.deepEqual(policy.response.fields(request), [])
      const asked = policy.decide(preflight(APP))
      timers.ring()
      assert.match(await deniedReason(asked), /did not answer before its deadline/)
      assert.deepEqual(timers.started, [250, 250])
    }
  })

  test('COR-21: has a second, unless the policy says otherwise', async () => {
    const timers = bells()
    const policy = cors({ origins: () => Promise.resolve(true) }, { startTimer: timers.start })
    await policy.decide(from(APP))
    assert.deepEqual(timers.started, [1000])
  })

  test('REQ-17: leaves no timer behind when it answers, and none keeps the process alive', async () => {
    const timers = bells()
    for (const origins of [() => Promise.resolve(true), () => Promise.reject(new Error('no'))]) {
      const verdict = cors({ origins }, { startTimer: timers.start }).decide(from(APP))
      assert.equal(timers.waiting(), 1)
      await verdict
      assert.equal(timers.waiting(), 0)
    }
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const cancel = startTimer(60_000, () => assert.fail('rang'))
    // Resources that are unref'd are not listed: they keep nothing alive.
    assert.equal(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length, before)
    cancel()
  })

  test('COR-21: whose response leaves before it was asked, or before it answers, gives no field', () => {
    const policy = cors({ origins: () => new Promise(() => undefined) }, { startTimer: bells().start })
    const request = from(APP)
    assert.deepEqual(policy.response.fields(request), [])
    void policy.decide(request)
    assert.deepEqual(policy.response.fields(request), [])
  })

  test('COR-21: is remembered for its request alone, not for the origin', async () => {
    let allow = true
    const policy = cors({ origins: () => allow })
    const first = from(APP)
    await policy.decide(first)
    allow = false
    const second = from(APP)
    await policy.decide(second)
    assert.equal(sent(policy, first)['Access-Control-Allow-Origin'], APP)
    assert.deepEqual(policy.response.fields(second), [])
  })

  test('COR-12: is asked about origins only: never without one, about null, or about rubbish', () => {
    const asked: string[] = []
    const request = from(APP)
    let given: RequestFacts | undefined
    const policy = cors({
      origins: (origin, facts) => {
        asked.push(origin)
        given = facts
        return true
      },
    })
    for (const origin of [undefined, 'null', 'rubbish', 'https://A.example', `${APP}/`, `${APP}, ${APP}`]) {
      assert.equal(policy.decide(from(origin)), PASS)
      assert.deepEqual(policy.response.fields(from(origin)), [])
    }
    assert.equal(policy.decide(request), PASS)
    assert.deepEqual(asked, [APP])
    assert.equal(given, request)
  })

  test('COR-12: has no say about null when the policy allows it', () => {
    const policy = cors({ origins: () => assert.fail('asked'), dangerouslyAllowNullOrigin: true })
    assert.equal(policy.decide(from('null')), PASS)
    answered(policy.decide(preflight('null')))
    assert.equal(sent(policy, from('null'))['Access-Control-Allow-Origin'], 'null')
  })

  test('an answer that is there at once is given at once', () => {
    const policy = cors({ origins: () => true })
    answered(policy.decide(preflight(APP)))
    refused(cors({ origins: () => false }).decide(preflight(APP)))
  })
})
