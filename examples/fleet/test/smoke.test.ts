import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Answer, call } from '../../../packages/core/test/support/call.ts'
import { type Child, run } from '../../../packages/core/test/support/child.ts'
import { freePort } from '../../../packages/core/test/support/ports.ts'
import { skip } from '../../../packages/store-redis/test/support/servers.ts'

describe('the example of a fleet', { skip }, () => {
  let child: Child
  let base: string
  let password: string

  before(async () => {
    const port = await freePort()
    base = `http://127.0.0.1:${port}`
    child = run('fleet', [], {
      PORT: String(port),
      REDIS_URL: '',
      PROCESSES: '2',
      // A machine that is busy with other tests is no store that fails.
      STORE_DEADLINE_MS: '10000',
    })
    await child.printed(/Ctrl\+C/)
    password = /"password":"(\w+)"/.exec(child.output())?.[1] ?? assert.fail('it printed no password')
  })
  after(() => child?.stop())

  const login = (body: object): Promise<Answer> =>
    call(`${base}/login`, {
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json' },
    })
  const cookieOf = ({ headers }: Answer): string => headers['set-cookie']?.[0]?.split(';', 1)[0] ?? ''
  /** Every process is asked: they take connections in turn. */
  const everywhere = async (path: string, headers: Readonly<Record<string, string>>): Promise<Answer[]> => {
    const answers: Answer[] = []
    for (let i = 0; i < 6; i++) answers.push(await call(`${base}${path}`, { headers }))
    return answers
  }
  const processes = (answers: readonly Answer[]): number =>
    new Set(answers.map(({ json }) => json['process'])).size

  test('RL-05: two processes let ten requests through together, and not ten each', async () => {
    const answers: Answer[] = []
    for (let i = 0; i < 15; i++) answers.push(await call(`${base}/hello`))
    const passed = answers.filter(({ status }) => status === 200)
    assert.equal(passed.length, 10)
    assert.equal(processes(passed), 2)
    for (const { status, json, headers } of answers.slice(10)) {
      assert.equal(status, 429)
      assert.equal(json['code'], 'quota_exceeded')
      assert.match(String(headers['retry-after']), /^\d+$/)
    }
  })

  test('a session that begins in one process is good in all of them, and ends in all', async () => {
    assert.equal((await login({ user: 'alice', password: 'wrong' })).status, 403)
    const begun = await login({ user: 'alice', password })
    assert.equal(begun.status, 200, begun.text)
    const Cookie = cookieOf(begun)
    const during = await everywhere('/me', { Cookie })
    for (const { status, json } of during) assert.deepEqual([status, json['user']], [200, 'alice'])
    assert.equal(processes(during), 2)

    assert.equal((await call(`${base}/logout`, { method: 'POST', headers: { Cookie } })).status, 204)
    // The cookie itself is whole, and would be good for half an hour.
    for (const { status } of await everywhere('/me', { Cookie })) assert.equal(status, 401)
  })

  test('three logins in an hour, wrong or right, whichever process they go to', async () => {
    const statuses: number[] = []
    // Two were above.
    for (let i = 0; i < 2; i++) statuses.push((await login({ user: 'alice', password: 'wrong' })).status)
    assert.deepEqual(statuses, [403, 429])
  })

  test('what no route takes, and what is malformed, is a problem of the gate', async () => {
    assert.equal((await call(`${base}/me`)).status, 401)
    assert.doesNotMatch(child.output(), /refused +5\d\d|^\s+at .+:\d+:\d+\)?$/m)
  })

  test('SIGTERM ends all of it with 0', async () => {
    assert.deepEqual(await child.stop('SIGTERM'), { code: 0, signal: null })
    await assert.rejects(call(`${base}/hello`), { code: 'ECONNREFUSED' })
  })
})
