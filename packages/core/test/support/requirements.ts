import { readFileSync } from 'node:fs'

const root = new URL('../../../../', import.meta.url)

/** What a requirement can be: the states of the table at the top of docs/requirements.md. */
export const STATES = ['held', 'held, differently', 'in part'] as const

/** One requirement, as docs/requirements.md has it. */
export interface Requirement {
  readonly id: string
  readonly state: string
  /** What is held, in a sentence. */
  readonly text: string
  /** How what is held differs from what was asked for, and where that is documented. */
  readonly differs: string | undefined
  readonly missing: string | undefined
  /** The labels of the tests that it lists. */
  readonly labels: readonly string[]
}

/** The page, and where its labels lead: paths from the root. */
export interface RequirementsPage {
  readonly text: string
  readonly requirements: readonly Requirement[]
  readonly files: ReadonlyMap<string, string>
}

/** Reads docs/requirements.md. What is no item of a requirement there is left out, so count what comes back. */
export function readRequirements(): RequirementsPage {
  const text = readFileSync(new URL('docs/requirements.md', root), 'utf8')
  const definitions = [...text.matchAll(/^\[([^\]]+)\]: \.\.\/(\S+)$/gm)]
  return {
    text,
    requirements: itemsOf(text).flatMap(readItem),
    files: new Map(definitions.map(([, label = '', path = '']) => [label, path])),
  }
}

/** The items of the lists, each on one line, with ` - ` before what is indented below it. */
function itemsOf(text: string): readonly string[] {
  const blocks = text.split(/\n(?=- |\n)/)
  return blocks.filter((block) => block.startsWith('- **')).map((block) => block.replace(/\s*\n\s+/g, ' '))
}

function readItem(item: string): readonly Requirement[] {
  const [head = '', ...below] = item.split(/ - (?=(?:Differs|Missing|Note|Tests): )/)
  const [, id, state, text] = /^- \*\*([A-Z]{2,4}-\d{2})\*\* · ([^·]+) · (.+)$/.exec(head) ?? []
  if (id === undefined || state === undefined || text === undefined) return []
  const said = (word: string): string | undefined =>
    below.find((line) => line.startsWith(`${word}: `))?.slice(word.length + 2)
  return [
    {
      id,
      state,
      text,
      differs: said('Differs'),
      missing: said('Missing'),
      labels: [...(said('Tests') ?? '').matchAll(/\[([^\]]+)\]/g)].map(([, label = '']) => label),
    },
  ]
}
