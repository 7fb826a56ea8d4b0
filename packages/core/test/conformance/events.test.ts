import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { CASES } from '../../../testkit/src/adapter/cases.ts'
import { type Fixture, fixture } from '../../../testkit/src/adapter/fixture.ts'
import { nodeHttp } from '../../../testkit/src/adapter/reference.ts'
import { fieldsOf, play } from '../../../testkit/src/adapter-conformance.ts'
import { KINDS, type SecurityEvent } from '@gatehouse/core'
import { ORDER } from '../../src/chain/order.ts'
import { type Running, start } from '../support/http.ts'

const OUTCOMES = new Set(['allowed', 'refused', 'would-refuse', 'answered', 'warning'])
const CHECKS: ReadonlySet<string | undefined> = new Set([undefined, ...ORDER.map(({ name }) => name)])

describe('what is told of the conformance cases', () => {
  let server: Running
  let made: Fixture
  const events: SecurityEvent[] = []
  before(async () => {
    made = fixture()
    made.gate.events.on('event', (event) => events.push(event))
    server = await start(createServer(nodeHttp(made.gate, made.watch.witness)))
  })
  after(() => server.close())

  for (const row of CASES) {
    const ending = row.code === undefined ? 'is told once' : `is told once, as ${row.code}`
    test(`LOG-01, LOG-02: ${row.name} (${row.status}) ${ending}`, async () => {
      events.length = 0
      const received = await play({ server, fixture: made }, row)
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
      const id = row.code === undefined ? events.at(-1)?.requestId : idOf(received.body)
      const own = events.filter(({ requestId }) => requestId === id)
      const decided = own.filter(({ outcome }) => outcome !== 'warning')
      const refused = decided.filter(({ outcome }) => outcome === 'refused')
      if (row.code === undefined)
        assert.deepEqual(
          decided.map(({ outcome }) => outcome !== 'refused'),
          [true],
        )
      else {
        // A handler that fails was let through before: that is told, too, and is another decision.
        assert.equal(refused.length, 1)
        assert.deepEqual(decided.at(-1), refused[0])
        assert.equal(refused[0]?.code, row.code)
        assert.equal(refused[0].status, row.status)
      }
      for (const event of own) assertTyped(event)
      for (const secret of secretsOf(fieldsOf(row.sent(made.tokens))))
        assert.equal(JSON.stringify(own).includes(secret), false)
    })
  }
})

/** The vocabulary is that of the tables, and nothing else. */
function assertTyped(event: SecurityEvent): void {
  assert.ok(OUTCOMES.has(event.outcome), event.outcome)
  assert.ok(Object.hasOwn(KINDS, event.kind), event.kind)
  assert.ok(CHECKS.has(event.check), event.check)
  assert.equal(event.code, KINDS[event.kind].code)
  assert.match(event.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  assert.ok(Object.isFrozen(event))
}

function idOf(body: string): string {
  return (JSON.parse(body) as { readonly requestId: string }).requestId
}

/** The credentials of a request. */
function secretsOf(fields: readonly string[]): readonly string[] {
  return fields
    .filter((text, index) => index % 2 === 1 && text.startsWith('Bearer '))
    .map((text) => text.slice(7))
}
