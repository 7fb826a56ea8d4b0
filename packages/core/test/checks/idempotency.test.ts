import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileIdempotency, type IdempotencyContext } from '../../src/checks/idempotency.ts'
import type { Answer, Capture, CapturedResponse, Verdict } from '../../src/contract/check.ts'
import { NO_GUARD } from '../../src/contract/guard.ts'
import type { Principal } from '../../src/contract/principal.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import type { Records } from '../../src/contract/store.ts'
import { parseAuthority } from '../../src/lib/authority.ts'
import { parseIp } from '../../src/lib/ip.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { type MovableClock, movableClock } from '../support/clock.ts'
import { mistakesAt, place } from '../support/compile.ts'
import { facts, type FactsInit } from '../support/facts.ts'
import { fieldOf } from '../support/guards.ts'
import { changedStore } from '../support/token-endpoint.ts'

const UUID = '"8e03978e-40d5-43e8-bc93-6894a57f9324"'
const alice: Principal = { scheme: 'test', subject: 'alice', issuer: 'us', scopes: [], roles: [] }
const RESPONSE: CapturedResponse = { status: 201, fields: ['Location', '/1'], body: Buffer.from('made') }

interface Bench {
  readonly clock: MovableClock
  readonly ask: (init?: AskInit) => Promise<Verdict>
  /** `pass`, the kind of a refusal, or the status that is sent again. */
  readonly outcome: (init?: AskInit) => Promise<string>
  /** Asks, has to get through, and gives what the check wants of the response. */
  readonly capture: (init?: AskInit) => Promise<Capture>
}

interface AskInit extends Omit<FactsInit, 'fields' | 'content'> {
  readonly key?: string | readonly string[] | undefined
  readonly type?: string
  readonly encoding?: string
  /** What the content hashes to; `undefined` where there is too much of it. */
  readonly digest?: string | undefined
  readonly late?: boolean
  /** Whether the connection ended before all of the content had come. */
  readonly isCut?: boolean
}

function request({ key = UUID, type, encoding, late, ...init }: AskInit): RequestFacts {
  const digest = 'digest' in init ? init.digest : 'digest of the content'
  const keys = typeof key === 'string' ? [key] : key
  return facts({
    method: 'POST',
    path: '/orders',
    principal: alice,
    ...init,
    content: {
      digest: () => (late === true ? Promise.resolve(digest) : digest),
      isCut: () => init.isCut === true,
    },
    fields: [
      ['Host', 'api.example.com'],
      ...keys.map((each) => ['Idempotency-Key', each] as const),
      ...(type === undefined ? [] : [['Content-Type', type] as const]),
      ...(encoding === undefined ? [] : [['Content-Encoding', encoding] as const]),
    ],
  })
}

function bench(value: unknown = true, given: Partial<IdempotencyContext> = {}): Bench {
  const clock = movableClock()
  const root = place('rule')
  const context = {
    route: 'POST /orders',
    store: memoryStore({ clock }),
    clock,
    tenant: undefined,
    shadow: false,
    ...given,
  }
  const guard = compileIdempotency(root, value, context)
  assert.deepEqual(mistakesAt(root), [])
  const ask = async (init: AskInit = {}): Promise<Verdict> => {
    const verdict = await guard.check?.decide(request(init))
    assert.ok(verdict !== undefined)
    return verdict
  }
  return {
    clock,
    ask,
    async outcome(init) {
      const verdict = await ask(init)
      if (verdict.type === 'pass') return 'pass'
      return verdict.type === 'refusal' ? verdict.kind : `${verdict.status} again`
    },
    async capture(init) {
      const verdict = await ask(init)
      assert.ok(verdict.type === 'pass' && verdict.capture !== undefined, 'gets through')
      return verdict.capture
    },
  }
}

describe('IDM-01: a key', () => {
  const rows: readonly (readonly [name: string, init: AskInit, option: unknown, outcome: string])[] = [
    ['that is missing', { key: [] }, true, 'pass'],
    ['that is missing where it is required', { key: [] }, { required: true }, 'idempotency.key-missing'],
    ['that is none', { key: 'a b' }, true, 'idempotency.key-malformed'],
    ['that came twice', { key: [UUID, UUID] }, true, 'idempotency.key-malformed'],
    ['of nobody', { principal: undefined, client: undefined }, true, 'idempotency.address-unknown'],
    ['of a client without a name', { principal: undefined }, true, 'pass'],
    ...['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY'].map(
      (method) =>
        [`of ${method}, which changes nothing`, { method, key: 'a b' }, { required: true }, 'pass'] as const,
    ),
    ...['PUT', 'PATCH', 'DELETE', 'FOO'].map(
      (method) =>
        [`of ${method}`, { method, key: [] }, { required: true }, 'idempotency.key-missing'] as const,
    ),
  ]
  for (const [name, init, option, outcome] of rows) {
    test(`IDM-01: ${name}: ${outcome}`, async () => {
      assert.equal(await bench(option).outcome(init), outcome)
    })
  }

  test('IDM-01: a refusal links to the documentation, where there is one', async () => {
    const documentation = 'https://developer.example.com/keys'
    const verdict = await bench({ documentation }).ask({ key: 'a b' })
    assert.ok(verdict.type === 'refusal')
    assert.equal(fieldOf(verdict.fields, 'link'), `<${documentation}>; rel="describedby"`)
  })
})

describe('IDM-01: the same key again', () => {
  test('IDM-01: while the first request is under way is 409, with the time to wait', async () => {
    const { ask, outcome } = bench()
    assert.equal(await outcome(), 'pass')
    const verdict = await ask()
    assert.ok(verdict.type === 'refusal')
    assert.deepEqual([verdict.kind, fieldOf(verdict.fields, 'retry-after')], ['idempotency.in-progress', '1'])
    // The fingerprint of the first is not known yet, so another content makes no difference.
    assert.equal(await outcome({ digest: 'other' }), 'idempotency.in-progress')
  })

  test('IDM-01: afterwards is the response of the first, and says so', async () => {
    const { ask, capture } = bench()
    await (await capture()).onResponse(RESPONSE)
    for (const late of [false, true]) {
      const verdict = (await ask({ late })) as Answer
      assert.deepEqual(
        [verdict.type, verdict.status, verdict.given, String(verdict.body), verdict.kind],
        ['answer', 201, ['Location', '/1'], 'made', 'idempotency.replayed'],
      )
      assert.equal(fieldOf(verdict.fields, 'idempotency-replayed'), 'true')
    }
  })

  test('IDM-01: quoted and bare are one key', async () => {
    const { outcome, capture } = bench()
    await (await capture()).onResponse(RESPONSE)
    assert.equal(await outcome({ key: UUID.replaceAll('"', '') }), '201 again')
  })

  test('IDM-01: a response without content is sent again without a length', async () => {
    const { ask, capture } = bench()
    await (await capture()).onResponse({ status: 204, fields: [], body: Buffer.alloc(0) })
    assert.equal(((await ask()) as Answer).body, undefined)
  })

  const others: readonly (readonly [name: string, init: AskInit])[] = [
    ['another content', { digest: 'other' }],
    ['content that is too large to be the same', { digest: undefined }],
    ['another content, late', { digest: 'other', late: true }],
    ['another method', { method: 'PUT' }],
    ['another path', { path: '/orders/7' }],
    ['another query', { query: '?pay=now' }],
    ['another content type', { type: 'text/plain' }],
    ['another content coding', { encoding: 'gzip' }],
  ]
  for (const [name, init] of others) {
    test(`IDM-01: with ${name} is 422`, async () => {
      const { outcome, capture } = bench()
      await (await capture()).onResponse(RESPONSE)
      assert.equal(await outcome(init), 'idempotency.mismatch')
    })
  }

  const strangers: readonly (readonly [name: string, init: AskInit])[] = [
    ['another caller', { principal: { ...alice, subject: 'mallory' } }],
    ['a caller of another issuer', { principal: { ...alice, issuer: 'them' } }],
    ['nobody', { principal: undefined }],
    ['another host', { authority: parseAuthority('other.example.com') }],
    ['another port', { authority: parseAuthority('api.example.com:8443') }],
    ['another key', { key: '"another"' }],
  ]
  for (const [name, init] of strangers) {
    test(`IDM-01: of ${name} is a request of its own`, async () => {
      const { outcome, capture } = bench()
      await (await capture()).onResponse(RESPONSE)
      assert.equal(await outcome(init), 'pass')
    })
  }

  test('IDM-01: of clients without a name, each has its own, even within one network', async () => {
    const { outcome, capture } = bench()
    const client = (text: string): AskInit => ({ principal: undefined, client: parseIp(text) })
    await (await capture(client('2001:db8::1'))).onResponse(RESPONSE)
    assert.equal(await outcome(client('2001:db8::1')), '201 again')
    assert.equal(await outcome(client('2001:db8::2')), 'pass')
    // Nor is a caller whose name looks like an address.
    const named = { ...alice, issuer: undefined, subject: '2001:db8::1' }
    assert.equal(await outcome({ principal: named }), 'pass')
  })

  test('IDM-01: of one caller in two tenants, each has its own', async () => {
    const { outcome, capture } = bench(true, { tenant: ({ scopes }) => scopes[0] })
    await (await capture({ principal: { ...alice, scopes: ['one'] } })).onResponse(RESPONSE)
    assert.equal(await outcome({ principal: { ...alice, scopes: ['two'] } }), 'pass')
    assert.equal(await outcome({ principal: { ...alice, scopes: [] } }), 'pass')
    assert.equal(await outcome({ principal: { ...alice, scopes: ['one', 'two'] } }), '201 again')
  })

  for (const [what, tenant] of [
    ['throws', () => assert.fail('the tenants are down')],
    ['gives a promise', async () => Promise.reject(new Error('the tenants are down'))],
    ['gives a number', () => 7],
  ] as const) {
    test(`IDM-01: a tenant that ${what} is a refusal, and takes no key`, async () => {
      const { outcome } = bench(true, { tenant: tenant as unknown as IdempotencyContext['tenant'] })
      assert.equal(await outcome(), 'dependency.failed')
    })
  }

  test('IDM-01: for another rule is a request of its own', async () => {
    const store = memoryStore()
    await (await bench(true, { store }).capture()).onResponse(RESPONSE)
    assert.equal(await bench(true, { store, route: 'POST /other' }).outcome(), 'pass')
    assert.equal(await bench(true, { store }).outcome(), '201 again')
  })
})

describe('IDM-01: what becomes of a key', () => {
  test('IDM-01: it expires with the response', async () => {
    const { clock, outcome, capture } = bench({ ttl: '1h' })
    clock.advance(1_000)
    await (await capture()).onResponse(RESPONSE)
    clock.advance(3_599_999)
    assert.equal(await outcome(), '201 again')
    clock.advance(1)
    assert.equal(await outcome(), 'pass')
  })

  test('IDM-01: a request that never ends holds it until the lock is over', async () => {
    const { clock, outcome } = bench({ lock: '30s' })
    assert.equal(await outcome(), 'pass')
    clock.advance(29_999)
    assert.equal(await outcome(), 'idempotency.in-progress')
    clock.advance(1)
    assert.equal(await outcome(), 'pass')
  })

  test('IDM-01: a response that comes after the lock is kept, unless somebody has taken the key since', async () => {
    const { clock, outcome, capture } = bench({ lock: '30s' })
    const slow = await capture()
    clock.advance(30_000)
    await slow.onResponse(RESPONSE)
    assert.equal(await outcome(), '201 again')

    const key = '"second"'
    const slower = await capture({ key })
    clock.advance(30_000)
    const other = await capture({ key })
    await slower.onResponse(RESPONSE)
    assert.equal(await outcome({ key }), 'idempotency.in-progress')
    // Nor does the slow one give up what is no longer its own.
    await slower.onRefused()
    assert.equal(await outcome({ key }), 'idempotency.in-progress')
    await other.onResponse({ ...RESPONSE, status: 202 })
    assert.equal(await outcome({ key }), '202 again')
  })

  test('IDM-01: it is free again when no handler saw the request', async () => {
    const { outcome, capture } = bench()
    await (await capture()).onRefused()
    assert.equal(await outcome({ digest: 'other' }), 'pass')
  })

  for (const status of [408, 425, 429, 503]) {
    test(`IDM-01: it is free again after ${status}, which says to try again`, async () => {
      const { outcome, capture } = bench()
      await (await capture()).onResponse({ ...RESPONSE, status })
      assert.equal(await outcome(), 'pass')
    })
  }

  for (const status of [200, 302, 400, 404, 409, 500, 502, 504]) {
    test(`IDM-01: ${status} is an answer like any other`, async () => {
      const { outcome, capture } = bench()
      await (await capture()).onResponse({ ...RESPONSE, status })
      assert.equal(await outcome(), `${status} again`)
    })
  }

  const lost: readonly (readonly [name: string, init: AskInit, response: CapturedResponse])[] = [
    ['a response that is too large', {}, { ...RESPONSE, body: undefined }],
    ['a request that is too large', { digest: undefined }, RESPONSE],
    ['a request whose content never came', { digest: undefined, late: true }, RESPONSE],
  ]
  for (const [name, init, response] of lost) {
    test(`IDM-01: ${name} is not carried out again, and not answered again either`, async () => {
      const { outcome, capture } = bench()
      await (await capture(init)).onResponse(response)
      assert.equal(await outcome(), 'idempotency.not-kept')
    })
  }

  test('IDM-01: how much is compared and kept is what the rule says', async () => {
    const seen: number[] = []
    const root = place('rule')
    const context = {
      route: 'r',
      store: memoryStore(),
      clock: movableClock(),
      tenant: undefined,
      shadow: false,
    }
    const guard = compileIdempotency(root, { maxBodyBytes: 7, maxResponseBytes: 9 }, context)
    const asked = {
      ...request({}),
      content: {
        digest(maxBytes: number) {
          seen.push(maxBytes)
          return 'digest'
        },
        isCut: () => false,
      },
    }
    const verdict = await guard.check?.decide(asked)
    assert.ok(verdict?.type === 'pass' && verdict.capture !== undefined)
    await verdict.capture.onResponse(RESPONSE)
    await guard.check?.decide(asked)
    assert.deepEqual([...seen, verdict.capture.maxBytes], [7, 7, 9])
  })
})

describe('IDM-01: the keys of one caller', () => {
  test('IDM-01: of one caller no more keys are kept than the rule says, and nobody else is refused for it', async () => {
    const { ask, outcome, capture, clock } = bench({ maxKeys: 3 })
    for (const key of ['a', 'b', 'c']) await (await capture({ key })).onResponse(RESPONSE)
    const refused = await ask({ key: 'd' })
    assert.ok(refused.type === 'refusal')
    assert.equal(refused.kind, 'limit.exceeded')
    assert.ok(Number(fieldOf(refused.fields, 'Retry-After')) > 80_000)
    assert.equal(await outcome({ key: 'a' }), '201 again', 'what is kept is answered')
    assert.equal(await outcome({ key: 'd', principal: { ...alice, subject: 'bob' } }), 'pass')
    assert.equal(await outcome({ key: 'd', principal: undefined }), 'pass')
    clock.advance(26 * 3_600_000)
    assert.equal(await outcome({ key: 'd' }), 'pass', 'and the key that was refused is not taken')
  })

  test('IDM-01: a request whose content broke off and that failed is carried out when it comes again', async () => {
    const { outcome, capture } = bench()
    await (await capture({ isCut: true, digest: undefined })).onResponse({ ...RESPONSE, status: 400 })
    assert.equal(await outcome(), 'pass')
    const other = bench()
    await (await other.capture({ isCut: true, digest: undefined })).onResponse(RESPONSE)
    assert.equal(await other.outcome(), 'idempotency.not-kept', 'one that succeeded all the same is not')
  })
})

describe('IDM-01: a store', () => {
  const memory = memoryStore()
  const boom = (): never => {
    throw new Error('down')
  }
  const rows: readonly (readonly [name: string, store: Partial<Records>])[] = [
    ['that throws', { add: boom }],
    ['that rejects', { add: () => Promise.reject(new Error('down')) }],
    ['that throws for what is there', { add: () => false, read: boom }],
    ['that gives no boolean', { add: () => 1 as never }],
    ['that gives no list', { add: () => false, read: () => 'text' as never }],
    ['that gives too much', { add: () => false, read: () => ['a', 'b'] }],
    ['that gives no text', { add: () => false, read: () => [7] as never }],
    ['that gives no record', { add: () => false, read: () => ['{}'] }],
  ]
  for (const [name, part] of rows) {
    test(`IDM-01: ${name}: nobody knows whether the request is a repeated one, so it is refused (503)`, async () => {
      const store = changedStore(memory, part)
      assert.equal(await bench(true, { store }).outcome(), 'dependency.failed')
    })
  }

  const counting: readonly (readonly [name: string, take: () => unknown])[] = [
    ['that throws for a count', boom],
    ['that rejects a count', () => Promise.reject(new Error('down'))],
    ['that gives no list of outcomes', () => 'text'],
    ['that gives no outcome', () => []],
    ['that gives half an outcome', () => [{ allowed: true }]],
  ]
  for (const [name, take] of counting) {
    test(`IDM-01: ${name}: the request is refused (503), and its key given up`, async () => {
      const clock = movableClock()
      const inner = memoryStore({ clock })
      assert.equal(
        await bench(true, { store: changedStore(inner, { take: take as never }) }).outcome(),
        'dependency.failed',
      )
      assert.equal(await bench(true, { store: inner }).outcome(), 'pass')
    })
  }

  test('IDM-01: one that answers late is waited for', async () => {
    const clock = movableClock()
    const inner = memoryStore({ clock })
    const store: IdempotencyContext['store'] = {
      take: (charges) => inner.take(charges),
      add: async (...args) => inner.add(...args),
      read: async (...args) => inner.read(...args),
      write: async (...args) => inner.write(...args),
      remove: async (...args) => inner.remove(...args),
    }
    const { outcome, capture } = bench({ lock: '30s' }, { store, clock })
    await (await capture()).onRefused()
    const slow = await capture()
    clock.advance(30_000)
    await slow.onResponse(RESPONSE)
    assert.equal(await outcome(), '201 again')
  })

  test('IDM-01: a lock is over by the time of the store, though that answered late', async () => {
    const clock = movableClock()
    const inner = memoryStore({ clock })
    let lateMs = 2_000
    const store: IdempotencyContext['store'] = {
      take: (charges) => inner.take(charges),
      add(...args) {
        const added = inner.add(...args)
        clock.advance(lateMs)
        lateMs = 0
        return added
      },
      read: (keys) => inner.read(keys),
      write: (...args) => inner.write(...args),
      remove: (key) => inner.remove(key),
    }
    const { outcome, capture } = bench({ lock: '30s' }, { store, clock })
    const slow = await capture()
    clock.advance(28_000)
    // Somebody else's, now.
    await capture()
    await slow.onRefused()
    await slow.onResponse(RESPONSE)
    assert.equal(await outcome(), 'idempotency.in-progress')
  })

  test('IDM-01: a record that ends between two calls is one more try of the client', async () => {
    const store = changedStore(memory, { add: () => false, read: () => [undefined] })
    assert.equal(await bench(true, { store }).outcome(), 'idempotency.in-progress')
  })

  test('IDM-01: nothing of the caller stands in its keys', async () => {
    const keys: string[] = []
    const store = changedStore(memory, {
      add(key) {
        keys.push(key)
        return true
      },
      take(charges) {
        keys.push(...charges.map(({ key }) => key))
        return memory.take(charges)
      },
    })
    await bench(true, { store }).outcome()
    assert.match(keys.join(), /^idempotency:[\w-]{43},idempotency-keys:[\w-]{43}$/)
  })

  test('IDM-01: without the content there is no verdict', async () => {
    const context = {
      route: 'r',
      store: memoryStore(),
      clock: movableClock(),
      tenant: undefined,
      shadow: false,
    }
    const guard = compileIdempotency(place('rule'), true, context)
    const { content: _, ...bare } = request({})
    const verdict = await guard.check?.decide(bare)
    assert.ok(verdict?.type === 'pass')
    assert.throws(() => verdict.capture?.onResponse(RESPONSE), TypeError)
  })
})

describe('IDM-01: in shadow mode', () => {
  test('DEP-04: a repeated request is carried out again, and its content is left to the handler', async () => {
    const { outcome, capture } = bench({ required: true }, { shadow: true })
    await (await capture()).onResponse(RESPONSE)
    assert.equal(await outcome({ digest: 'other' }), 'pass')
    assert.equal(await outcome({ key: [] }), 'idempotency.key-missing')
  })
})

describe('IDM-01: options', () => {
  const context = {
    route: 'r',
    store: memoryStore(),
    clock: movableClock(),
    tenant: undefined,
    shadow: false,
  }
  test('IDM-01: a rule that says nothing has no check', () => {
    assert.equal(compileIdempotency(place('rule'), undefined, context), NO_GUARD)
  })

  const rows: readonly (readonly [value: unknown, mistake: string])[] = [
    [false, 'rule wrong_type'],
    [{ requred: true }, 'rule.requred unknown_option'],
    [{ required: 'yes' }, 'rule.required wrong_type'],
    [{ ttl: '59s' }, 'rule.ttl out_of_range'],
    [{ ttl: '31d' }, 'rule.ttl out_of_range'],
    [{ lock: '2h' }, 'rule.lock out_of_range'],
    [{ ttl: '1m', lock: '2m' }, 'rule.lock contradiction'],
    [{ maxBodyBytes: -1 }, 'rule.maxBodyBytes out_of_range'],
    [{ maxResponseBytes: 1.5 }, 'rule.maxResponseBytes out_of_range'],
    [{ documentation: 'http://a' }, 'rule.documentation malformed_value'],
    [{ documentation: 'https://a/>; rel=x' }, 'rule.documentation malformed_value'],
    [{ documentation: 'https://a/é\u{1F600}' }, 'rule.documentation malformed_value'],
  ]
  for (const [value, mistake] of rows) {
    test(`ERR-03: ${JSON.stringify(value)} is a mistake`, () => {
      const root = place('rule')
      compileIdempotency(root, value, context)
      assert.deepEqual(
        mistakesAt(root).map(({ path, code }) => `${path} ${code}`),
        [mistake],
      )
    })
  }
})
