import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isUnknownMethod } from '../../src/node/unknown-method.ts'

describe('bytes that node:http could not parse', () => {
  const rows: readonly (readonly [name: string, bytes: string | undefined, holds: boolean])[] = [
    ['a method that nobody knows', 'GETT / HTTP/1.1\r\nHost: a\r\n\r\n', true],
    ['a method in lower case', 'get / HTTP/1.1\r\n', true],
    ['in HTTP/1.0', 'BREW /pot HTTP/1.0\r\n\r\n', true],
    [
      'a method that is known, before another request',
      'GET / HTTP/1.1\r\n\r\nGETT / HTTP/1.1\r\n\r\n',
      false,
    ],
    ['a method that is no token', 'G(T / HTTP/1.1\r\n', false],
    ['no method', ' / HTTP/1.1\r\n', false],
    ['no target', 'GETT\r\n', false],
    ['no version', 'GETT /\r\n', false],
    ['another version', 'GETT / HTTP/3\r\n', false],
    ['more than three words', 'GETT / x HTTP/1.1\r\n', false],
    ['a hello of TLS', '\x16\x03\x01\x00\x05hello', false],
    ['nothing', '', false],
    ['no bytes at all', undefined, false],
  ]
  for (const [name, bytes, holds] of rows) {
    test(`REQ-06: ${name} is ${holds ? 'a request that nobody serves' : 'something else'}`, () => {
      assert.equal(isUnknownMethod(bytes === undefined ? undefined : Buffer.from(bytes, 'latin1')), holds)
    })
  }
})
