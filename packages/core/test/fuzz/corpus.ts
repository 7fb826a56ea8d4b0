import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'

const FOLDER = new URL('corpus/', import.meta.url)

/** An input that is kept, and what is interesting about it. */
export interface Entry {
  readonly name: string
  readonly text: string
}

/** The folders that there are. */
export function folders(): readonly string[] {
  return readdirSync(FOLDER)
}

/** The inputs of a parser: every file of its folder is an object of names and texts. */
export function entriesOf(parser: string): readonly Entry[] {
  const folder = new URL(`${parser}/`, FOLDER)
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((file) => {
    const texts = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Readonly<Record<string, string>>
    return Object.entries(texts).map(([name, text]) => ({ name, text }))
  })
}

/** Keeps an input that was found, so that it is tried for ever; gives back the name of its file. */
export function keep(parser: string, text: string): string {
  const digest = createHash('sha256').update(Buffer.from(text, 'utf16le')).digest('hex').slice(0, 12)
  const file = `${parser}/found-${digest}.json`
  mkdirSync(new URL(`${parser}/`, FOLDER), { recursive: true })
  writeFileSync(new URL(file, FOLDER), `${JSON.stringify({ found: text }, null, 2)}\n`)
  return file
}
