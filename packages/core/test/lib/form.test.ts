import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formFromObject, parseForm } from '../../src/lib/form.ts'

const read: readonly (readonly [text: string, form: Readonly<Record<string, string>> | undefined])[] = [
  ['', {}],
  ['a=1', { a: '1' }],
  ['a=1&b=2', { a: '1', b: '2' }],
  ['&&a=1&&', { a: '1' }],
  ['a', { a: '' }],
  ['a=', { a: '' }],
  ['=a', { '': 'a' }],
  ['a=b=c', { a: 'b=c' }],
  ['a+b=c+d', { 'a b': 'c d' }],
  ['%61=%2B', { a: '+' }],
  ['a=%c3%a9', { a: 'é' }],
  ['a=1&a=1', undefined],
  ['a=1&%61=2', undefined],
  ['a&a', undefined],
  ['a=%', undefined],
  ['a=%zz', undefined],
  ['a=%c3', undefined],
  ['a=%ed%a0%80', undefined],
]
for (const [text, form] of read) {
  test(`REQ-11: the form ${JSON.stringify(text)} is ${JSON.stringify(form)}`, () => {
    const parsed = parseForm(text)
    assert.deepEqual(parsed && Object.fromEntries(parsed), form)
  })
}

test('REQ-11: a form has no more fields than it may have, empty ones counted', () => {
  assert.equal(parseForm('a=1&b=2', 2)?.size, 2)
  assert.equal(parseForm('a=1&b=2&c=3', 2), undefined)
  assert.equal(parseForm('&&', 2), undefined)
  assert.equal(parseForm('&'.repeat(32)), undefined)
})

test('REQ-11: a form that a framework has parsed is one of texts, each once', () => {
  assert.deepEqual([...(formFromObject({ a: '1' }) ?? [])], [['a', '1']])
  for (const body of [{ a: ['1', '2'] }, { a: { b: '1' } }, ['a'], { a: 1 }])
    assert.equal(formFromObject(body), undefined)
  assert.equal(
    formFromObject(Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`a${i}`, '']))),
    undefined,
  )
})
