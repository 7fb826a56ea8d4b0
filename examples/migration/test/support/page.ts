import { readFileSync, writeFileSync } from 'node:fs'
import type { Table } from './differences.ts'

const root = new URL('../../../../', import.meta.url)
const pageUrl = (page: string): URL => new URL(`docs/migrating/${page}.md`, root)
const source = (file: string): string => readFileSync(new URL(`examples/migration/src/${file}`, root), 'utf8')

/** The part of a page below a comment: a block of code of a file, or the tables of a guide. */
const CODE = /(<!-- file: (\S+) -->\n\n```(?:typescript|python)\n)([^]*?)```\n/g
const wire = (name: string): RegExp => new RegExp(`(<!-- wire: ${name} -->\n\n)([^]*?)(?=<!-- wire ends -->)`)

/** The code that a page shows of each file, beside what the file has. */
export function codeOf(page: string): readonly { file: string; shown: string; text: string }[] {
  const text = readFileSync(pageUrl(page), 'utf8')
  return [...text.matchAll(CODE)].map(([, , file = '', shown = '']) => ({ file, shown, text: source(file) }))
}

/** The tables that a page shows of a guide, cell by cell. */
export function tablesOf(page: string, name: string): readonly Table[] {
  const [, , shown = ''] = wire(name).exec(readFileSync(pageUrl(page), 'utf8')) ?? []
  return shown
    .trim()
    .split('\n\n')
    .map((table) =>
      table
        .split('\n')
        .filter((line) => !line.startsWith('| -'))
        .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
        .map((cells) => cells.slice(1, -1)),
    )
}

/** Writes the tables, and the code of every file, into a page; prettier lays them out. */
export function write(page: string, name: string, tables: readonly Table[]): void {
  const lines = (table: Table): readonly string[] => {
    const [head = [], ...rows] = table.map((cells) => `| ${cells.join(' | ')} |`)
    return [String(head), `|${' --- |'.repeat(table[0]?.length ?? 0)}`, ...rows]
  }
  const text = readFileSync(pageUrl(page), 'utf8')
    .replace(
      wire(name),
      (_all, mark: string) => `${mark}${tables.map((table) => lines(table).join('\n')).join('\n\n')}\n\n`,
    )
    .replaceAll(CODE, (_all, fence: string, file: string) => `${fence}${source(file)}\`\`\`\n`)
  writeFileSync(pageUrl(page), text)
}
