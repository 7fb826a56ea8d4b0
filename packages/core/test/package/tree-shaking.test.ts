import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { bundled } from './built.ts'

/** Texts that only the code of JSON Web Tokens has: an algorithm, a file of keys, a header that says what must be understood. */
const OF_JWT = ['RS256', 'jwks_uri', '"crit"', 'createPublicKey']

/** Such texts of other schemes and sinks. */
const OF_OTHERS = {
  digest: 'userhash',
  introspection: 'token_type_hint',
  'the token endpoint': 'unsupported_grant_type',
  sessions: 'is shorter than "idle"',
  'alerts of Slack': 'plain_text',
} as const

const has = (text: string, marker: string): boolean => text.includes(marker)

describe('what a bundler keeps of the core', () => {
  test('DEP-03: a gate with CORS alone brings no JWT, and no other scheme', async () => {
    const { text } = await bundled(`
      import { gatehouse } from '@gatehouse/core'
      export const gate = gatehouse({ hosts: ['a.example'], cors: { origins: ['https://b.example'] } })`)
    assert.ok(has(text, 'Access-Control-Allow-Origin'), 'the gate is there')
    for (const marker of [...OF_JWT, ...Object.values(OF_OTHERS)]) assert.ok(!has(text, marker), marker)
  })

  test('DEP-03: with jwt() it brings what it needs, and still no other scheme', async () => {
    const { text } = await bundled(`
      import { gatehouse, jwt } from '@gatehouse/core'
      export const gate = gatehouse({ authenticate: jwt({ issuer: 'https://i.example', audience: 'a' }) })`)
    for (const marker of OF_JWT) assert.ok(has(text, marker), marker)
    for (const marker of Object.values(OF_OTHERS)) assert.ok(!has(text, marker), marker)
  })

  test('DEP-03: everything together has all of it', async () => {
    const { text } = await bundled(`import * as all from '@gatehouse/core'; export { all }`)
    for (const marker of [...OF_JWT, ...Object.values(OF_OTHERS)]) assert.ok(has(text, marker), marker)
  })

  // With room for a third more than they are now. What grows beyond drags a table or a class along that it does not use.
  const alone: readonly (readonly [name: string, bytes: number])[] = [
    ['secret', 500],
    ['principalKey', 500],
    ['clearSiteData', 6_000],
    ['verifyPassword', 6_000],
    ['consoleLogger', 11_000],
    ['metrics', 13_000],
    ['signJwt', 23_000],
    ['jwt', 70_000],
  ]
  for (const [name, most] of alone) {
    test(`DEP-03: ${name} alone brings neither the gate nor more than ${most} bytes`, async () => {
      const { text, bytes } = await bundled(`import { ${name} } from '@gatehouse/core'; export { ${name} }`)
      assert.ok(bytes <= most, `${bytes} bytes`)
      assert.ok(!has(text, 'Access-Control-Allow-Origin'))
    })
  }

  test('DEP-03: a module that is imported for nothing leaves nothing', async () => {
    assert.equal((await bundled(`import '@gatehouse/core'`)).text.trim(), '')
    const { text } = await bundled(`import { gatehouse } from '@gatehouse/core'`)
    assert.equal(text.trim(), '')
  })

  test('DEP-03: every package says that loading it does nothing', () => {
    const packages = new URL('../../../', import.meta.url)
    for (const name of readdirSync(packages)) {
      const manifest = readFileSync(new URL(`${name}/package.json`, packages), 'utf8')
      assert.match(manifest, /"sideEffects": false/, name)
    }
  })
})
