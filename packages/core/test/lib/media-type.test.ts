import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMediaType } from '../../src/lib/media-type.ts'

const read: readonly (readonly [
  text: string,
  essence: string,
  parameters?: Readonly<Record<string, string>>,
])[] = [
  ['application/json', 'application/json'],
  ['APPLICATION/Json', 'application/json'],
  [' application/json\t', 'application/json'],
  ['application/merge-patch+json', 'application/merge-patch+json'],
  ['text/html;charset=utf-8', 'text/html', { charset: 'utf-8' }],
  ['text/html; Charset="utf-8"', 'text/html', { charset: 'utf-8' }],
  ['text/html \t;\t charset=UTF-8', 'text/html', { charset: 'UTF-8' }],
  ['text/html;', 'text/html'],
  ['text/html; ; charset=a;', 'text/html', { charset: 'a' }],
  ['multipart/form-data; boundary="a\\"b;c, d"', 'multipart/form-data', { boundary: 'a"b;c, d' }],
  ['a/b;c=""', 'a/b', { c: '' }],
]
for (const [text, essence, parameters = {}] of read) {
  test(`CSR-06: ${JSON.stringify(text)} is ${essence}`, () => {
    const type = parseMediaType(text)
    assert.deepEqual(type && [type.essence, Object.fromEntries(type.parameters)], [essence, parameters])
  })
}

const denied: readonly string[] = [
  '',
  ' ',
  'json',
  'application/',
  '/json',
  'application /json',
  'application/ json',
  'application/json/x',
  'application/json, text/plain',
  'application/json,',
  'application/json text/plain',
  'application/json charset=utf-8',
  'application/json;charset',
  'application/json;charset=',
  'application/json;charset =utf-8',
  'application/json;charset= utf-8',
  'application/json;=utf-8',
  'application/json;charset="utf-8',
  'application/json;charset="utf-8"x',
  'application/json;charset=utf-8;charset=utf-7',
  'application/json;charset=utf-8;CHARSET=utf-8',
  'application/json;charset=ü',
  'applic\u0000ation/json',
  'application/json\r\n',
  `a/b${Array.from({ length: 17 }, (_, index) => `;p${index}=1`).join('')}`,
]
for (const text of denied) {
  test(`CSR-06: ${JSON.stringify(text).slice(0, 60)} is no media type`, () => {
    assert.equal(parseMediaType(text), undefined)
  })
}
