import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { type Alert, watchAlerts } from '../../src/observe/alerts.ts'
import { BUILT_IN } from '../../src/observe/alerts/built-in.ts'
import { movableTimers } from '../support/timers.ts'
import { keptRecording, makeRecording, readRecording, RECORDINGS, writeRecording } from './record.ts'

type Name = keyof typeof RECORDINGS
const names = Object.keys(RECORDINGS) as Name[]

/** Lets alerts hear a recording at the pace at which it was made, and then nothing for an hour. */
async function play(name: Name): Promise<readonly Alert[]> {
  const timers = movableTimers()
  const told: Alert[] = []
  const alarms = watchAlerts(
    { clock: timers.clock, deliver: (alert) => told.push(alert) },
    { startTimer: timers.startTimer },
  )
  for (const event of readRecording(name)) {
    // oxlint-disable-next-line no-await-in-loop -- time goes on from event to event
    await timers.advance(Math.max(0, Date.parse(event.time) - timers.clock.now()))
    alarms.observe(event)
  }
  await timers.advance(3_600_000)
  return told
}

describe('recordings', () => {
  before(async () => {
    if (process.env['GATEHOUSE_RECORD'] !== '1') return
    // oxlint-disable-next-line no-await-in-loop -- each is a gate on a clock of its own
    for (const name of names) await writeRecording(name)
  })

  test('LOG-06: every rule that is built in has a recording of the attack that it is for', () => {
    assert.deepEqual(
      Object.keys(BUILT_IN).filter((rule) => !names.some((name) => rule === name)),
      [],
    )
  })

  for (const name of names) {
    test(`LOG-06: a gate that is treated so tells of ${name} what is kept of it`, async () => {
      assert.equal(await makeRecording(name), keptRecording(name))
    })
  }

  for (const name of names.filter((one) => !one.startsWith('honest'))) {
    test(`LOG-06: ${name} fires once on its recording and clears, and no other rule fires`, async () => {
      const told = await play(name)
      // A store that nobody has brought back is down still.
      const expected = name === 'store-failing' ? ['firing'] : ['firing', 'cleared']
      assert.deepEqual(
        told.map(({ rule, state }) => `${rule} ${state}`),
        expected.map((state) => `${RECORDINGS[name].fires ?? name} ${state}`),
      )
      assert.ok((told[0]?.samples.length ?? 0) > 0)
    })
  }

  test('LOG-02: nothing that was sent as a secret is in a recording, nor in an alert about it', async () => {
    for (const name of names) {
      // The id of an alert is random, and so may hold any three letters.
      const alarms = (await play(name)).map((alert) => ({ ...alert, id: '' }))
      const shown = keptRecording(name) + JSON.stringify(alarms)
      assert.doesNotMatch(shown, /eyJ|Summer2025|password\d|wrng|session=|YWxpY2U6|@example\.com/, name)
    }
  })

  test('LOG-06: no rule fires on two hundred people behind one address who log in within an hour', async () => {
    assert.deepEqual(await play('honest-office'), [])
    const kinds = readRecording('honest-office').map(({ kind }) => kind)
    assert.ok(kinds.filter((kind) => kind === 'credentials.missing').length > 300)
    assert.ok(kinds.filter((kind) => kind === 'credentials.wrong').length > 15)
  })

  test('LOG-06: no rule fires on an hour of honest traffic, with refusals of every sort in it', async () => {
    assert.deepEqual(await play('honest'), [])
    const kinds = new Set(readRecording('honest').map(({ kind }) => kind))
    for (const kind of [
      'request.allowed',
      'token.expired',
      'token.wrong-issuer',
      'credentials.missing',
      'credentials.wrong',
      'limit.exceeded',
      'request.path-ambiguous',
      'host.unknown',
      'authorization.object-missing',
      'cross-site.refused',
      'dependency.failed',
    ] as const)
      assert.ok(kinds.has(kind), kind)
  })
})
