import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { allowedBy, type PolicyEngine } from '../../../src/options/engine.ts'
import { type Guarded, guarded } from '../../support/gate.ts'
import { as } from '../../support/scheme.ts'

let api: Guarded
before(async () => {
  const broken: PolicyEngine = { name: 'opa', decide: () => Promise.reject(new Error('password=hunter2')) }
  api = await guarded({
    routes: { '/x': { when: allowedBy(broken, () => ({ action: 'read', resource: { type: 'x' } })) } },
  })
})
after(() => api.close())

test('AZ-08: the log names the engine that failed, and nothing of its error', async () => {
  const { status, body } = await api.send({ path: '/x', fields: as('alice') })
  assert.equal(status, 403)
  assert.doesNotMatch(body, /opa|hunter2/)
  const last = (await api.events()).at(-1)
  assert.equal(last?.kind, 'authorization.failed')
  assert.match(last?.reason ?? '', /opa/)
  assert.doesNotMatch(last?.reason ?? '', /hunter2/)
})
