import type { Machine } from '../machine.ts'
import type { Part } from '../part.ts'
import type { ResultsFile } from '../results.ts'
import { draw } from './draw.ts'
import { leadAsMarkdown } from './lead.ts'
import type { Plot } from './plot.ts'
import { targetsAsMarkdown } from './targets.ts'

/** The files of the page of the benches, by where they are below `docs`. */
export type PageFiles = Readonly<Record<string, string>>

const HEAD = `# Benchmarks

<!-- Written by npm run bench -- --report from bench/results; a test holds it to them. -->

What a gate costs, measured. \`npm run bench\` measures all of it anew, and writes this page; \`npm run bench -- --help\` says what
else it can do. The numbers are of one machine: what carries over to yours are the ratios, and how things grow.
`

/** Makes the page, and its pictures, of results that were kept. */
export function pageOf(parts: readonly Part[], kept: readonly ResultsFile[]): PageFiles {
  const files: Record<string, string> = {}
  const resultsOf = (name: string): object | undefined =>
    kept.flatMap(({ measured }) => measured).find((each) => each.part === name)?.results
  const sections = parts.flatMap((part) => {
    const found = kept.find(({ measured }) => measured.some((each) => each.part === part.name))
    const measured = found?.measured.find((each) => each.part === part.name)
    if (found === undefined || measured === undefined) return []
    const pictures = part.plots(measured.results).map((plot) => {
      files[`benchmarks/${plot.name}.svg`] = draw(plot)
      return `![${altOf(plot)}](benchmarks/${plot.name}.svg)\n`
    })
    const { name, about } = part
    return [
      `## ${name}\n`,
      `${capital(about)}.\n`,
      placeOf(found.machine),
      `What was measured: ${part.outline(measured.plan)}.\n`,
      ...pictures,
      ...part.markdown(measured.results),
    ]
  })
  files['benchmarks.md'] = [
    HEAD,
    ...targetsAsMarkdown(resultsOf),
    ...leadAsMarkdown(resultsOf),
    ...sections,
  ].join('\n')
  return files
}

/** Where and when the numbers of a part were taken. */
function placeOf({
  cpu,
  cores,
  memoryBytes,
  platform,
  node,
  date,
  commit,
  versions,
  loadBefore,
}: Machine): string {
  const gigabytes = Math.round(memoryBytes / 2 ** 30)
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const at = commit === undefined ? '' : `, at commit \`${commit}\``
  return `On ${date.slice(0, 10)}${at}: ${cpu}, ${cores} cores, ${gigabytes} GB, ${platform}, Node ${node}, load before ${loadBefore}.

<details><summary>Versions</summary>

${packages.join(', ')}

</details>
`
}

/** The numbers of a picture, for those who do not see it. */
function altOf({ title, unit, form }: Plot): string {
  const told = numbersOf(form).join('; ')
  return `${title}, ${unit}: ${told}`.replaceAll(/[[\]]/g, '')
}

function numbersOf(form: Plot['form']): readonly string[] {
  if (form.type === 'bars')
    return form.bars.map(({ name, value }) => `${name} ${Number(value.toPrecision(3))}`)
  if (form.type === 'stacked')
    return form.bars.map(
      ({ name, values }) => `${name} ${Number(values.reduce((sum, value) => sum + value, 0).toPrecision(3))}`,
    )
  return form.lines.map(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)]
    return `${name} from ${first?.[1].toPrecision(3) ?? ''} to ${last?.[1].toPrecision(3) ?? ''}`
  })
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
