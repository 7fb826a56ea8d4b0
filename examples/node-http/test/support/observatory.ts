import fs from 'node:fs'
import type { TestContext } from 'node:test'
import type { Answer } from '../../../../packages/core/test/support/call.ts'

/** What the observatory makes of a response: a rule, and the points that it gives or takes. */
export interface Judged {
  readonly rule: string
  readonly pass: boolean
  readonly points: number
}

/** What it makes of a site. */
export interface Grade {
  readonly grade: string
  readonly score: number
  readonly judged: readonly Judged[]
}

/** What it is shown of a site, as it would have fetched it. */
export interface Site {
  readonly hostname: string
  readonly https: Answer
  /** The last answer of the way that began at http, and where each step of it went. */
  readonly redirects: readonly { readonly url: URL; readonly status: number }[]
  /** The answer to a preflight of another origin. */
  readonly preflight: Answer
}

interface Rules {
  readonly ALL_TESTS: readonly ((requests: object) => { readonly result: string; readonly pass: boolean })[]
  readonly getScoreModifier: (result: string) => number
  readonly getGradeForScore: (score: number) => { readonly grade: string; readonly score: number }
  readonly MINIMUM_SCORE_FOR_EXTRA_CREDIT: number
  readonly parseHttpEquivHeaders: (html: string, base: string) => Map<string, string[]>
}

/** Its own rules: it is JavaScript without types, and its package has no other door to them. */
async function rules(): Promise<Rules> {
  const parts = ['constants', 'grader/grader', 'grader/charts', 'retriever/utils']
  const modules: unknown[] = await Promise.all(
    parts.map((part) => import(`@mdn/mdn-http-observatory/src/${part}.js`)),
  )
  return Object.assign({}, ...modules) as Rules
}

/** Grades a site by the rules of the MDN HTTP Observatory, as its `scan` does with what it has fetched. */
export async function gradeOf(site: Site, t: TestContext): Promise<Grade> {
  const read = fs.readFileSync
  // The list of preloaded hosts is downloaded when the package is installed; this host is on no list.
  t.mock.method(fs, 'readFileSync', ((path, options) =>
    String(path).endsWith('hsts-preload.json') ? '{}' : read(path, options)) as typeof read)
  const all = await rules()
  const { hostname, https, redirects, preflight } = site
  const shown = ({ status, headers: given }: Answer): object => {
    // The rules read the members, and call the one method of axios.
    const headers = Object.defineProperty({ ...given }, 'get', { value: (name: string) => given[name] })
    return { status, headers, verified: true }
  }
  const auto = { ...shown(https), httpEquiv: all.parseHttpEquivHeaders(https.text, `https://${hostname}/`) }
  const requests = {
    hostname,
    resources: { path: https.text },
    responses: {
      auto,
      https: auto,
      http: auto,
      cors: shown(preflight),
      httpRedirects: redirects,
      httpsRedirects: [],
    },
    session: { url: new URL(`https://${hostname}/`) },
  }
  const judged = all.ALL_TESTS.map((judge) => {
    const { result, pass } = judge(requests)
    return { rule: result, pass, points: all.getScoreModifier(result) }
  })
  const lost = judged.reduce((sum, { points }) => sum + Math.min(points, 0), 100)
  const whole = judged.reduce((sum, { points }) => sum + points, 100)
  const { grade, score } = all.getGradeForScore(lost >= all.MINIMUM_SCORE_FOR_EXTRA_CREDIT ? whole : lost)
  return { grade, score, judged }
}
