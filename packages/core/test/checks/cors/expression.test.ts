import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileCors } from '../../../src/checks/cors.ts'
import { expressionProblem } from '../../../src/checks/cors/expression.ts'
import { mistakesAt, mistakesOf, place } from '../../support/compile.ts'
import { cors, from, sent } from '../../support/cors.ts'

describe('regular expressions for origins', () => {
  const usable = [
    /^https:\/\/app\.example\.com$/,
    /^https:\/\/[a-z0-9-]+\.example\.com$/i,
    /^https:\/\/a\.example$|^https:\/\/b\.example$/,
    /^https:\/\/(?:a|b)\.example$/,
    /^https:\/\/(?<name>a|(?:b|c))\.example$/u,
    /^https:\/\/[|$^(.]x\.example$/,
    /^https:\/\/[\]|]x\.example$/,
    /^https:\/\/[[|]x\.example$/,
    /^https:\/\/.+\.example\.com$/,
    /^https:\/\/.{2,8}\.example\.com$/,
    /^https:\/\/.*?\.example\.com$/,
    /^https:\/\/([a-z0-9-]+)\.example\.com$/,
    /^https:\/\/(?:[a-z0-9-]+\.)?example\.com(?::[0-9]+)?$/,
    /^https:\/\/[0-9a-f]{8}-app\.example\.com:\d+$/,
    /^https:\/\/(?:ab)+\.example\.com$/,
    /^https:\/\/10\.0\.0\.[0-9]{1,3}$/,
    /^http:\/\/10\.0\.\d+\.\d+$/,
    /^http:\/\/localhost:\d{4}$/,
    /^https:\/\/[a-z]+\.example\.(?:com|net)$/,
    new RegExp('^https://[[a-z]--[x]]\\.example$', 'v'),
    new RegExp('^https://[[a].]\\.example$', 'v'),
  ]
  for (const expression of usable) {
    test(`COR-26: ${String(expression)} is used`, () => {
      assert.equal(expressionProblem(expression), undefined)
    })
  }

  test('COR-26: an expression that is too large for the engine is a mistake, and no error of a request', () => {
    const large = new RegExp(`^https://${'a'.repeat(70_000)}$`)
    assert.throws(() => large.test(''), SyntaxError)
    assert.match(expressionProblem(large)?.message ?? '', /too large/)
  })

  const unusable: readonly (readonly [string, RegExp, RegExp])[] = [
    ['state', /^https:\/\/a\.example$/g, /flag g or y/],
    ['state', /^https:\/\/a\.example$/y, /flag g or y/],
    ['ends of lines', /^https:\/\/a\.example$/m, /flag m/],
    ['no anchors', /https:\/\/a\.example/, /whole origins/],
    ['no end', /^https:\/\/a\.example/, /whole origins/],
    ['no beginning', /https:\/\/a\.example$/, /whole origins/],
    ['an open first alternative', /https:\/\/a\.example$|^https:\/\/b\.example$/, /whole origins/],
    ['an open last alternative', /^https:\/\/a\.example$|^https:\/\/b\.example/, /whole origins/],
    ['a short alternative', /^https:\/\/a|b\.example$/, /whole origins/],
    ['an empty alternative', /^https:\/\/a\.example$|/, /whole origins/],
    ['an escaped end', /^https:\/\/a\.example\$/, /whole origins/],
    ['an escaped beginning', /\^https:\/\/a\.example$/, /whole origins/],
    ['an end in a class', /^https:\/\/a\.example[$]/, /whole origins/],
    ['an end in a group', /^https:\/\/a\.example(?:$|x)/, /whole origins/],
    ['an end that may be left out', /^https:\/\/a\.example(?:$)?/, /whole origins/],
    ['an end before something', /^https:\/\/a\.example$x?/, /whole origins/],
    ['an alternative after a class with a bracket', /^[\]]a$|b/, /whole origins/],
    ['nothing', new RegExp(''), /whole origins/],
    ['a dot for any character', /^https:\/\/app.example\.com$/, /stands for any character/],
    ['a dot at the end', /^https:\/\/app\.example.$/, /stands for any character/],
    ['a label that is not bounded', /^https:\/\/.*example\.com$/, /evilexample/],
    ['one or more, not bounded', /^https:\/\/.+example\.com$/, /evilexample/],
    ['a class that is not bounded', /^https:\/\/[^/]*example\.com$/, /evilexample/],
    ['letters that are not bounded', /^https:\/\/[a-z-]+example\.com$/, /evilexample/],
    ['an escape that is not bounded', /^https:\/\/\S+example\.com$/, /evilexample/],
    ['an exact count of anything', /^https:\/\/.{4}example\.com$/, /evilexample/],
    ['not bounded, in a group', /^https:\/\/(?:[a-z]+)?example\.com$/, /evilexample/],
    ['a dot that may be left out', /^https:\/\/.+\.?example\.com$/, /evilexample/],
    ['an open end', /^https:\/\/example\.com.*$/, /evilexample/],
    ['a repeated group, not bounded', /^https:\/\/(?:ab)+example\.com$/, /evilexample/],
    ['every name below a top-level domain', /^https:\/\/[a-z0-9-]+\.com$/, /whoever buys one/],
    ['such names of one length', /^https:\/\/[a-z]{10}\.com$/, /whoever buys one/],
    ['such a domain of one length', /^https:\/\/example\.[a-z]{3}$/, /whoever buys one/],
    ['names below such names', /^https:\/\/app\.[a-z-]+\.io(?::\d+)?$/, /whoever buys one/],
    [
      'such names in one of two',
      /^https:\/\/[a-z]+\.a\.example$|^https:\/\/[a-z]+\.com$/,
      /whoever buys one/,
    ],
    ['such names of digits', /^https:\/\/[0-9]{3}\.com$/, /whoever buys one/],
    ['nested repetition', /^https:\/\/(?:[a-z]+)+\.good\.com$/, /very long/],
    ['deeply nested repetition', /^https:\/\/(?:x(?:[a-z]*\.))*good\.com$/, /very long/],
    ['nested counts', /^https:\/\/(?:[a-z]{1,9}){1,9}\.good\.com$/, /very long/],
    ['a repeated choice', /^https:\/\/(?:a|a)+\.good\.com$/, /very long/],
    ['a reference', /^https:\/\/([a-z]+)\.\1\.good\.com$/, /very long/],
    ['a named reference', /^https:\/\/(?<x>[a-z]+)\.\k<x>\.good\.com$/, /very long/],
    ['a look ahead', /^https:\/\/(?!evil)[a-z]+\.good\.com$/, /very long/],
    ['a look behind', /^https:\/\/[a-z]+\.(?<=a\.)good\.com$/, /very long/],
    ['three that cross dots', /^https:\/\/.+\..+\..+\.good\.com$/, /very long/],
    ['all of https', /^https:\/\/.*$/, /accepts every host/],
    ['all names', /^https?:\/\/[a-z.-]+(?::[0-9]+)?$/, /accepts every host/],
    ['all ports of http', /^http:\/\/[^/]+:8080$/, /accepts every host/],
    ['all names of three labels', /^https:\/\/www\.[a-z]+\.[a-z]+$/, /accepts every host/],
  ]
  for (const [what, expression, message] of unusable) {
    test(`COR-26: ${String(expression)} is refused: ${what}`, () => {
      const where = place('cors')
      compileCors(where, { origins: [expression] }, { exposed: [] })
      const [mistake, ...others] = mistakesAt(where)
      assert.deepEqual(others, [])
      assert.equal(`${mistake?.code} ${mistake?.path}`, 'unsafe_value cors.origins[0]')
      assert.match(mistake?.message ?? '', message)
    })
  }

  test('COR-26: an expression is copied, flags and all, and sees no later change', () => {
    const expression = /^https:\/\/a\.example$/i
    const policy = cors({ origins: [expression] })
    expression.compile('')
    assert.deepEqual(policy.response.fields(from('https://evil.example')), [])
    assert.equal(sent(policy, from('https://a.example'))['Access-Control-Allow-Origin'], 'https://a.example')
  })

  test('COR-26: an expression of another realm, or in an object that is none, is not mistaken', () => {
    const fake = { test: () => true, source: '^a$', flags: '' }
    assert.deepEqual(
      mistakesOf('cors', (where) => compileCors(where, { origins: [fake] }, { exposed: [] })),
      ['wrong_type cors.origins[0]'],
    )
  })

  test('COR-26: an origin of more than 512 characters is never allowed by an expression', () => {
    const policy = cors({ origins: [/^https:\/\/[a-z.]+\.example\.com$/] })
    const origin = (labels: number): string => `https://${'abcdefg.'.repeat(labels)}example.com`
    assert.equal(sent(policy, from(origin(30)))['Access-Control-Allow-Origin'], origin(30))
    assert.equal(sent(policy, from(origin(63)))['Access-Control-Allow-Origin'], undefined)
  })

  test('COR-26: says the same every time it is asked', () => {
    const policy = cors({ origins: [/^https:\/\/[a-z]+\.example\.com$/] })
    for (let i = 0; i < 5; i++) {
      assert.equal(
        sent(policy, from('https://a.example.com'))['Access-Control-Allow-Origin'],
        'https://a.example.com',
      )
    }
  })
})
