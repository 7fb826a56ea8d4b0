import type { Fence } from './fences.ts'

/** One command of a block for a shell. */
export interface Command {
  readonly page: string
  /** Its line in the page. */
  readonly line: number
  /** Its words, without quotes: the program and its arguments. */
  readonly words: readonly string[]
}

/**
 * A piece of a word in quotes, an operator, a file to write to, a comment, a space, or a piece of a word without quotes. What
 * another command prints, `$(seq 6)`, is such a piece, and not looked into.
 */
const TOKEN =
  /"((?:[^"\\]|\\.)*)"|'([^']*)'|(&&|\|\||[;|])|(>>?)|((?<=^|\s)#.*)|(\s+)|(\$\((?:[^()"']|"[^"]*"|'[^']*')*\)|(?:[^\s"';|&>\\$]|\\.)+|\$)/g

/** What may stand before a command, and is none. */
const NO_COMMAND: ReadonlySet<string> = new Set(['do', 'done', 'then', 'fi'])

/** The commands of a block of `sh`, or those of a `console`, where each stands behind `$ `. */
export function commandsOf({ page, line, language, code }: Fence): readonly Command[] {
  return code.split('\n').flatMap((text, index) => {
    if (language === 'console' && !text.startsWith('$ ')) return []
    const commands = commandsOfLine(language === 'console' ? text.slice(2) : text)
    return commands.map((words) => ({ page, line: line + 1 + index, words }))
  })
}

/** The commands of one line, each as its words: `A=1 npm start && cat x > y` has two. */
export function commandsOfLine(text: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]]
  let word: string | undefined
  // What follows `>` is a file, and no word.
  let isTarget = false
  const end = (): void => {
    if (word !== undefined && !isTarget) commands.at(-1)?.push(word)
    if (word !== undefined) isTarget = false
    word = undefined
  }
  for (const [, double, single, operator, into, comment, , plain] of text.matchAll(TOKEN)) {
    if (comment !== undefined) break
    const part = double ?? single ?? plain
    if (part !== undefined) word = (word ?? '') + part
    else end()
    if (operator !== undefined) commands.push([])
    if (into !== undefined) isTarget = true
  }
  end()
  return commands.map(withoutPrefix).filter((words) => words.length > 0)
}

/** Without variables that are set for it, and without the words of loops. */
function withoutPrefix(words: readonly string[]): readonly string[] {
  if (words[0] === 'for') return []
  const first = words.findIndex((word) => !NO_COMMAND.has(word) && !/^[A-Z_]+=/.test(word))
  return first === -1 ? [] : words.slice(first)
}
