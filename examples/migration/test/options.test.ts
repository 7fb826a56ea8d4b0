import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { ConfigError, gatehouse, type Policy } from '@gatehouse/core'

const root = new URL('../../../', import.meta.url)
const pages = readdirSync(new URL('docs/migrating/', root))

/** The code in the column "Gatehouse" of the tables of a page. */
function options(page: string): readonly string[] {
  const tables = readFileSync(new URL(`docs/migrating/${page}`, root), 'utf8').split('\n\n')
  return tables.flatMap((table) => {
    const rows = table.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
    const column = rows[0]?.indexOf('Gatehouse') ?? -1
    if (column === -1) return []
    return rows
      .slice(2)
      .flatMap((cells) => [...(cells[column] ?? '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code))
  })
}

const everywhere = pages.flatMap((page) => options(page).map((code) => ({ page, code })))

/** What an option is a part of, where it is none of the policy itself. */
const limit = { limit: 20, window: '1h' }
const PARTS: Readonly<Record<string, (part: object) => object>> = {
  ban: (part) => ({ rateLimit: { ...limit, ...part } }),
  count: (part) => ({ rateLimit: { ...limit, ...part } }),
  ipv6Prefix: (part) => ({ rateLimit: { ...limit, ...part } }),
  maxAge: (part) => ({ cors: { origins: '*', ...part } }),
  whenStoreFails: (part) => ({ rateLimit: { ...limit, ...part } }),
}
const POLICY: ReadonlySet<string> = new Set([
  'cors',
  'headers',
  'https',
  'proxy',
  'rateLimit',
  'rateLimitFields',
])

/** What can be built as it is written: nothing is left out, and nothing of it is a function or a route's. */
function isWhole(code: string): boolean {
  const [, name = ''] = /^(\w+): /.exec(code) ?? []
  return (POLICY.has(name) || name in PARTS) && !/\.\.\.|=>|'exempt'/.test(code)
}

/** The policy of a text. */
async function policyOf(code: string): Promise<Policy> {
  const module = `data:text/javascript,export const said = {${encodeURIComponent(code)}}`
  const { said } = (await import(module)) as { readonly said: object }
  const part = PARTS[Object.keys(said)[0] ?? '']
  return { hosts: ['api.example.com'], public: 'a test', ...(part === undefined ? said : part(said)) }
}

/** What the pages say does not build. */
const REFUSED: readonly string[] = [
  "cors: { origins: '*', credentials: true }",
  'cors: { origins: true }',
  "cors: { origins: '*', maxAge: 600 }",
  'cors: { origins: [/app\\.example\\.com/] }',
  "headers: { set: { 'X-Content-Type-Options': false } }",
  "headers: { contentSecurityPolicy: { 'script-source': [] } }",
  "headers: { contentSecurityPolicyReportOnly: { 'img-src': [] } }",
]

/** All words of the sources of the core. */
const words = new Set(
  readdirSync(new URL('packages/core/src/', root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap(
      (name) => readFileSync(new URL(`packages/core/src/${name}`, root), 'utf8').match(/[a-z]\w+/gi) ?? [],
    ),
)

/** Names that are of the adapters. */
const ADAPTERS = new Set(['passOf', 'config'])

describe('the options that docs/migrating names', () => {
  test('are many', () => {
    assert.ok(pages.length >= 5, pages.join(' '))
    assert.ok(everywhere.length > 100, `${everywhere.length}`)
  })

  test('exist', () => {
    const unknown = everywhere.filter(({ code }) => {
      const [name = ''] = /^[a-z]\w+/i.exec(code) ?? []
      return name !== '' && !words.has(name) && !ADAPTERS.has(name)
    })
    assert.deepEqual(unknown, [])
  })

  const whole = [...new Set(everywhere.map(({ code }) => code).filter(isWhole))]
  for (const code of whole) {
    test(`ERR-03: ${code} builds`, async () => {
      const policy = await policyOf(code)
      assert.doesNotThrow(() => gatehouse(policy))
    })
  }
  for (const code of REFUSED) {
    test(`ERR-03: ${code} does not build`, async () => {
      const policy = await policyOf(code)
      assert.throws(() => gatehouse(policy), ConfigError)
    })
  }

  test('are built, most kinds of them', () => {
    assert.ok(whole.length >= 12, `${whole.length}`)
  })
})
