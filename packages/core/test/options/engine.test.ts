import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Decision } from '../../src/contract/decision.ts'
import { ConfigError } from '../../src/contract/mistakes.ts'
import {
  allowedBy,
  EngineFailure,
  type PolicyEngine,
  type PolicyQuery,
  type PolicyQuestion,
} from '../../src/options/engine.ts'
import { facts } from '../support/facts.ts'
import { guarded } from '../support/gate.ts'
import { as } from '../support/scheme.ts'
import { caller } from '../support/schemes.ts'

const QUESTION: PolicyQuestion = { action: 'read', resource: { type: 'Article', id: '7' } }
const PRINCIPAL = caller()

/** An engine that gives whatever a test says, as untyped code may. */
function gives(said: unknown): PolicyEngine {
  return { name: 'arbiter', decide: () => said as Decision }
}

function throws(): never {
  throw new Error('password: hunter2')
}

/** What the predicate gives for a question that is asked at once, and for one that is loaded. */
async function answers(engine: PolicyEngine): Promise<readonly unknown[]> {
  const request = facts()
  return [
    await allowedBy(engine, () => QUESTION)(PRINCIPAL, request),
    await allowedBy(engine, () => Promise.resolve(QUESTION))(PRINCIPAL, request),
  ]
}

describe('what an engine says', () => {
  const rows: readonly (readonly [name: string, said: unknown, wanted: Decision])[] = [
    ['true', true, { allowed: true, policy: 'arbiter' }],
    ['false', false, { allowed: false, policy: 'arbiter' }],
    ['a decision without a policy', { allowed: true }, { allowed: true, policy: 'arbiter' }],
    [
      'a decision with an empty policy',
      { allowed: false, policy: '' },
      { allowed: false, policy: 'arbiter' },
    ],
    [
      'a decision with a policy and a reason',
      { allowed: false, policy: 'published-stay', reason: 'it is published' },
      { allowed: false, policy: 'published-stay', reason: 'it is published' },
    ],
    [
      'a decision with more than the log is for',
      { allowed: true, policy: 7, reason: ['no text'], token: 'secret' },
      { allowed: true, policy: 'arbiter' },
    ],
  ]
  for (const [name, said, wanted] of rows) {
    test(`AZ-08: ${name} becomes a decision that names its policy`, async () => {
      assert.deepEqual(await answers(gives(said)), [wanted, wanted])
      assert.deepEqual(await answers(gives(Promise.resolve(said))), [wanted, wanted])
    })
  }

  test('AZ-08: an engine and a question that do not wait give a decision that does not wait', () => {
    assert.deepEqual(allowedBy(gives(true), () => QUESTION)(PRINCIPAL, facts()), {
      allowed: true,
      policy: 'arbiter',
    })
  })

  test('AZ-08: an engine is asked with the caller, the question and the request, and keeps its this', async () => {
    const asked: PolicyQuery[] = []
    class Engine {
      readonly name = 'arbiter'
      readonly #asked = asked
      decide(query: PolicyQuery): boolean {
        this.#asked.push(query)
        return true
      }
    }
    const request = facts({ params: { id: '7' } })
    await allowedBy(new Engine(), ({ params }, { subject }) => ({
      action: 'edit',
      resource: { type: 'Article', id: params['id'] ?? '', attributes: { author: subject } },
    }))(PRINCIPAL, request)
    const resource = { type: 'Article', id: '7', attributes: { author: PRINCIPAL.subject } }
    assert.deepEqual(asked, [{ principal: PRINCIPAL, action: 'edit', resource, request }])
  })
})

describe('what denies', () => {
  const thenable = {
    get then(): never {
      return throws()
    },
  }
  const engines: readonly (readonly [name: string, engine: PolicyEngine, says: string])[] = [
    ['throws', { name: 'arbiter', decide: throws }, 'the policy engine arbiter threw or rejected'],
    [
      'rejects',
      { name: 'arbiter', decide: () => Promise.reject(new Error('hunter2')) },
      'the policy engine arbiter threw or rejected',
    ],
    ['gives a thenable that throws', gives(thenable), 'the policy engine arbiter threw or rejected'],
    ...[undefined, null, 1, 'true', {}, [], { allowed: 'true' }, { allowed: 1 }, () => true].map(
      (said) =>
        [
          `gives ${typeof said === 'function' ? 'a function' : JSON.stringify(said)}`,
          gives(said),
          'the policy engine arbiter gave no decision',
        ] as const,
    ),
    ['waits and gives "yes"', gives(Promise.resolve('yes')), 'the policy engine arbiter gave no decision'],
  ]
  for (const [name, engine, says] of engines) {
    test(`AZ-03: an engine that ${name} is a failure that names the engine`, async () => {
      const isNamed = (error: unknown): boolean => error instanceof EngineFailure && error.message === says
      await assert.rejects(async () => allowedBy(engine, () => QUESTION)(PRINCIPAL, facts()), isNamed)
      await assert.rejects(
        async () => allowedBy(engine, () => Promise.resolve(QUESTION))(PRINCIPAL, facts()),
        isNamed,
      )
    })
  }

  const questions: readonly (readonly [name: string, question: () => unknown, says: string])[] = [
    ['throws', throws, 'the question to the policy engine arbiter threw or rejected'],
    [
      'rejects',
      () => Promise.reject(new Error('hunter2')),
      'the question to the policy engine arbiter threw or rejected',
    ],
    ...[false, 'read', {}, { action: 'read' }, { action: '', resource: { type: 'Article' } }].map(
      (asked) =>
        [
          `gives ${JSON.stringify(asked)}`,
          () => asked,
          'the question to the policy engine arbiter is incomplete',
        ] as const,
    ),
    [
      'names no kind of thing',
      () => ({ action: 'read', resource: { id: '7' } }),
      'the question to the policy engine arbiter is incomplete',
    ],
  ]
  for (const [name, question, says] of questions) {
    test(`AZ-03: a question that ${name} is a failure, and the engine is not asked`, async () => {
      let asked = 0
      const engine: PolicyEngine = { name: 'arbiter', decide: () => ++asked > 0 }
      const predicate = allowedBy(engine, question as () => PolicyQuestion)
      await assert.rejects(
        async () => predicate(PRINCIPAL, facts()),
        (error) => error instanceof EngineFailure && error.message === says,
      )
      assert.equal(asked, 0)
    })
  }

  for (const missing of [undefined, null]) {
    test(`AZ-03: a thing that does not exist (${missing}) is denied, and the engine is not asked`, async () => {
      let asked = 0
      const engine: PolicyEngine = { name: 'arbiter', decide: () => ++asked > 0 }
      const wanted = { allowed: false, policy: 'arbiter', reason: 'what is asked about does not exist' }
      assert.deepEqual(await allowedBy(engine, () => missing)(PRINCIPAL, facts()), wanted)
      assert.deepEqual(await allowedBy(engine, () => Promise.resolve(missing))(PRINCIPAL, facts()), wanted)
      assert.equal(asked, 0)
    })
  }

  test('AZ-10: nothing of what was thrown is in the message; it is the cause', () => {
    assert.throws(
      () => allowedBy({ name: 'arbiter', decide: throws }, () => QUESTION)(PRINCIPAL, facts()),
      (error) =>
        error instanceof EngineFailure &&
        !error.message.includes('hunter2') &&
        error.cause instanceof Error &&
        error.cause.message === 'password: hunter2',
    )
  })
})

describe('an engine behind the gate', () => {
  const rows: readonly (readonly [name: string, engine: PolicyEngine, status: number, kind: string])[] = [
    ['says true', gives(true), 200, 'request.allowed'],
    ['allows later', gives(Promise.resolve({ allowed: true })), 200, 'request.allowed'],
    ['says false', gives(false), 403, 'authorization.denied'],
    ['denies later', gives(Promise.resolve({ allowed: false })), 403, 'authorization.denied'],
    ['throws', { name: 'arbiter', decide: throws }, 403, 'authorization.failed'],
    ['gives nothing', gives(undefined), 403, 'authorization.failed'],
  ]
  for (const [name, engine, status, kind] of rows) {
    test(`AZ-03: the request is ${status} when the engine ${name}`, async (t) => {
      const gate = await guarded({ routes: { 'GET /x': { when: allowedBy(engine, () => QUESTION) } } })
      t.after(gate.close)
      const { status: got, body } = await gate.send({ path: '/x', fields: as('alice') })
      assert.equal(got, status)
      assert.doesNotMatch(body, /hunter2|arbiter/)
      const events = await gate.events()
      assert.deepEqual(
        events.map((event) => event.kind),
        [kind],
      )
      assert.doesNotMatch(JSON.stringify(events), /hunter2/)
    })
  }
})

describe('an engine that cannot be asked', () => {
  const engine = gives(true)
  const rows: readonly (readonly [
    name: string,
    engine: unknown,
    question: unknown,
    wanted: readonly string[],
  ])[] = [
    ['nothing', undefined, () => QUESTION, ['engine.name', 'engine.decide']],
    ['a name of spaces', { ...engine, name: ' ' }, () => QUESTION, ['engine.name']],
    ['no decide', { name: 'arbiter', decide: true }, () => QUESTION, ['engine.decide']],
    ['no question', engine, QUESTION, ['question']],
  ]
  for (const [name, given, question, wanted] of rows) {
    test(`ERR-03: ${name} is a mistake where it is written`, () => {
      assert.throws(
        () => allowedBy(given as PolicyEngine, question as () => PolicyQuestion),
        (error) => {
          assert.ok(error instanceof ConfigError)
          assert.deepEqual(
            error.mistakes.map(({ code, path }) => `${code} ${path}`),
            wanted.map((path) => `wrong_type allowedBy.${path}`),
          )
          return true
        },
      )
    })
  }
})
