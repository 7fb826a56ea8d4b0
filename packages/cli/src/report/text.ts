import { clean } from '../clean.ts'
import type { Colours } from '../colours.ts'
import { type Finding, SEVERITIES, type Severity } from '../doctor/check.ts'
import { countOf, type Report } from '../doctor/report.ts'
import { wrap } from '../wrap.ts'

const MARK: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'info' }
const INDENT = '  '

/** Lines under one finding, before the rest is counted. */
const MAX_PLACES = 6

/** Writes a report for people. */
export function textReport(
  report: Report,
  { colours, columns }: { colours: Colours; columns: number },
): string {
  const width = Math.max(40, Math.min(columns, 100))
  const paint: Readonly<Record<Severity, (text: string) => string>> = {
    error: colours.red,
    warning: colours.yellow,
    info: colours.cyan,
  }
  const parts = [...grouped(report.findings).values()].map((group) => {
    const [{ code, severity, title, why, reference, instead }] = group
    const places = group.slice(0, MAX_PLACES).map(({ where, detail }) => {
      const text = clean(detail === undefined ? where : `${where}: ${detail}`)
      return colours.bold(wrap(text, width - 4, '    ').trimStart())
    })
    const more = group.length - places.length
    const first = `${paint[severity](colours.bold(MARK[severity]))}  ${colours.dim(code)}`
    return [
      first,
      wrap(title, width, INDENT),
      ...places.map((place) => `${INDENT}${paint[severity]('>')} ${place}`),
      ...(more > 0 ? [`${INDENT}  and ${more} more`] : []),
      colours.dim(wrap(why, width, INDENT)),
      `${INDENT}${colours.green('write')} ${wrap(clean(written(instead)), width, '        ').trimStart()}`,
      `${INDENT}${colours.dim(`see   ${reference}`)}`,
    ].join('\n')
  })
  return [...parts, summaryOf(report, paint, colours)].join('\n\n')
}

/** Mistakes say it in sentences. */
function written(instead: string): string {
  const near = /^Did you mean (.+)\?$/.exec(instead)?.[1]
  return near ?? instead.replace(/^Write /, '')
}

function grouped(findings: readonly Finding[]): ReadonlyMap<string, readonly [Finding, ...Finding[]]> {
  const groups = new Map<string, [Finding, ...Finding[]]>()
  for (const finding of findings) {
    // Mistakes say by themselves what to write.
    const key = `${finding.code} ${finding.instead}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [finding])
    else group.push(finding)
  }
  return groups
}

function summaryOf(
  { findings, silenced, asked, policy, url }: Report,
  paint: Readonly<Record<Severity, (text: string) => string>>,
  colours: Colours,
): string {
  const what = clean([policy, url].filter((each) => each !== undefined).join(' and '))
  const looked = `${asked} checks of ${what === '' ? 'the project' : what}`
  const quiet = silenced.length === 0 ? '' : `, ${silenced.length} silenced`
  if (findings.length === 0) return `${colours.green('Nothing found')} by ${looked}${quiet}.`
  const counts = SEVERITIES.map((severity) => [severity, countOf(findings, severity)] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => paint[severity](`${count} ${nameOf(severity, count)}`))
  return `${counts.join(', ')}${quiet}, by ${looked}.`
}

function nameOf(severity: Severity, count: number): string {
  if (severity === 'info') return 'of information'
  return count === 1 ? severity : `${severity}s`
}
