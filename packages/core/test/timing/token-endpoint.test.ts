import assert from 'node:assert/strict'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { describe, test } from 'node:test'
import type * as Crypto from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { hashPassword, verifyPassword } from '../../src/identity/passwords.ts'
import { tokenEndpoint } from '../../src/identity/token-endpoint.ts'
import { authenticateClient, type FindClient } from '../../src/identity/token-endpoint/clients.ts'
import { basicFields, CLIENTS, serveEndpoint, testIssuer } from '../support/token-endpoint.ts'
import { measured, spread } from '../support/timing.ts'

/*
 * Whoever tries names of users or of clients learns from the time of an answer whether there is one, when a name that
 * nobody has is answered before a password or a secret has been hashed and compared.
 */

/** Every slow hash that is computed, by what it costs, and how many quick ones. */
const costs: string[] = []
let hashes = 0
const crypto = createRequire(import.meta.url)('node:crypto') as typeof Crypto
const { scrypt, hash } = crypto
crypto.scrypt = ((...args: Parameters<typeof scrypt>) => {
  const { N, r, p } = args[3]
  costs.push(`${N},${r},${p}`)
  scrypt(...args)
}) as typeof scrypt
crypto.hash = ((...args: Parameters<typeof hash>) => {
  hashes++
  return hash(...args)
}) as typeof hash
syncBuiltinESMExports()

describe('the password grant', () => {
  test('AUT-08: a name that nobody has costs the one hash that a wrong password costs, and gets the same bytes', async () => {
    const stored = new Map([['alice', await hashPassword('right')]])
    const server = await serveEndpoint(
      tokenEndpoint({
        issuer: testIssuer(),
        clients: CLIENTS,
        verify: async (name, password) =>
          (await verifyPassword(password, stored.get(name))) ? { subject: name } : undefined,
      }),
    )
    const tried = []
    for (const username of ['alice', 'mallory', 'Alice', 'constructor']) {
      costs.length = 0
      // oxlint-disable-next-line no-await-in-loop -- the costs are of one at a time
      const { status, body } = await server.post({
        grant_type: 'password',
        username,
        password: 'wrong',
        client_id: 'spa',
      })
      tried.push({ status, body, costs: [...costs] })
    }
    await server.close()
    for (const one of tried) assert.deepEqual(one, tried[0])
    assert.deepEqual([tried[0]?.status, tried[0]?.costs.length], [400, 1])
  })

  test('AUT-08: who is no client learns nothing of any user', async () => {
    let asked = 0
    const server = await serveEndpoint(
      tokenEndpoint({
        issuer: testIssuer(),
        clients: CLIENTS,
        verify: () => {
          asked++
          return undefined
        },
      }),
    )
    const bodies = []
    for (const username of ['alice', 'mallory']) {
      const form = { grant_type: 'password', username, password: 'wrong', client_id: 'nobody' }
      // oxlint-disable-next-line no-await-in-loop -- one after the other, to see which
      bodies.push((await server.post(form)).body)
    }
    await server.close()
    assert.equal(bodies[0], bodies[1])
    assert.equal(asked, 0)
  })
})

const clients = new Map(CLIENTS.map((client) => [client.id, client]))

/** Clients that are known with a secret, with two, and without one, and some that nobody knows. */
const IDS = ['billing', 'web', 'spa', 'mallory', 'Billing', 'constructor']

/** Enough of them that the clock can tell. */
const TIMES = 200

const find: FindClient = (id) => clients.get(id)
const message = (fields: readonly string[]): IncomingMessage =>
  ({
    rawHeaders: fields,
    headers: fields.length === 0 ? {} : { authorization: fields[1] },
  }) as unknown as IncomingMessage

const ways: readonly (readonly [name: string, ask: (id: string) => ReturnType<typeof authenticateClient>])[] =
  [
    ['in the form', (clientId) => authenticateClient(find, { clientId, clientSecret: 'wrong' }, message([]))],
    [
      'in the Authorization field',
      (id) =>
        authenticateClient(
          find,
          { clientId: undefined, clientSecret: undefined },
          message(basicFields(id, 'wrong')),
        ),
    ],
  ]

describe('clients whose secret is wrong', () => {
  for (const [name, ask] of ways) {
    test(`AUT-08: ${name}, known and unknown ones differ in no byte, and in no hash`, async () => {
      const answers = []
      for (const id of IDS) {
        hashes = 0
        // oxlint-disable-next-line no-await-in-loop -- the hashes are of one at a time
        const result = await ask(id)
        answers.push({ result, hashes })
      }
      for (const one of answers) assert.deepEqual(one, answers[0])
    })

    test(`AUT-08: ${name}, their times differ by no more than noise`, async () => {
      const kinds = IDS.map((id) => {
        const work = async (): Promise<void> => {
          // oxlint-disable-next-line no-await-in-loop -- side by side they would be timed together
          for (let n = 0; n < TIMES; n++) await ask(id)
        }
        return [id, work] as const
      })
      const times = await measured(Object.fromEntries(kinds), 21, 1.5)
      assert.ok(spread(times) < 1.5, JSON.stringify(times))
    })
  }
})
