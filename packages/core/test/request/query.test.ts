import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RequestQuery } from '../../src/request/query.ts'

describe('the query of a request', () => {
  test('REQ-12: of a parameter that comes more than once, the policy says which value counts', () => {
    const sent = '?a=1&b=2&%61=3'
    assert.equal(new RequestQuery(sent, 'first').get('a'), '1')
    assert.equal(new RequestQuery(sent, 'last').get('a'), '3')
    for (const counts of ['first', 'last'] as const) {
      assert.equal(new RequestQuery(sent, counts).get('b'), '2')
      assert.deepEqual(new RequestQuery(sent, counts).all('a'), ['1', '3'])
    }
  })

  test('REQ-12: names and values are decoded, and brackets mean nothing', () => {
    const query = new RequestQuery('?q=caf%C3%A9+au%20lait&tag[]=1&tag[]=2&empty&=x', 'first')
    assert.equal(query.get('q'), 'caf\u00e9 au lait')
    assert.deepEqual(query.all('tag[]'), ['1', '2'])
    assert.equal(query.get('tag'), undefined)
    assert.equal(query.get('empty'), '')
    assert.equal(query.get(''), 'x')
    assert.deepEqual(
      [...query].map(([name]) => name),
      ['q', 'tag[]', 'tag[]', 'empty', ''],
    )
  })

  test('REQ-12: what is not there is not there, whatever objects inherit', () => {
    const query = new RequestQuery('?__proto__=1', 'first')
    for (const name of ['a', 'constructor', 'toString', 'hasOwnProperty']) {
      assert.equal(query.get(name), undefined)
      assert.deepEqual(query.all(name), [])
      assert.equal(query.has(name), false)
    }
    assert.equal(query.get('__proto__'), '1')
  })

  test('REQ-12: nothing that a handler is given can change it', () => {
    const query = new RequestQuery('?a=1', 'first')
    ;(query.all('a') as string[]).push('2')
    assert.deepEqual(query.all('a'), ['1'])
  })

  test('REQ-12: it never throws, also for what the check of the request refuses', () => {
    for (const sent of ['', '?', '?&', '?=', '?a=%zz&b=1', '?%ff=1&b=1', '?a=\u0000&b=1']) {
      const query = new RequestQuery(sent, 'last')
      assert.equal(query.get('b'), sent.includes('b') ? '1' : undefined, sent)
    }
  })
})
