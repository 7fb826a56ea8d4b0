import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { overrideMethod } from '../../src/request/method-override.ts'

describe('REQ-07: which method a request has', () => {
  const allowed = new Set(['PUT', 'DELETE'])
  const rows: readonly (readonly [
    name: string,
    method: string,
    headers: Readonly<Record<string, string>>,
    becomes: string,
  ])[] = [
    ['POST with one of the list', 'POST', { 'x-http-method-override': 'DELETE' }, 'DELETE'],
    ['in any case', 'POST', { 'x-http-method-override': 'delete' }, 'DELETE'],
    ['in the second field', 'POST', { 'x-http-method': 'PUT' }, 'PUT'],
    ['in the third field', 'POST', { 'x-method-override': 'PUT' }, 'PUT'],
    ['POST without a field', 'POST', {}, 'POST'],
    ['POST with another', 'POST', { 'x-http-method-override': 'PATCH' }, 'POST'],
    ['a safe method', 'POST', { 'x-http-method-override': 'GET' }, 'POST'],
    ['TRACE', 'POST', { 'x-http-method-override': 'TRACE' }, 'POST'],
    ['two values', 'POST', { 'x-http-method-override': 'PUT, DELETE' }, 'POST'],
    ['the first field counts', 'POST', { 'x-http-method-override': 'a', 'x-http-method': 'PUT' }, 'POST'],
    ['GET', 'GET', { 'x-http-method-override': 'DELETE' }, 'GET'],
    ['HEAD', 'HEAD', { 'x-http-method-override': 'PUT' }, 'HEAD'],
    ['OPTIONS', 'OPTIONS', { 'x-http-method-override': 'PUT' }, 'OPTIONS'],
    ['PUT', 'PUT', { 'x-http-method-override': 'DELETE' }, 'PUT'],
    ['post, which is another method', 'post', { 'x-http-method-override': 'DELETE' }, 'post'],
  ]
  for (const [name, method, headers, becomes] of rows) {
    test(name, () => {
      const request = { method, headers }
      overrideMethod(request, allowed)
      assert.equal(request.method, becomes)
    })
  }
})
