// docs/doctor.md from the table of the checks: node --conditions=@gatehouse/source --import tsx .ci/doctor.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { ALL_CHECKS, CHECKS } from '../packages/cli/src/index.ts'

const PAGE = new URL('../docs/doctor.md', import.meta.url)

const HEADINGS = {
  mistake: ['A policy that does not build', 'What `gatehouse()` throws, a finding each.'],
  policy: [
    'A policy',
    'What is unwise in a policy that builds. Nothing is asked for it: the policy is read.',
  ],
  site: ['A running API', 'What a few dozen requests to `--url` show.'],
  project: ['A project', 'What the files around the policy and the audit of the package manager show.'],
}

const escape = (text) => text.replaceAll('<', '&lt;')
const link = (reference) =>
  reference
    .replace(/^docs\/(\S+\.md)/, (_all, page) => `[${page}](${page})`)
    .replace(/^README\.md/, '[README](../README.md)')
    .replace(/^(https:\S+)$/, '<$1>')

const text = `# What doctor looks for

<!-- Generated from packages/cli/src/doctor by .ci/doctor.mjs: run \`npm run codes\` after a change. -->

${ALL_CHECKS.length} checks. How they are run, silenced and read is in [the guide](guides/doctor.md). No code is ever reused for something
else.

${Object.entries(CHECKS)
  .map(
    ([name, rows]) => `## ${HEADINGS[name][0]}

${HEADINGS[name][1]}

${rows
  .map(
    ({ code, severity, title, why, instead, reference }) => `### \`${code}\`

**${severity}**. ${escape(title)} ${escape(why)}

\`\`\`ts
${instead}
\`\`\`

See ${link(reference)}.
`,
  )
  .join('\n')}`,
  )
  .join('\n')}`

// The lines to write are not always whole statements: they stay as they are.
const options = {
  ...(await resolveConfig(PAGE.pathname)),
  parser: 'markdown',
  embeddedLanguageFormatting: 'off',
}
const wanted = await format(text.replaceAll('```ts', '```text'), options)
if (!process.argv.includes('--check')) {
  writeFileSync(PAGE, wanted)
} else if (readFileSync(PAGE, 'utf8') !== wanted) {
  console.error('docs/doctor.md is not what the source says: run npm run codes')
  process.exit(1)
}
