import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NOT_KEPT, readRecord, UNDER_WAY, writeRecord } from '../../../src/checks/idempotency/record.ts'

const response = { status: 201, fields: ['X-A', 'é', 'X-A', 'b'], body: Buffer.from([0, 255, 10]) }

test('IDM-01: a response is remembered as it was, byte for byte', () => {
  const text = writeRecord('print', response)
  assert.deepEqual(readRecord(text ?? ''), { fingerprint: 'print', ...response })
})

test('IDM-01: a response without its content is not remembered', () => {
  assert.equal(writeRecord('print', { ...response, body: undefined }), undefined)
})

test('IDM-01: a status that HTTP does not have is not remembered', () => {
  for (const status of [199, 600, 700]) assert.equal(writeRecord('print', { ...response, status }), undefined)
})

test('IDM-01: what is no record is none', () => {
  const good = { fingerprint: 'print', status: 201, fields: [], body: '' }
  assert.ok(readRecord(JSON.stringify(good)) !== undefined)
  const bad: readonly object[] = [
    { ...good, fingerprint: 1 },
    { ...good, status: '201' },
    { ...good, status: 101 },
    { ...good, status: 600 },
    { ...good, fields: 'X-A' },
    { ...good, fields: ['X-A'] },
    { ...good, fields: ['X-A', 1] },
    { ...good, fields: ['X-A', 'a\nb'] },
    { ...good, fields: ['X A', 'a'] },
    { ...good, fields: ['X-A', '\u0100'] },
    { ...good, body: undefined },
    { ...good, body: '=' },
  ]
  for (const text of ['', 'null', '7', '[]', UNDER_WAY, NOT_KEPT, ...bad.map((each) => JSON.stringify(each))])
    assert.equal(readRecord(text), undefined, text)
})
