import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { textOf } from './fences.ts'
import type { Command } from './shell.ts'

const root = new URL('../../../../../', import.meta.url)
const has = (path: string): boolean => existsSync(new URL(path, root))
const jsonOf = (path: string): Manifest => JSON.parse(textOf(path)) as Manifest

interface Manifest {
  readonly name: string
  readonly scripts?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** What is wrong with the arguments of a program, as sentences. */
type Look = (args: readonly string[], command: Command) => readonly string[]

const SCRIPTS = jsonOf('package.json').scripts ?? {}

const MEMBERS: ReadonlyMap<string, Manifest> = new Map(
  readdirSync(new URL('packages/', root))
    .filter((name) => has(`packages/${name}/package.json`))
    .map((name) => jsonOf(`packages/${name}/package.json`))
    .map((manifest) => [manifest.name, manifest]),
)

/** Programs that documents name and this house knows nothing of: nothing of theirs can be wrong but by themselves. */
const OF_OTHERS: ReadonlySet<string> = new Set(['cp'])

/** The programs that a document may ask its reader to run, with what is looked at. */
const PROGRAMS: Readonly<Record<string, Look>> = {
  npm: (args) => lookAtNpm(args),
  npx: ([name = '', ...args], command) => {
    // pnpm of the version of the house, which npx fetches.
    if (name === '--yes') return args[0]?.startsWith('pnpm@') === true ? [] : ['npx --yes is for pnpm']
    // Its commands and flags are looked at where the command line is: packages/cli/test/documents.test.ts.
    return name === 'gatehouse' ? [] : lookAtTool(name, command)
  },
  pnpm: ([verb, ...args]) =>
    verb === 'add' ? lookAtInstall(args) : [`pnpm ${String(verb)} is not known here`],
  node: (args, command) =>
    args
      .filter((arg) => /\.(?:ts|mjs)$/.test(arg) && !has(arg) && !isSaved(arg, command))
      .map((arg) => `there is no ${arg}`),
  curl: (args, command) => lookAtCurl(args, command),
}

/** What is wrong with a command that a document shows. */
export function mistakesOfCommand(command: Command): readonly string[] {
  const [program = '', ...args] = command.words
  if (OF_OTHERS.has(program)) return []
  const look = PROGRAMS[program]
  return look === undefined ? [`${program} is a program that no document has named yet`] : look(args, command)
}

/** Whether the page has told its reader to save a program under this name. */
function isSaved(file: string, { page }: Command): boolean {
  return /[Ss]aved as/.test(textOf(page)) && textOf(page).includes(`\`${file}\``)
}

function lookAtTool(name: string, { page }: Command): readonly string[] {
  return has(`node_modules/.bin/${name}`) ? [] : [`${page} asks for ${name}, which is not installed here`]
}

function lookAtNpm([verb = '', ...rest]: readonly string[]): readonly string[] {
  const [name = '', ...args] = verb === 'run' ? rest : [verb, ...rest]
  const script = SCRIPTS[name]
  if (script === undefined) return [`package.json has no script ${name}`]
  if (args.length > 0 && args[0] !== '--') return ['arguments of a script stand behind --']
  const given = args.slice(1)
  if (name === 'start') return lookAtStart(given)
  return name === 'test' ? lookAtTest(given) : given.flatMap((arg) => lookAtFlag(arg, script))
}

/** A flag of a script, which its file names. */
function lookAtFlag(arg: string, script: string): readonly string[] {
  const [file] = /\S+\.(?:mjs|ts)/.exec(script) ?? []
  if (!arg.startsWith('-') || file === undefined) return []
  // The benches have their flags in a folder of their own.
  const texts = file.endsWith('bench.mjs') ? sourcesOf('bench/src') : [textOf(file)]
  return isNamed(arg, texts) ? [] : [`${script} knows no ${arg}`]
}

function lookAtStart(args: readonly string[]): readonly string[] {
  const isFlag = args[0] === undefined || args[0].startsWith('-')
  const name = isFlag ? 'node-http' : (args[0] ?? '')
  // As in `npm start -- NAME`, which is said of all of them.
  if (name === 'NAME') return []
  if (!has(`examples/${name}/src/main.ts`)) return [`there is no example ${name}`]
  return (isFlag ? args : args.slice(1))
    .filter((arg) => arg.startsWith('-') && !isNamed(arg, sourcesOf(`examples/${name}/src`)))
    .map((arg) => `the example ${name} knows no ${arg}`)
}

/** Flags of node's test runner that documents name. */
const OF_THE_RUNNER = /^--test-(?:name-pattern|timeout)=/

function lookAtTest(args: readonly string[]): readonly string[] {
  return args
    .filter((arg) =>
      arg.startsWith('-')
        ? arg !== '--coverage' && !OF_THE_RUNNER.test(arg)
        : !testFiles().some((file) => file.includes(arg)),
    )
    .map((arg) => (arg.startsWith('-') ? `npm test knows no ${arg}` : `no test file has ${arg} in its path`))
}

/** What is installed: packages of this house, and what they are peers of. */
function lookAtInstall(args: readonly string[]): readonly string[] {
  const names = args.filter((arg) => !arg.startsWith('-'))
  const flags = args.filter((arg) => arg.startsWith('-') && !['-D', '--save-dev'].includes(arg))
  const peers = new Set(names.flatMap((name) => Object.keys(MEMBERS.get(name)?.peerDependencies ?? {})))
  return [
    ...flags.map((flag) => `pnpm add ${flag} is not known here`),
    ...names
      .filter((name) => !MEMBERS.has(name) && !peers.has(name))
      .map((name) => `${name} is no package of the house, and no peer of one that is installed with it`),
  ]
}

/** The options of curl that documents use, and whether a value follows. */
const CURL: Readonly<Record<string, boolean>> = {
  '-H': true,
  '-X': true,
  '-d': true,
  '-o': true,
  '-w': true,
  '-i': false,
  '-k': false,
  '-s': false,
}

/** Paths that a page asks for because no rule is about them. */
const WITHOUT_A_RULE: ReadonlySet<string> = new Set(['README.md /forgotten'])

function lookAtCurl(args: readonly string[], { page }: Command): readonly string[] {
  const mistakes: string[] = []
  const urls: string[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (!arg.startsWith('-')) urls.push(arg)
    else {
      // `-ik` is `-i -k`.
      const options = Array.from(arg.slice(1), (letter) => `-${letter}`)
      mistakes.push(...options.filter((one) => !(one in CURL)).map((one) => `curl ${one} is not known here`))
      if (CURL[options.at(-1) ?? ''] === true) at += 1
    }
  }
  if (urls.length !== 1) return [...mistakes, `curl is given ${urls.length} addresses`]
  return [...mistakes, ...lookAtAddress(urls[0] ?? '', page)]
}

/** An address is one of the server that the page is about: its port, and a path that it has. */
function lookAtAddress(text: string, page: string): readonly string[] {
  if (!URL.canParse(text)) return [`${text} is no URL`]
  const { hostname, port, pathname } = new URL(text)
  const server = serverOf(page)
  const mistakes: string[] = []
  if (hostname === 'localhost' || hostname === '127.0.0.1') {
    if (!server.some((source) => source.includes(port))) mistakes.push(`nothing listens on ${port} there`)
  } else if (!hostname.endsWith('.example.com')) mistakes.push(`${hostname} is a host of somebody`)
  const isThere = pathsOf(server).some(
    (path) => path === pathname || (path.endsWith('/*') && pathname.startsWith(path.slice(0, -1))),
  )
  if (!isThere && !WITHOUT_A_RULE.has(`${page} ${pathname}`)) mistakes.push(`there is no ${pathname} there`)
  return mistakes
}

/** The sources of the server of a page: those of the example, or the TypeScript that the page shows. */
function serverOf(page: string): readonly string[] {
  const [, example] = /^examples\/([^/]+)\//.exec(page) ?? []
  if (example !== undefined) return sourcesOf(`examples/${example}/src`)
  return [...textOf(page).matchAll(/^ *```ts[^\n]*\n([^]*?)^ *```$/gm)].map(([, code = '']) => code)
}

/** All that is written as a path in them: `'/token'`, `'GET /notes'`, `https://api.example.com/health`. */
function pathsOf(sources: readonly string[]): readonly string[] {
  return sources.flatMap((source) =>
    [...source.matchAll(/(?<=['"`] ?|[A-Z]+ |\.com|\})\/[\w./*-]*/g)].map(([path]) => path),
  )
}

function isNamed(flag: string, sources: readonly string[]): boolean {
  const name = flag.replace(/^-+/, '').split('=', 1)[0] ?? ''
  return sources.some((source) => new RegExp(`['"]--${name}['"]|\\b${name}: \\{ type:`).test(source))
}

function sourcesOf(folder: string): readonly string[] {
  return filesBelow(folder)
    .filter((path) => /\.[mc]?ts$/.test(path))
    .map((path) => readFileSync(new URL(path, root), 'utf8'))
}

function filesBelow(folder: string): readonly string[] {
  if (!has(folder)) return []
  return readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' }).map(
    (name) => `${folder}/${name.replaceAll('\\', '/')}`,
  )
}

let found: readonly string[] | undefined
function testFiles(): readonly string[] {
  const below = (parent: string): readonly string[] =>
    readdirSync(new URL(`${parent}/`, root)).flatMap((name) => filesBelow(`${parent}/${name}/test`))
  found ??= [...below('packages'), ...below('examples'), ...filesBelow('bench/test')].filter((file) =>
    file.endsWith('.test.ts'),
  )
  return found
}
