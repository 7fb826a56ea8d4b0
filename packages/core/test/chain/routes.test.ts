import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { paramsOf, readPattern, type Route, RouteTable } from '../../src/chain/routes.ts'
import { mistakesOf, place } from '../support/compile.ts'

function table(patterns: readonly string[], exact: readonly string[] = []): RouteTable<string> {
  const made = new RouteTable<string>()
  for (const text of [...patterns, ...exact]) {
    const pattern = readPattern(place('routes'), text)
    assert.ok(pattern, text)
    assert.equal(made.add({ pattern, value: text, exact: exact.includes(text) }), undefined, text)
  }
  return made
}

const valueOf = (route: Route<string> | undefined): string | undefined => route?.value

describe('the route table', () => {
  const rows: readonly (readonly [
    name: string,
    patterns: readonly string[],
    request: string,
    rule: string | undefined,
  ])[] = [
    ['AZ-06: HEAD takes the rule of GET', ['GET /a'], 'HEAD /a', 'GET /a'],
    ['AZ-06: HEAD with a rule of its own takes that', ['GET /a', 'HEAD /a'], 'HEAD /a', 'HEAD /a'],
    ['AZ-06: POST takes no rule of GET', ['GET /a'], 'POST /a', undefined],
    ['AZ-06: OPTIONS takes no rule of GET', ['GET /a'], 'OPTIONS /a', undefined],
    ['a rule without a method binds every method', ['/a'], 'DELETE /a', '/a'],
    ['a rule with the method comes before one without', ['/a', 'GET /a'], 'GET /a', 'GET /a'],
    ['a literal segment comes before a named one', ['/a/:id', '/a/b'], 'GET /a/b', '/a/b'],
    ['a named segment comes before a wildcard', ['/a/*', '/a/:id'], 'GET /a/x', '/a/:id'],
    ['a wildcard binds everything below', ['/a/*'], 'GET /a/b/c/d', '/a/*'],
    ['a wildcard binds the folder itself', ['/a/*'], 'GET /a', '/a/*'],
    ['a wildcard does not bind a neighbour', ['/a/*'], 'GET /ab', undefined],
    ['the deeper wildcard comes first', ['/*', '/a/*'], 'GET /a/b', '/a/*'],
    ['a dead end goes back to what binds', ['/a/b/c', '/a/*'], 'GET /a/b/x', '/a/*'],
    ['the root', ['/'], 'GET /', '/'],
    ['the target * of OPTIONS is no path', ['/', '/*'], 'OPTIONS *', undefined],
    ['the root is not everything', ['/'], 'GET /a', undefined],
    ['REQ-04: another case is the same path to some routers', ['/admin/*'], 'GET /Admin/x', '/admin/*'],
    ['REQ-04: a trailing slash is the same path to some routers', ['/admin'], 'GET /admin/', '/admin'],
    ['REQ-04: encoded letters are the same path to some routers', ['/admin/*'], 'GET /%61dmin/x', '/admin/*'],
    ['REQ-04: what is not UTF-8 does not throw', ['/admin/*'], 'GET /%ff', undefined],
  ]
  for (const [name, patterns, request, rule] of rows) {
    test(name, () => {
      const [method = '', path = ''] = request.split(' ')
      assert.equal(valueOf(table(patterns).find(method, path)), rule)
    })
  }

  test('AZ-01: a public rule binds only its exact spelling', () => {
    const made = table([], ['/health', '/static/*', '/users/:id'])
    for (const path of ['/health', '/static/a', '/users/7']) assert.ok(made.find('GET', path), path)
    for (const path of ['/Health', '/health/', '/%68ealth', '/static', '/Static/a', '/users/7/']) {
      assert.equal(made.find('GET', path), undefined, path)
    }
  })

  test('AZ-01: a path that a public rule does not spell falls to the rule that binds it', () => {
    const made = table(['/*', '/files/admin'], ['/health', '/files/*'])
    assert.equal(valueOf(made.find('GET', '/Health')), '/*')
    assert.equal(valueOf(made.find('GET', '/files/ADMIN')), '/files/admin')
    assert.equal(valueOf(made.find('GET', '/files/x')), '/files/*')
  })

  test('two patterns for the same requests are found', () => {
    const made = table(['GET /a/:id'])
    const same = readPattern(place('routes'), 'GET /A/:other/')
    assert.ok(same)
    assert.equal(valueOf(made.add({ pattern: same, value: 'second', exact: false })), 'GET /a/:id')
  })

  test('AZ-11: 20,000 rules are matched without a scan', () => {
    const made = table(Array.from({ length: 20_000 }, (_, i) => `/a${i % 100}/b${i}/:id`))
    const start = process.hrtime.bigint()
    for (let i = 0; i < 1_000; i++) assert.ok(made.find('GET', '/a99/b19999/x'))
    // A thousand look-ups in half a second is a hundred times what they take, and far from a scan of 20,000 rules.
    assert.ok(process.hrtime.bigint() - start < 500_000_000n)
  })
})

describe('patterns', () => {
  const wrong: readonly (readonly [name: string, pattern: string, mistake: string])[] = [
    ['no leading slash', 'a', 'malformed_value'],
    ['an unknown method', 'FETCH /a', 'malformed_value'],
    ['a method in lower case', 'get /a', 'malformed_value'],
    ['an empty segment', '/a//b', 'malformed_value'],
    ['a wildcard in the middle', '/a/*/b', 'malformed_value'],
    ['a dot segment', '/a/../b', 'malformed_value'],
    ['a percent sign', '/a%20b', 'malformed_value'],
    ['a query', '/a?b', 'malformed_value'],
    ['a part without a name', '/a/:', 'malformed_value'],
    ['a part named twice', '/:a/:a', 'duplicate_value'],
    ['a part named like a prototype', '/:__proto__', 'duplicate_value'],
  ]
  for (const [name, pattern, mistake] of wrong) {
    test(`ERR-03: ${name} is a mistake`, () => {
      assert.deepEqual(
        mistakesOf('routes', (where) => readPattern(where, pattern)),
        [`${mistake} routes`],
      )
    })
  }

  test('parts of the path are decoded', () => {
    const pattern = readPattern(place('routes'), '/users/:id/notes/:note')
    assert.ok(pattern)
    assert.deepEqual(paramsOf(pattern, '/users/a%20b/notes/7'), { id: 'a b', note: '7' })
  })
})
