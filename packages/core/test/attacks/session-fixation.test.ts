import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { type Sessions, session } from '../../src/identity/session.ts'
import { memoryStore } from '../../src/limiting/memory-store.ts'
import { gatehouse } from '../../src/node/gatehouse.ts'
import { movableClock } from '../support/clock.ts'
import { type Received, type Running, start } from '../support/http.ts'
import { slowStore } from '../support/token-endpoint.ts'

/*
 * The attacker plants a cookie in the browser of a victim before the victim logs in, from a sibling host or over http,
 * and knows its value. When the login makes that cookie the victim's, the attacker is logged in as the victim.
 */

const NAME = '__Host-session'
const KEY = { id: 'a', secret: randomBytes(32).toString('base64url') }

/** The value of the session cookie that a response sets. */
function cookieOf({ headers }: Received): string {
  const set = headers['set-cookie']?.find((text) => text.startsWith(`${NAME}=`))
  return set?.split(';', 1)[0]?.slice(NAME.length + 1) ?? ''
}

for (const kind of ['at hand', 'far away'] as const) {
  describe(`attack: a session is fixed before the victim logs in, with a store that is ${kind}`, () => {
    let sessions: Sessions
    let running: Running
    before(async () => {
      const clock = movableClock()
      const store = kind === 'at hand' ? memoryStore({ clock }) : slowStore(clock)
      sessions = session({ keys: [KEY], store, clock })
      const gate = gatehouse({
        clock,
        hosts: ['127.0.0.1'],
        https: 'dangerouslyAllowHttp',
        authenticate: sessions,
        routes: {
          'POST /login/:user': { public: 'users log in here' },
          'POST /admin': { roles: ['admin'] },
        },
      })
      running = await start(
        gate.handler(async (req, res, pass) => {
          const user = pass.params['user']
          if (user !== undefined) await sessions.start(req, res, { subject: user, roles: ['user'] })
          if (req.url === '/raise') {
            try {
              await sessions.renew(req, res, { roles: ['user', 'admin'] })
            } catch {
              res.statusCode = 409
            }
          }
          res.end(pass.authenticated ? pass.principal.subject : 'nobody')
        }),
      )
    })
    after(() => running.close())

    const send = (path: string, ...cookies: readonly string[]): Promise<Received> => {
      const field = cookies.map((value) => `${NAME}=${value}`).join('; ')
      const fields = ['Host', '127.0.0.1', ...(field === '' ? [] : ['Cookie', field])]
      return running.send({ method: 'POST', path, fields })
    }
    const login = async (user: string, ...cookies: readonly string[]): Promise<string> =>
      cookieOf(await send(`/login/${user}`, ...cookies))
    const who = async (...cookies: readonly string[]): Promise<string> => {
      const { status, body } = await send('/me', ...cookies)
      return status === 200 ? body : String(status)
    }

    test('CKE-01: the session of the attacker does not become that of the victim, and ends', async () => {
      const planted = await login('mallory')
      assert.equal(await who(planted), 'mallory')
      const victims = await login('alice', planted)
      assert.notEqual(victims, planted)
      assert.deepEqual([await who(victims), await who(planted)], ['alice', '401'])
      assert.equal((await send('/raise', planted)).status, 401, 'and nothing wakes it up')
    })

    for (const planted of ['made-up', 'a.AAAA', '', `a.${'A'.repeat(200)}`]) {
      test(`CKE-01: a value that nobody issued is good for nothing afterwards: ${planted.slice(0, 8)}`, async () => {
        const victims = await login('alice', planted)
        assert.notEqual(victims, planted)
        assert.deepEqual([await who(victims), await who(planted)], ['alice', '401'])
      })
    }

    test('CKE-01: beside the cookie of the victim the planted one makes the request no one’s', async () => {
      const planted = await login('mallory')
      const victims = await login('alice')
      assert.equal(await who(planted, victims), '400')
      assert.equal(await who(victims, planted), '400')
      const fresh = await login('alice', planted, victims)
      assert.equal(await who(fresh), 'alice')
      assert.equal(await who(planted), 'mallory', 'it is the attacker’s still, and nobody else’s')
    })

    test('CKE-01: of a victim who logs in twice at once, no two have one session', async () => {
      const planted = await login('mallory')
      const all = await Promise.all(Array.from({ length: 6 }, () => login('alice', planted)))
      assert.equal(new Set(all).size, 6)
      for (const each of all) assert.equal(await who(each), 'alice')
      assert.equal(await who(planted), '401')
    })

    test('CKE-01: a session is taken from the cookie alone, never from what a link can carry', async () => {
      const planted = await login('mallory')
      const fields = [
        ['X-Session', planted],
        ['Authorization', `Session ${planted}`],
        ['Cookie2', `${NAME}=${planted}`],
        ['Cookie', `session=${planted}`],
        ['Cookie', `__HOST-session=${planted}`],
        ['Cookie', `__Host-session2=${planted}`],
        ['Cookie', `x=y,${NAME}=${planted}`],
        ['Cookie', `=${NAME}=${planted}`],
      ]
      for (const field of fields) {
        const sent = { method: 'POST', path: '/me', fields: ['Host', '127.0.0.1', ...field] }
        assert.equal((await running.send(sent)).status, 401, field.join(': '))
      }
      for (const path of [`/me?${NAME}=${planted}`, `/me;${NAME}=${planted}`, `/me?session=${planted}`]) {
        assert.ok([400, 401].includes((await send(path)).status), path)
      }
    })

    test('CKE-01: a cookie from before the rights were raised is not raised with them', async () => {
      const early = await login('alice')
      assert.equal((await send('/admin', early)).status, 403)
      const raised = cookieOf(await send('/raise', early))
      assert.equal((await send('/admin', raised)).status, 200)
      assert.deepEqual([await who(early), (await send('/admin', early)).status], ['401', 401])
    })

    test('CKE-01: of many who raise one session at once, one alone gets the new one', async () => {
      const one = await login('alice')
      const answers = await Promise.all(Array.from({ length: 8 }, () => send('/raise', one)))
      const raised = answers.filter(({ status }) => status === 200).map(cookieOf)
      assert.equal(raised.length, 1, answers.map(({ status }) => status).join())
      assert.equal(await who(raised[0] ?? ''), 'alice')
    })
  })
}
