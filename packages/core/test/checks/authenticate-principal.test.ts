import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileAuthenticate } from '../../src/checks/authenticate.ts'
import { facts } from '../support/facts.ts'
import { caller, decide, stubScheme } from '../support/schemes.ts'

const rows: readonly [name: string, changes: object, expected: string][] = [
  ['all of them', { permissions: ['a:b'], acr: 'mfa', authTime: 1 }, 'pass'],
  ['none of them', {}, 'pass'],
  ['permissions that are a text', { permissions: 'a:b' }, 'dependency.failed'],
  ['a permission that is a number', { permissions: [1] }, 'dependency.failed'],
  ['an acr that is a list', { acr: ['mfa'] }, 'dependency.failed'],
  ['a time that is a text', { authTime: '1' }, 'dependency.failed'],
  ['a time that is not a number', { authTime: NaN }, 'dependency.failed'],
]
for (const [name, changes, expected] of rows) {
  test(`AUT-15: a caller with ${name} of permissions, acr and authTime`, () => {
    const principal = { ...caller(), ...changes }
    const guard = compileAuthenticate(stubScheme(() => ({ type: 'authenticated', principal })))
    const verdict = decide(guard, facts())
    assert.ok(!(verdict instanceof Promise))
    assert.equal(verdict.type === 'refusal' ? verdict.kind : verdict.type, expected)
  })
}
