import { readFileSync } from 'node:fs'
import { documents } from './blocks.ts'

const root = new URL('../../../../../', import.meta.url)

/** One fenced block of a document, of whatever language. */
export interface Fence {
  /** The document, as a path from the root. */
  readonly page: string
  /** The line of its fence. */
  readonly line: number
  /** The first word behind the fence; empty where there is none. */
  readonly language: string
  /** What is in it, without what it is indented by. */
  readonly code: string
  /** The line above it that is not empty. */
  readonly above: string
}

/** The start of a fence: what it is indented by, its ticks or tildes, and its words. */
const OPENING = /^( *)(`{3,}|~{3,})([^`]*)$/

/** All fenced blocks of a document, as CommonMark finds them: one that is longer may have shorter ones in it. */
export function fencesOf(page: string, text: string): readonly Fence[] {
  const fences: Fence[] = []
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const [, indent = '', ticks, words = ''] = OPENING.exec(lines[at] ?? '') ?? []
    if (ticks === undefined) continue
    const closing = new RegExp(`^ *${ticks}${ticks.charAt(0)}* *$`)
    const length = lines.slice(at + 1).findIndex((line) => closing.test(line))
    // One that nobody closes reaches to the end of the page.
    const end = length === -1 ? lines.length : at + 1 + length
    fences.push({
      page,
      line: at + 1,
      language: words.trim().split(' ', 1)[0] ?? '',
      code: lines
        .slice(at + 1, end)
        .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
        .join('\n'),
      above: lines.slice(0, at).findLast((line) => line.trim() !== '') ?? '',
    })
    at = end
  }
  return fences
}

/** A document as it is. */
export function textOf(page: string): string {
  return readFileSync(new URL(page, root), 'utf8')
}

/** All fenced blocks of all documents. */
export function allFences(): readonly Fence[] {
  return documents().flatMap((page) => fencesOf(page, textOf(page)))
}
