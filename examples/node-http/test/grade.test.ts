import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { CspEvaluator } from 'csp_evaluator/dist/evaluator.js'
import { type Finding, Severity } from 'csp_evaluator/dist/finding.js'
import { CspParser } from 'csp_evaluator/dist/parser.js'
import { type Answer, type Call, call } from '../../../packages/core/test/support/call.ts'
import { type Demo, startDemo } from './support/demo.ts'
import { gradeOf } from './support/observatory.ts'

const NAME = 'demo.example'

describe('what others say of the demo', () => {
  let demo: Demo
  let page: Answer
  before(async () => {
    // Browsers note no HSTS for localhost, so none is sent there: the demo is asked by a name of its own.
    demo = await startDemo(['--tls'], { NAME })
    page = await ask('https')
    assert.equal(page.status, 200)
  })
  after(() => demo?.child.stop())

  function ask(scheme: 'http' | 'https', path = '/', sent: Call = {}): Promise<Answer> {
    const base = new URL(demo[scheme] ?? '')
    const headers = { Host: `${NAME}:${base.port}`, ...sent.headers }
    return call(new URL(path, base).href, { ...sent, headers })
  }

  /** What csp_evaluator finds, worst first. */
  function findings(answer: Answer): readonly Finding[] {
    const { csp } = new CspParser(String(answer.headers['content-security-policy']))
    const found = new CspEvaluator(csp).evaluate()
    return found.toSorted((a, b) => a.severity - b.severity)
  }

  test('HDR-02: csp_evaluator finds nothing in the policy of the page', () => {
    const worse = findings(page).filter(({ severity }) => severity < Severity.INFO)
    assert.deepEqual(worse, [])
  })

  test('HDR-02: nor anything in that of the API', async () => {
    const answer = await ask('https', '/health')
    const worse = findings(answer).filter(({ severity }) => severity < Severity.INFO)
    assert.deepEqual(worse, [])
  })

  test('HDR-02: csp_evaluator is heard: it finds what is wrong', () => {
    const headers = { 'content-security-policy': "script-src 'unsafe-inline' *" }
    assert.equal(findings({ ...page, headers })[0]?.severity, Severity.HIGH)
  })

  test('HDR-02: the rules of the MDN HTTP Observatory give the page their best grade', async (t) => {
    const plain = await ask('http')
    const target = new URL(String(plain.headers.location))
    assert.deepEqual([target.protocol, target.hostname], ['https:', NAME])
    const preflight = await ask('https', '/', {
      method: 'OPTIONS',
      headers: { Origin: 'https://other.example', 'Access-Control-Request-Method': 'GET' },
    })
    const site = {
      hostname: NAME,
      https: page,
      preflight,
      redirects: [
        { url: new URL(`http://${NAME}/`), status: plain.status },
        { url: target, status: page.status },
      ],
    }
    const { grade, judged } = await gradeOf(site, t)
    assert.deepEqual([grade, judged.filter(({ pass }) => !pass)], ['A+', []], JSON.stringify(judged, null, 1))
    const bare = await gradeOf({ ...site, https: { ...page, headers: {} } }, t)
    assert.equal(bare.grade, 'D', 'and without its headers a bad one')
  })
})
