import { existsSync, readdirSync, readFileSync } from 'node:fs'

const root = new URL('../../../../../', import.meta.url)

/** One block of TypeScript of a document. */
export interface Block {
  /** The document, as a path from the root. */
  readonly page: string
  /** The line of its fence. */
  readonly line: number
  /** The code as a reader sees it. */
  readonly code: string
  /**
   * The block as a module. Of a block that is not whole it has around it what the comment before it says, and the code is
   * on the same line either way, counted from the fence.
   */
  readonly module: string
  /** How many lines of the module stand before the code. */
  readonly before: number
  /** Whether there is nothing around it: it is a program, and not a piece of one. */
  readonly whole: boolean
  /** What stands behind `ts` at the fence: `no-run`, `fragment`, the name of a file. */
  readonly marks: readonly string[]
}

/** Where the block goes in the comment before it. Without this line it goes to the end. */
const PLACE = '…'

/** A fence of TypeScript, and the comment `<!-- ts ... -->` that may stand before it. */
const FENCE = /(?:^ *<!-- ts\n([^]*?)-->\n\n)?^( *)```ts([^\n]*)\n([^]*?)^ *```$/gm

/** All the blocks of TypeScript of a document. */
export function blocksOf(page: string, text: string): readonly Block[] {
  return [...text.matchAll(FENCE)].map((found) => {
    const [all, around = '', indent = '', marks = '', indented = ''] = found
    const code = indented.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
    const [before = '', after = ''] = around.includes(`${PLACE}\n`) ? around.split(`${PLACE}\n`) : [around]
    const fence = text.slice(0, found.index + all.indexOf(`${indent}\`\`\`ts`)).split('\n').length
    return {
      page,
      line: fence,
      code,
      module: before + code + after,
      before: before.split('\n').length - 1,
      whole: around === '',
      marks: marks.split(' ').filter((mark) => mark !== ''),
    }
  })
}

/** The documents of the tree, as paths from the root; what has no block of ours is no matter. */
export function documents(): readonly string[] {
  const members = ['packages', 'examples'].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, root)).map((name) => `${folder}/${name}/README.md`),
  )
  const pages = readdirSync(new URL('docs/', root), { recursive: true, encoding: 'utf8' })
  return [
    ...readdirSync(root).filter((name) => name !== 'CHANGELOG.md'),
    ...pages.map((name) => `docs/${name.replaceAll('\\', '/')}`),
    ...members.filter((path) => existsSync(new URL(path, root))),
  ]
    .filter((path) => path.endsWith('.md'))
    .toSorted()
}

/** All blocks of all documents. */
export function allBlocks(): readonly Block[] {
  return documents().flatMap((page) => blocksOf(page, readFileSync(new URL(page, root), 'utf8')))
}
