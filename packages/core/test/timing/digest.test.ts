import assert from 'node:assert/strict'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { describe, test } from 'node:test'
import type * as Crypto from 'node:crypto'
import { compileAuthenticate } from '../../src/checks/authenticate.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import { digest, type DigestOptions, type DigestUser } from '../../src/identity/digest.ts'
import { HASH, type Proof, proofOf, REALM, written } from '../support/digest.ts'
import { facts } from '../support/facts.ts'
import { compiled, decide, refusal } from '../support/schemes.ts'
import { measured, spread } from '../support/timing.ts'

/*
 * Whoever tries names learns from the time of an answer whether there is such a user, when a name that nobody has is
 * answered before a response has been computed and compared.
 */

/** How many hashes are begun, of either kind. */
let hashes = 0
const crypto = createRequire(import.meta.url)('node:crypto') as typeof Crypto
const { createHash, hash } = crypto
crypto.createHash = (...args: Parameters<typeof createHash>) => {
  hashes++
  return createHash(...args)
}
crypto.hash = ((...args: Parameters<typeof hash>) => {
  hashes++
  return hash(...args)
}) as typeof hash
syncBuiltinESMExports()

const USERS: Readonly<Record<string, DigestUser>> = {
  printer: { hash: HASH, roles: ['device'] },
  scanner: { hash: HASH.split('').toReversed().join('') },
}
const found = new Map(Object.entries(USERS).map(([name, user]) => [name, { ...user, subject: name }]))

const ways: readonly (readonly [name: string, options: DigestOptions])[] = [
  ['in a policy', { realm: REALM, users: USERS }],
  ['by a look-up', { realm: REALM, lookup: (name) => found.get(name) }],
]
const NAMES = ['printer', 'scanner', 'mallory', 'Printer', 'constructor']

/** Enough of them that the clock can tell. */
const TIMES = 200

describe('users whose digest is wrong', () => {
  for (const [name, options] of ways) {
    const scheme = compiled(digest(options))
    const guard = compileAuthenticate(scheme)
    const [challenge = ''] = scheme.challenges([])
    const trying = (changes: Proof): RequestFacts => {
      const proof = proofOf(challenge, changes, { password: 'wrong' })
      return facts({ fields: [['Authorization', written(proof)]] })
    }

    test(`AUT-08: ${name}, known and unknown ones differ in no byte, and in no hash`, () => {
      const answers = NAMES.map((username) => {
        const request = trying({ username })
        hashes = 0
        const { kind, reason, fields = [], members } = refusal(decide(guard, request))
        // The nonces of two challenges are never the same.
        const rest = fields.map((text) => text.replace(/nonce="[^"]+"/, 'nonce'))
        return { kind, reason, fields: rest, members, hashes }
      })
      for (const one of answers) assert.deepEqual(one, answers[0])
      assert.ok((answers[0]?.hashes ?? 0) >= 4, 'a response is computed, and compared')
    })

    test(`AUT-08: ${name}, their times differ by no more than noise`, async () => {
      const kinds = NAMES.map((username) => {
        const request = trying({ username })
        const work = (): void => {
          for (let n = 0; n < TIMES; n++) void decide(guard, request)
        }
        return [username, work] as const
      })
      const times = await measured(Object.fromEntries(kinds), 21, 1.5)
      assert.ok(spread(times) < 1.5, JSON.stringify(times))
    })
  }
})
