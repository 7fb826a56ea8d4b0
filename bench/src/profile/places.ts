import { readFileSync } from 'node:fs'
import type { ProfileNode } from '../stacks/profiler.ts'

/** Where the time of a request goes, as a table has it: what is of the gate itself is told by its directory besides. */
export const KINDS = [
  'socket',
  'rest',
  'gc',
  'node:http',
  'node, else',
  'node:crypto',
  'framework',
  'Redis client',
  'handler',
  'gate',
] as const
export type Kind = (typeof KINDS)[number]

/** What each of them is. */
export const KIND_WORDS: Readonly<Record<Kind, string>> = {
  socket: 'writing to the socket: the kernel, asked by node:net',
  rest: 'not JavaScript: reading from the socket, the parser of HTTP, libuv, the compiler',
  gc: 'garbage collection',
  'node:http': 'node:http, its messages and responses',
  'node, else': 'node:net, streams, events, timers and the rest of Node',
  'node:crypto': 'node:crypto, OpenSSL included',
  framework: 'the framework, and the packages that it brings',
  'Redis client': 'ioredis',
  handler: 'the handler and the observer of the bench',
  gate: 'the gate itself',
}

/** A place: of the gate `gate: chain` for example, else the name of a kind. */
export type Place = string

/** What kind a place is of. */
export function kindOf(place: Place): Kind {
  const [word] = place.split(':', 1)
  const kind = KINDS.find((each) => each === place)
  return kind ?? (word === 'gate' ? 'gate' : 'rest')
}

/** What V8 says of a look where no function ran. */
const PSEUDO: ReadonlyMap<string, Place> = new Map([
  ['(garbage collector)', 'gc'],
  ['(program)', 'rest'],
  ['(idle)', 'rest'],
  ['(root)', 'rest'],
])

/** By where a file is; the first that fits. */
const BY_URL: readonly (readonly [fits: RegExp, place: Place])[] = [
  [/^node:(?:internal\/)?crypto/, 'node:crypto'],
  [/^node:(?:_http|http|internal\/http)/, 'node:http'],
  [/^node:/, 'node, else'],
  [/\/packages\/store-redis\//, 'gate: store-redis'],
  [/\/packages\/adapter-\w+\//, 'gate: adapter'],
  [/\/node_modules\/(?:@?ioredis|redis-|standard-as-callback|denque|cluster-key-slot)/, 'Redis client'],
  [/\/node_modules\//, 'framework'],
  [/\/bench\//, 'handler'],
]

/** The functions of Node that hand a stream of bytes to the kernel. */
const WRITES = /^(?:write|shutdown)/

/** What is known of where something runs. */
export interface Found {
  readonly place: Place
  /** The source that it is of, where it is of the core. */
  readonly file?: string
}

/** Tells where a function is, by itself and by those who called it. */
export type Placer = (callers: readonly ProfileNode[]) => Found

/**
 * Makes what tells places.
 *
 * @param sectionAt the file of the core that a line of its bundle is of, from 0
 */
export function placer(sectionAt: (line: number) => string): Placer {
  return ([own, ...callers]) => {
    if (own === undefined) return { place: 'rest' }
    const { functionName, url } = own.callFrame
    const pseudo = PSEUDO.get(functionName)
    if (pseudo !== undefined) return { place: pseudo }
    if (url !== '') return foundAt(own, sectionAt)
    // What is built in has no file: it is of whoever called it.
    const caller = callers.find(({ callFrame }) => callFrame.url !== '')
    if (caller === undefined) return { place: 'rest' }
    const found = foundAt(caller, sectionAt)
    return found.place === 'node, else' && WRITES.test(functionName) ? { place: 'socket' } : found
  }
}

function foundAt(
  { callFrame: { url, lineNumber } }: ProfileNode,
  sectionAt: (line: number) => string,
): Found {
  const isBundle = url.endsWith('/packages/core/dist/index.js')
  const file = isBundle ? sectionAt(lineNumber) : /\/packages\/core\/src\/(.+)$/.exec(url)?.[1]
  if (file !== undefined) return { place: `gate: ${directoryOf(file)}`, file }
  return { place: BY_URL.find(([fits]) => fits.test(url))?.[1] ?? 'rest' }
}

/** Of `checks/cors/origins.ts` and of `checks/cors.ts` it is `checks/cors`; else it is the first directory. */
export function directoryOf(file: string): string {
  const [first = '', second] = file.replace(/\.[jt]s$/, '').split('/')
  return first === 'checks' && second !== undefined ? `${first}/${second}` : first
}

/**
 * What tells of each line of a bundle the file that it was made of: esbuild heads each with a comment.
 *
 * @throws Error when there is no such comment: then nothing could be told
 */
export function sectionsOf(bundle: string): (line: number) => string {
  const sections: string[] = []
  let section: string | undefined
  for (const line of bundle.split('\n')) {
    section = /^\/\/ src\/(\S+)$/.exec(line)?.[1] ?? section
    sections.push(section ?? 'else')
  }
  if (section === undefined) throw new Error('the bundle of the core does not tell what it is made of')
  return (line) => sections[line] ?? 'else'
}

/** The same of the core that stacks run. */
export function coreSections(): (line: number) => string {
  return sectionsOf(readFileSync(new URL('../../../packages/core/dist/index.js', import.meta.url), 'utf8'))
}
