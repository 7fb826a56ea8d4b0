import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import * as prettier from 'prettier'
import { ORDER } from '../../src/chain/order.ts'
import { CODES } from '../../src/contract/codes.ts'
import { KINDS } from '../../src/contract/kinds.ts'
import { blocksOf, documents } from '../support/documents/blocks.ts'
import { mistakesOfCommand } from '../support/documents/commands.ts'
import { allFences, type Fence, fencesOf, textOf } from '../support/documents/fences.ts'
import { mistakesOfMessage, mistakesOfProblem } from '../support/documents/http-message.ts'
import { commandsOf, commandsOfLine } from '../support/documents/shell.ts'
import { complaintsOf, skip as noNginx } from '../support/nginx.ts'

const root = new URL('../../../../', import.meta.url)
const fences = allFences()
const of = (...languages: readonly string[]): readonly Fence[] =>
  fences.filter(({ language }) => languages.includes(language))
const at = ({ page, line }: { readonly page: string; readonly line: number }): string => `${page}:${line}`

/** What each fence has against it, with its place; empty where all is well. */
function against(these: readonly Fence[], look: (fence: Fence) => readonly string[]): readonly string[] {
  assert.ok(these.length > 0)
  return these.flatMap((fence) => look(fence).map((mistake) => `${at(fence)}: ${mistake}`))
}

/** The languages that are looked at, and by whom where that is not here. */
const LANGUAGES: ReadonlySet<string> = new Set([
  'console',
  'http',
  'json',
  'nginx',
  'promql',
  'python',
  'sh',
  'sql',
  // blocks.test.ts compiles and runs it.
  'ts',
  // The tests of examples/migration run the file that it shows.
  'typescript',
  'yaml',
])

/** The blocks of which nothing can be asked, and why. */
const ALLOWED: readonly (readonly [page: string, language: string, why: string])[] = [
  ['ARCHITECTURE.md', 'text', 'a drawing of the layers, which .ci/layers.cjs holds'],
  ['CONTRIBUTING.md', 'text', 'the tree of the repository: below, its names are looked for'],
  ['CONTRIBUTING.md', 'md', 'shows how a fence is written; blocks.test.ts compiles what is in it'],
  ['README.md', 'text', 'what ConfigError says; the tests of options hold the words'],
  ['docs/checks/api-key.md', 'text', 'a drawing of the parts of a key'],
  ['docs/guides/events-and-logs.md', 'text', 'lines of a log, as consoleLogger writes them'],
  ['packages/cli/README.md', 'text', 'a finding, as doctor prints it'],
]

/** A page of which a script writes every block from a table, and `npm run codes:check` looks. */
const GENERATED = 'docs/doctor.md'

/** Debian's own, as in the tests of examples/migration. */
const PYTHON = '/usr/bin/python3'
const noPython =
  existsSync(PYTHON) || process.env['GATEHOUSE_REQUIRE_ALL'] === '1' ? false : `there is no ${PYTHON}`

/** Compiles the programs of a list in JSON, and runs none. */
const COMPILE = `
import json, sys
programs = json.load(sys.stdin)
for name, code in programs:
    compile(code, name, "exec")
print(len(programs), "compiled")
`

/** What stands in `<...>` is for the reader to fill in. */
const placeholders = (code: string): string => code.replaceAll(/<[a-z_]+>/g, 'X')

function mistakesOfJson(text: string): readonly string[] {
  try {
    JSON.parse(text)
    return []
  } catch (error) {
    return [String(error)]
  }
}

/** What an event of a page has that its kind does not go with. */
function mistakesOfEvent(text: string): readonly string[] {
  const { kind, code, status, check } = JSON.parse(text) as Readonly<Record<string, unknown>>
  if (kind === undefined) return []
  if (typeof kind !== 'string' || !(kind in KINDS)) return [`${JSON.stringify(kind)} is no kind`]
  const known = KINDS[kind as keyof typeof KINDS].code
  const mistakes = code === known ? [] : [`the code of ${kind} is ${String(known)}`]
  if (status !== undefined && (known === undefined || status !== CODES[known].status))
    mistakes.push(`${JSON.stringify(status)} is not the status of ${kind}`)
  if (check !== undefined && !ORDER.some(({ name }) => name === check))
    mistakes.push(`${JSON.stringify(check)} is no check`)
  return mistakes
}

describe('the fences of all documents', () => {
  test('are found, those in longer ones are not, and one without an end is', () => {
    const text = 'One:\n\n  ```sh x\n  a\n    b\n  ```\n\n````md\n```ts\n````\n~~~\n```\n~~~\n```json\n{'
    assert.deepEqual(fencesOf('page.md', text), [
      { page: 'page.md', line: 3, language: 'sh', code: 'a\n  b', above: 'One:' },
      { page: 'page.md', line: 8, language: 'md', code: '```ts', above: '  ```' },
      { page: 'page.md', line: 11, language: '', code: '```', above: '````' },
      { page: 'page.md', line: 14, language: 'json', code: '{', above: '~~~' },
    ])
  })

  test('are all found: no block of TypeScript escapes by how it is fenced', () => {
    for (const page of documents()) {
      const compiled = new Set(blocksOf(page, textOf(page)).map(({ line }) => line))
      const found = fencesOf(page, textOf(page)).filter(({ language }) => language === 'ts')
      for (const { line } of found) assert.ok(compiled.has(line), `${page}:${line}`)
    }
    assert.ok(of('ts').length > 120)
  })

  test('name a language that is looked at, or are allowed by name', (t) => {
    const others = fences.filter(({ language, page }) => !LANGUAGES.has(language) && page !== GENERATED)
    assert.deepEqual(
      others.map(({ page, language }) => `${page} ${language}`).toSorted(),
      ALLOWED.map(([page, language]) => `${page} ${language}`).toSorted(),
    )
    const languages = [...new Set(fences.map(({ language }) => language))]
    t.diagnostic(languages.map((language) => `${language} ${of(language).length}`).join(', '))
  })

  test('sh, console: every command is one that there is', () => {
    const mistakes = of('sh', 'console')
      .flatMap(commandsOf)
      .flatMap((command) => mistakesOfCommand(command).map((mistake) => `${at(command)}: ${mistake}`))
    assert.deepEqual(mistakes, [])
  })

  test('sh: a shell can read it', () => {
    for (const fence of of('sh')) {
      const { status, stderr } = spawnSync('sh', ['-n'], {
        input: placeholders(fence.code),
        encoding: 'utf8',
      })
      assert.equal(status, 0, `${at(fence)}: ${stderr}`)
    }
  })

  test('a command in the text is one that there is, too', () => {
    const mistakes = documents().flatMap((page) =>
      textOf(page)
        .split('\n')
        .flatMap((text, index) =>
          [...text.matchAll(/`((?:npm (?:start|test|run \w)|pnpm add)[^`]*)`/g)].flatMap(([, command = '']) =>
            commandsOfLine(command)
              .flatMap((words) => mistakesOfCommand({ page, line: index + 1, words }))
              .map((mistake) => `${page}:${index + 1}: ${mistake}`),
          ),
        ),
    )
    assert.deepEqual(mistakes, [])
  })

  test('console: what comes back is JSON, and a problem is one of the table', () => {
    const mistakes = against(of('console'), ({ code }) =>
      code
        .split('\n')
        .filter((line) => line.startsWith('{'))
        // The page leaves out what is behind the status.
        .map((line) => line.replace(/,\.\.\.\}$/, '}'))
        .flatMap((line) => (line.includes('"status"') ? mistakesOfProblem(line) : mistakesOfJson(line))),
    )
    assert.deepEqual(mistakes, [])
  })

  test('http: status, fields and problem are well-formed, and as the tables have them', () => {
    assert.deepEqual(
      against(of('http'), ({ code }) => mistakesOfMessage(code)),
      [],
    )
  })

  test('json: it is, and an event has a kind, and what belongs to it', () => {
    assert.deepEqual(
      against(of('json'), ({ code }) => [...mistakesOfJson(code), ...mistakesOfEvent(code)]),
      [],
    )
  })

  test('yaml: it is', async () => {
    assert.ok(of('yaml').length > 0)
    for (const fence of of('yaml')) await prettier.format(fence.code, { parser: 'yaml', filepath: at(fence) })
  })

  test('promql: every metric is one that is written', () => {
    const written = textOf('packages/core/src/observe/metrics/prometheus.ts')
    const mistakes = against(of('promql'), ({ code }) =>
      [...code.matchAll(/\bgatehouse_\w+/g)]
        .map(([name]) => name.replace(/_(?:bucket|sum|count)$/, ''))
        .filter((name) => !written.includes(`'${name}'`)),
    )
    assert.deepEqual(mistakes, [])
  })

  test('typescript: it stands below the name of the file that it shows', () => {
    const mistakes = against(of('typescript'), ({ above }) => {
      const [, file] = /^<!-- file: (\S+) -->$/.exec(above) ?? []
      if (file === undefined) return ['shows no file of examples/migration: write ts']
      return existsSync(new URL(`examples/migration/src/${file}`, root)) ? [] : [`there is no ${file}`]
    })
    assert.deepEqual(mistakes, [])
  })

  test('python: it compiles', { skip: noPython }, () => {
    const input = JSON.stringify(of('python').map((fence) => [at(fence), fence.code]))
    const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', COMPILE], { input, encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    assert.equal(stdout, `${of('python').length} compiled\n`)
  })

  test('nginx: nginx takes it, in a server', { skip: noNginx }, () => {
    for (const fence of of('nginx')) {
      const complaints = complaintsOf(`server { listen unix:gatehouse.sock; ${fence.code} }`)
      assert.equal(complaints, '', `${at(fence)}: ${complaints}`)
    }
    assert.match(complaintsOf('server { proxy_set_headers Host $host; }'), /unknown directive/)
  })

  test('text: all that the tree of CONTRIBUTING.md shows is there', () => {
    const tree = of('text').find(({ page }) => page === 'CONTRIBUTING.md')
    assert.ok(tree !== undefined)
    const above: string[] = []
    for (const line of tree.code.split('\n')) {
      const [, indent = '', name] = /^( *)([\w./-]+)(?: |$)/.exec(line) ?? []
      if (name === undefined) continue
      above.splice(indent.length / 2, above.length, name)
      assert.ok(existsSync(new URL(above.join(''), root)), above.join(''))
    }
  })

  test('sql: a test of the store gives these grants', () => {
    const proof = readFileSync(new URL('packages/store-postgres/test/install.test.ts', root), 'utf8')
    for (const { code } of of('sql'))
      for (const grant of code.trim().split(';\n')) {
        const shown = grant.replace(/;$/, '').replace(/ to api$/, ' to caller')
        assert.ok(proof.includes(shown), shown)
      }
  })
})

describe('what the fences are looked at with', () => {
  const bad: readonly (readonly [command: string, mistake: RegExp])[] = [
    ['npm run nothing', /no script nothing/],
    ['npm run codes --check', /behind --/],
    ['npm run nodes -- --most', /knows no --most/],
    ['npm start -- nothing', /no example nothing/],
    ['npm start -- policy-engines --motor cedar', /knows no --motor/],
    ['npm start -- --ssl', /knows no --ssl/],
    ['npm test -- no/such/file', /no test file/],
    ['npm test -- --covrage', /knows no --covrage/],
    ['npx tslint', /not installed/],
    ['pnpm add @gatehouse/cors', /no package of the house/],
    ['pnpm add @gatehouse/adapter-koa express', /express is no package/],
    ['pnpm remove @gatehouse/core', /not known here/],
    ['node --test packages/core/test/checks/nothing.test.ts', /there is no packages/],
    ['wget http://localhost:3000/health', /no document has named/],
    ['curl --silent http://localhost:3000/token', /not known here/],
    ['curl http://localhost:3001/token', /nothing listens on 3001/],
    ['curl http://localhost:3000/tokens', /no \/tokens/],
    ['curl https://evil.example/token', /host of somebody/],
    ['A=1 curl -d "a b; c" http://localhost:3000/token && npm run nothing', /no script/],
  ]
  for (const [text, mistake] of bad) {
    test(`${text} is told`, () => {
      const commands = commandsOfLine(text).map((words) => ({ page: 'README.md', line: 1, words }))
      const mistakes = commands.flatMap(mistakesOfCommand)
      assert.match(mistakes.join('\n'), mistake)
      assert.equal(mistakes.filter((one) => !mistake.test(one)).length, 0, mistakes.join('\n'))
    })
  }

  test('a line is read as a shell reads it', () => {
    assert.deepEqual(commandsOfLine(`A=1 npm start -- x # npm run no; no`), [['npm', 'start', '--', 'x']])
    assert.deepEqual(commandsOfLine(`curl -H "a: b" 'c;d' > out; cp a b`), [
      ['curl', '-H', 'a: b', 'c;d'],
      ['cp', 'a', 'b'],
    ])
    assert.deepEqual(commandsOfLine(`A=$(node -p "f(32)") curl $(x; y)/z $B`), [['curl', '$(x; y)/z', '$B']])
    assert.deepEqual(commandsOfLine('for i in $(seq 3); do curl x; done'), [['curl', 'x']])
  })

  const messages: readonly (readonly [message: string, mistake: RegExp])[] = [
    ['HTTP/1.1 401 Forbidden', /401 is not/],
    ['WWW-Authenticate=Bearer', /is no field/],
    ['Retry After: 1', /is no field/],
    ['HTTP/1.1 200 OK\nA: b\n\n{', /SyntaxError/],
    [
      'HTTP/1.1 401 Unauthorized\n\n{"status":403,"code":"access_denied","title":"Access is denied."}',
      /401, and in the problem 403/,
    ],
    ['A: b\n\n{"status":403,"code":"denied"}', /"denied" is no code/],
    ['A: b\n\n{"status":403,"code":"access_denied","title":"No."}', /the title of access_denied/],
  ]
  for (const [message, mistake] of messages) {
    test(`${JSON.stringify(message)} is told`, () => {
      assert.match(mistakesOfMessage(message).join('\n'), mistake)
    })
  }
})
