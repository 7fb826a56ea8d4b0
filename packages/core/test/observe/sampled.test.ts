import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SecurityEvent } from '../../src/contract/event.ts'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { sampled } from '../../src/observe/sampled.ts'
import { allowedEvent, eventWith } from '../support/events.ts'

const ids = Array.from({ length: 20_000 }, (_, index) => `bBfKjDXyVhSHW6Je-${index.toString(36)}`)

describe('sampled()', () => {
  test('LOG-01: tells every refusal, warning and login, whatever the share', () => {
    const told: SecurityEvent[] = []
    const observe = sampled((event) => told.push(event), { allowed: 0, answered: 0 })
    const kept = [
      eventWith(),
      eventWith({ outcome: 'would-refuse' }),
      eventWith({ outcome: 'warning' }),
      allowedEvent({ kind: 'credentials.accepted' }),
    ]
    for (const event of [
      ...kept,
      allowedEvent(),
      allowedEvent({ outcome: 'answered', kind: 'request.preflight' }),
    ])
      observe(event)
    assert.deepEqual(told, kept)
  })

  test('tells about the share that it is to tell', () => {
    let count = 0
    const observe = sampled(() => count++, { allowed: 0.1 })
    for (const requestId of ids) observe(allowedEvent({ requestId }))
    assert.ok(count > 1_700 && count < 2_300, `${count} of ${ids.length}`)
  })

  test('tells all or nothing of one request, and the same requests to every sink', () => {
    const told: string[][] = [[], [], []]
    const sinks = told.map((list, index) =>
      sampled(({ requestId }) => list.push(requestId), { allowed: index === 2 ? 0.5 : 0.1 }),
    )
    for (const requestId of ids)
      for (const sink of sinks) for (let i = 0; i < 2; i++) sink(allowedEvent({ requestId }))
    const [a = [], b = [], c = []] = told
    assert.deepEqual(a, b)
    assert.equal(a.length, 2 * new Set(a).size)
    const more = new Set(c)
    assert.ok(a.every((id) => more.has(id)))
  })

  test('all are told where no share is said, and of a share of 1', () => {
    let count = 0
    for (const sampling of [{}, { allowed: 1 }]) {
      const observe = sampled(() => count++, sampling)
      for (const requestId of ids) observe(allowedEvent({ requestId }))
    }
    assert.equal(count, 2 * ids.length)
  })

  for (const share of [-0.1, 1.1, NaN, '0.5'])
    test(`ERR-03: ${share} is no share`, () => {
      assert.throws(() => sampled(() => undefined, { allowed: share as number }), ConfigError)
    })
})
