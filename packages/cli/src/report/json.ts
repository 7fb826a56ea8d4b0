import { cleanJson } from '../clean.ts'
import { SEVERITIES } from '../doctor/check.ts'
import { countOf, type Report } from '../doctor/report.ts'

/** Writes a report for programs. Members are only ever added. */
export function jsonReport({ policy, url, asked, findings, silenced }: Report): string {
  return cleanJson(
    JSON.stringify(
      {
        version: 1,
        policy,
        url,
        asked,
        counts: Object.fromEntries(SEVERITIES.map((severity) => [severity, countOf(findings, severity)])),
        findings,
        silenced: silenced.map(({ finding, reason }) => ({ ...finding, reason })),
      },
      undefined,
      2,
    ),
  )
}
