import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { expressionProblem } from '../../src/checks/cors/expression.ts'
import { type CorsOptions } from '../../src/checks/cors.ts'
import { byName, cors, from, preflight, sent } from '../support/cors.ts'

const APP = 'https://app.example.com'

const label = fc.stringMatching(/^[a-z0-9]{1,4}$/)
const origin = fc.oneof(
  fc.constantFrom(
    APP,
    'null',
    '',
    'https://a.pages.example',
    'https://pages.example',
    'http://localhost:3000',
  ),
  fc
    .tuple(
      fc.constantFrom('http://', 'https://', 'HTTPS://', ''),
      fc.array(fc.oneof(label, fc.constantFrom('pages', 'example', 'app', 'com', 'evil')), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.constantFrom(
        '',
        '',
        '.',
        ':443',
        ':8443',
        ':*',
        '/',
        '@app.example.com',
        '.pages.example',
        'pages.example',
      ),
    )
    .map(([scheme, labels, end]) => scheme + labels.join('.') + end),
  fc.string({ maxLength: 40 }),
)

/** What the list below means, said again without the code that is tested. */
function allowedByHand(text: string): boolean {
  if (text === APP) return true
  if (!URL.canParse(text) || new URL(text).origin !== text) return false
  const { protocol, hostname, port } = new URL(text)
  if (protocol === 'http:') return hostname === 'localhost'
  return protocol === 'https:' && port === '' && hostname.endsWith('.pages.example')
}

const OPTIONS: CorsOptions = {
  origins: [APP, 'https://*.pages.example', 'http://localhost:*'],
  credentials: true,
}

test('COR-13: an origin is allowed exactly when the URL parser of the platform says that it is on the list', () => {
  const policy = cors(OPTIONS)
  fc.assert(
    fc.property(origin, (text) => {
      const allowed = allowedByHand(text)
      assert.deepEqual(
        sent(policy, from(text)),
        allowed ? { 'Access-Control-Allow-Origin': text, 'Access-Control-Allow-Credentials': 'true' } : {},
      )
    }),
    { numRuns: 2000 },
  )
})

test('COR-03: a preflight is answered in full or denied without any field, and its half of the actual response agrees', () => {
  const policy = cors({ ...OPTIONS, methods: ['PUT'], headers: ['x-a', 'x-b'] })
  const method = fc.oneof(fc.constantFrom('GET', 'PUT', 'put', ''), fc.string({ maxLength: 6 }))
  const headers = fc.option(
    fc.oneof(
      fc
        .array(fc.constantFrom('x-a', 'X-B', '', ' ', 'x-c'), { maxLength: 4 })
        .map((names) => names.join(',')),
      fc.string({ maxLength: 12 }),
    ),
    { nil: undefined },
  )
  fc.assert(
    fc.property(origin, method, headers, (text, asked, names) => {
      const request = preflight(text, asked, names)
      const verdict = policy.decide(request)
      assert.ok(!(verdict instanceof Promise))
      assert.deepEqual(policy.response.fields(request), [])
      const wanted = (names ?? '').split(',').map((name) => name.replace(/^[ \t]?(.*?)[ \t]?$/s, '$1'))
      const allowed =
        allowedByHand(text) &&
        ['GET', 'HEAD', 'POST', 'PUT'].includes(asked) &&
        wanted.every((name) => ['', 'x-a', 'x-b'].includes(name.toLowerCase()))
      assert.ok(verdict.type !== 'pass')
      assert.equal(verdict.type === 'answer', allowed, JSON.stringify([text, asked, names]))
      const fields = byName(verdict.fields ?? [])
      assert.equal(fields['Access-Control-Allow-Origin'], allowed ? text : undefined)
      assert.equal(
        Object.keys(fields).some((name) => name.startsWith('Access-Control-')),
        allowed,
      )
    }),
    { numRuns: 2000 },
  )
})

test('COR-16: whatever is asked for, the verdict comes without a throw, and reasons stay short and printable', () => {
  const policy = cors({ ...OPTIONS, block: true })
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      (a, b, c) => {
        for (const request of [
          preflight(a, b, c),
          preflight(APP, b, c),
          preflight(APP, 'GET', c),
          from(a, 'POST'),
        ]) {
          const verdict = policy.decide(request)
          assert.ok(!(verdict instanceof Promise))
          if (verdict.type !== 'refusal') continue
          assert.ok(verdict.reason.length <= 250)
          assert.doesNotMatch(verdict.reason, /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u)
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('COR-26: an expression that is used accepts whole origins only', () => {
  const piece = fc.constantFrom(
    '^',
    '$',
    '|',
    '(',
    ')',
    '(?:',
    '[',
    ']',
    '\\',
    'a',
    'b',
    '\\$',
    '\\^',
    '[$]',
    '?',
    '+',
    '$|^',
  )
  let used = 0
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.boolean(), (pieces, anchored) => {
      const source = anchored ? `^${pieces.join('')}$` : pieces.join('')
      let expression: RegExp
      try {
        expression = new RegExp(source)
      } catch {
        return
      }
      if (expressionProblem(expression) !== undefined) return
      used++
      // Anchored means: it finds something in a text only where it takes the whole of it.
      const whole = new RegExp(`^(?:${source})$`)
      for (const text of ['a', 'b', 'ab', 'aa', '$', '']) {
        for (const around of [text, `!${text}`, `${text}!`, `!${text}!`]) {
          assert.equal(expression.test(around), whole.test(around), `${source} ${around}`)
        }
      }
    }),
    { numRuns: 2000 },
  )
  assert.ok(used > 50, `only ${used} expressions were used`)
})
