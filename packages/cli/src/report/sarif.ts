import type { Log, ReportingDescriptor, Result } from 'sarif'
import { cleanJson } from '../clean.ts'
import type { Finding, Severity } from '../doctor/check.ts'
import type { Report } from '../doctor/report.ts'
import type { CheckRow } from '../doctor/table.ts'

const LEVEL: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
}

const DOCUMENTS = 'docs/doctor.md'

/**
 * Writes a report for code scanning: SARIF 2.1.0.
 *
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function sarifReport(report: Report, rows: readonly CheckRow[], version: string): string {
  const index = new Map(rows.map(({ code }, at) => [code, at]))
  const result = (finding: Finding, suppressed?: string): Result => ({
    ruleId: finding.code,
    ruleIndex: index.get(finding.code) ?? -1,
    level: LEVEL[finding.severity],
    message: {
      text: `${finding.title} ${finding.where}${finding.detail === undefined ? '' : `: ${finding.detail}`}`,
    },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(finding, report) }, region: { startLine: 1 } },
        logicalLocations: [{ fullyQualifiedName: finding.where }],
      },
    ],
    partialFingerprints: { 'gatehouse/v1': `${finding.code}|${finding.where}` },
    ...(suppressed !== undefined && { suppressions: [{ kind: 'external', justification: suppressed }] }),
  })
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'gatehouse doctor', semanticVersion: version, rules: rows.map(ruleOf) },
        },
        columnKind: 'utf16CodeUnits',
        results: [
          ...report.findings.map((finding) => result(finding)),
          ...report.silenced.map(({ finding, reason }) => result(finding, reason)),
        ],
      },
    ],
  }
  return cleanJson(JSON.stringify(log, undefined, 2))
}

function ruleOf({ code, severity, title, why, instead, reference }: CheckRow): ReportingDescriptor {
  return {
    id: code,
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: {
      text: `${why}\n\nWrite: ${instead}\n\nSee ${reference} and ${DOCUMENTS}.`,
      markdown: `${why}\n\nWrite: \`${instead}\`\n\nSee ${reference} and ${DOCUMENTS}.`,
    },
    defaultConfiguration: { level: LEVEL[severity] },
    properties: { tags: ['security', code.split('.')[0] ?? code] },
  }
}

/** A file of the project, relative to it, or the URL that was probed. */
function uriOf({ code, where }: Finding, { policy, url }: Report): string {
  if (code.startsWith('site.')) return URL.canParse(where) ? where : (url ?? where)
  if (code.startsWith('project.')) return 'package.json'
  return policy === undefined ? 'package.json' : policy.split(/[\\/]/).map(encodeURIComponent).join('/')
}
