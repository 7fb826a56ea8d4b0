// docs/codes.md from the tables of the source: node --import tsx .ci/codes.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { CODES } from '../packages/core/src/contract/codes.ts'
import { KINDS } from '../packages/core/src/contract/kinds.ts'
import { MISTAKES } from '../packages/core/src/contract/mistakes.ts'

const PAGE = new URL('../docs/codes.md', import.meta.url)

const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const kindsOf = (code) =>
  Object.entries(KINDS)
    .filter(([, row]) => row.code === code)
    .map(([kind]) => `\`${kind}\``)
    .join(', ')

const text = `# Codes

<!-- Generated from packages/core/src/contract by .ci/codes.mjs: run \`npm run codes\` after a change. -->

None of these is ever reused for something else.

## What a client sees

The \`code\` of a problem (RFC 9457), with its status and title. Several kinds of event share one code, so that a probe
does not learn which test it failed.

${table(
  ['Code', 'Status', 'Title', 'Kinds'],
  Object.entries(CODES).map(([code, row]) => [`\`${code}\``, row.status, row.title, kindsOf(code)]),
)}

## What a log sees

The \`kind\` of an event.

${table(
  ['Kind', 'Code', 'Meaning'],
  Object.entries(KINDS).map(([kind, row]) => [
    `\`${kind}\``,
    row.code === undefined ? 'none' : `\`${row.code}\``,
    row.meaning,
  ]),
)}

## What a policy's author sees

The \`code\` of a mistake in a \`ConfigError\`.

${table(
  ['Code', 'Meaning'],
  Object.entries(MISTAKES).map(([code, meaning]) => [`\`${code}\``, meaning]),
)}
`

const wanted = await format(text, { ...(await resolveConfig(PAGE.pathname)), parser: 'markdown' })
if (!process.argv.includes('--check')) {
  writeFileSync(PAGE, wanted)
} else if (readFileSync(PAGE, 'utf8') !== wanted) {
  console.error('docs/codes.md is not what the source says: run npm run codes')
  process.exit(1)
}
