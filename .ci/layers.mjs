// npm run layers: dependency-cruiser with layers.cjs, and a floor on what it saw: a cruise that finds no module
// (for want of a compiler, say) reports success, and so would a rule that no file can break.
import { createRequire } from 'node:module'
import { cruise } from 'dependency-cruiser'
import { Failure, filesUnder, main, root } from './setup.mjs'

await main(async () => {
  process.chdir(root)
  const { forbidden, options } = createRequire(import.meta.url)('./layers.cjs')
  const start = ['packages', 'bench', 'examples']
  const { output } = await cruise(start, { ...options, ruleSet: { forbidden }, validate: true })

  const seen = new Set(output.modules.map((module) => module.source))
  const sources = filesUnder('packages', (path) => /^packages\/[^/]+\/src\/.*\.ts$/.test(path))
  const unseen = sources.filter((path) => !seen.has(path))
  if (sources.length === 0 || unseen.length > 0) {
    throw new Failure(
      `layers: the cruise missed ${unseen.length} of ${sources.length} sources\n  ${unseen.join('\n  ')}`,
    )
  }

  const { violations } = output.summary
  if (violations.length > 0) {
    const lines = violations.map(({ rule, from, to, cycle }) =>
      cycle === undefined
        ? `${rule.name}: ${from} -> ${to}`
        : `${rule.name}: ${[from, ...cycle.map((step) => step.name)].join(' -> ')}`,
    )
    const comments = forbidden
      .filter(
        ({ name, comment }) => comment !== undefined && violations.some(({ rule }) => rule.name === name),
      )
      .map(({ name, comment }) => `  ${name}: ${comment}`)
    throw new Failure(
      `layers: ${violations.length} arrows point the wrong way\n  ${lines.join('\n  ')}\n\n${comments.join('\n')}`,
    )
  }
  const { totalDependenciesCruised } = output.summary
  process.stdout.write(
    `layers: ${sources.length} sources and ${totalDependenciesCruised} imports, no violation\n`,
  )
})
