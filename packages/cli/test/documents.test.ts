import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { documents } from '../../core/test/support/documents/blocks.ts'
import { allFences, textOf } from '../../core/test/support/documents/fences.ts'
import { type Command, commandsOf, commandsOfLine } from '../../core/test/support/documents/shell.ts'
import { CODES } from '../src/doctor/table.ts'
import { cli } from './support/run.ts'

const SUBCOMMANDS = ['doctor', 'routes', 'explain', 'keys', 'init'] as const

/** The command lines in blocks for a shell, of which `npx` may stand in front, and in the `run` of a workflow. */
const inBlocks: readonly Command[] = allFences().flatMap((fence) =>
  ['sh', 'console', 'yaml'].includes(fence.language)
    ? commandsOf({ ...fence, code: fence.code.replaceAll(/^- run: /gm, '') })
    : [],
)

/** Those in the text: `gatehouse keys hmac`. */
const inTexts: readonly Command[] = documents().flatMap((page) =>
  textOf(page)
    .split('\n')
    .flatMap((text, index) =>
      [...text.matchAll(/`((?:npx )?gatehouse [a-z][^`]*)`/g)].flatMap(([, line = '']) =>
        commandsOfLine(line).map((words) => ({ page, line: index + 1, words })),
      ),
    ),
)

const calls = [...inBlocks, ...inTexts]
  .map((command) => ({
    ...command,
    words: command.words[0] === 'npx' ? command.words.slice(1) : command.words,
  }))
  .filter(({ words }) => words[0] === 'gatehouse' && words.length > 1)

describe('what the documents ask of the command line', () => {
  test('DEP-01: is a command that there is, with flags that it has', async () => {
    const helps = new Map<string, string>()
    for (const name of SUBCOMMANDS) helps.set(name, (await cli([name, '--help'])).out)
    const mistakes = calls.flatMap(({ page, line, words: [, name = '', ...args] }) => {
      const help = helps.get(name)
      if (help === undefined) return [`${page}:${line}: there is no gatehouse ${name}`]
      const flags = args.filter((arg) => arg.startsWith('--')).map((arg) => arg.split('=', 1)[0] ?? '')
      // What `keys` makes is one of the words of its help.
      const kinds = name === 'keys' && args[0] !== undefined && !args[0].startsWith('-') ? [args[0]] : []
      return [...flags, ...kinds]
        .filter((word) => !new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(help))
        .map((word) => `${page}:${line}: gatehouse ${name} knows no ${word}`)
    })
    assert.deepEqual(mistakes, [])
    assert.ok(calls.length > 12, `${calls.length} were found`)
  })

  test('DEP-01: silences findings that there are', () => {
    const silenced = allFences()
      .filter(({ language }) => language === 'json')
      .flatMap(({ code }) => {
        const { doctor } = JSON.parse(code) as {
          readonly doctor?: { readonly silence?: Readonly<Record<string, string>> }
        }
        return Object.keys(doctor?.silence ?? {})
      })
    assert.ok(silenced.length > 0)
    for (const code of silenced) assert.ok(CODES.has(code), code)
  })
})
