import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileAuthenticate } from '../../src/checks/authenticate.ts'
import type { RequestFacts } from '../../src/contract/request.ts'
import { generateApiKey } from '../../src/identity/api-key-format.ts'
import { apiKey, type ApiKeyOptions, type ApiKeyRecord } from '../../src/identity/api-key.ts'
import { facts } from '../support/facts.ts'
import { compiled, decide, refusal } from '../support/schemes.ts'
import { measured, spread } from '../support/timing.ts'

/*
 * Whoever finds an old key learns from the time of an answer whether it was one of this API once, when a key that
 * nobody has is answered before its digest, or before the record of one, has been looked at.
 */

const KEYS = {
  unknown: generateApiKey('acme'),
  revoked: generateApiKey('acme'),
  expired: generateApiKey('acme'),
  early: generateApiKey('acme'),
}
const common = { subject: 'billing', scopes: ['invoices:read'], roles: ['reader'] }
const RECORDS: readonly ApiKeyRecord[] = [
  { ...common, id: 'r', hash: KEYS.revoked.hash, revoked: true },
  { ...common, id: 'e', hash: KEYS.expired.hash, expires: Date.UTC(2020, 0, 1) },
  { ...common, id: 'n', hash: KEYS.early.hash, notBefore: Date.UTC(2050, 0, 1) },
]

const presenting = (key: string): RequestFacts => facts({ fields: [['X-API-Key', key]] })

/** Enough of them that the clock can tell. */
const TIMES = 300

const hashes = new Map(Object.values(KEYS).map(({ key, hash }) => [key, hash]))
const byHash = new Map(RECORDS.map((record) => [record.hash, record]))
let lookups = 0
/** A table of a database, found by the digest; made before, so that it is not timed. */
const find = (presented: string): ApiKeyRecord | undefined => {
  lookups++
  return byHash.get(hashes.get(presented) ?? '')
}

const ways: readonly (readonly [name: string, options: ApiKeyOptions, lookups: number])[] = [
  ['in a list', { prefix: 'acme', keys: RECORDS }, 0],
  ['by a look-up', { prefix: 'acme', keys: find }, 1],
  ['by a look-up with a cache', { prefix: 'acme', keys: find, maxCacheAge: '1m' }, 1],
]

describe('keys that are not good', () => {
  for (const [name, options, expected] of ways) {
    test(`AUT-08: ${name}, unknown, revoked, expired and early ones differ in no byte, and in no look-up`, () => {
      const guard = compileAuthenticate(compiled(apiKey(options)))
      const answers = Object.values(KEYS).map(({ key }) => {
        lookups = 0
        const { fields, members } = refusal(decide(guard, presenting(key)))
        return { fields, members, lookups }
      })
      for (const one of answers) assert.deepEqual(one, answers[0])
      assert.equal(answers[0]?.lookups, expected)
    })

    test(`AUT-08: ${name}, their times differ by no more than noise`, async () => {
      const guard = compileAuthenticate(compiled(apiKey(options)))
      const kinds = Object.entries(KEYS).map(([kind, { key }]) => {
        const request = presenting(key)
        const work = (): void => {
          for (let n = 0; n < TIMES; n++) void decide(guard, request)
        }
        return [kind, work] as const
      })
      const times = await measured(Object.fromEntries(kinds), 21, 1.5)
      assert.ok(spread(times) < 1.5, JSON.stringify(times))
    })
  }
})
