import { readFileSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { relative, resolve } from 'node:path'
import type { Mistake, PolicyDescription } from '@gatehouse/core'
import { shownUrl } from '../clean.ts'
import { coloursOf } from '../colours.ts'
import { type Finding, findAll, SEVERITIES, type Severity } from '../doctor/check.ts'
import { readConfig } from '../doctor/config.ts'
import { lookupOf, sender, type SendOptions } from '../doctor/http.ts'
import { MISTAKE_CHECKS } from '../doctor/mistake-checks.ts'
import { POLICY_CHECKS } from '../doctor/policy-checks.ts'
import { PROJECT_CHECKS } from '../doctor/project-checks.ts'
import { lookAtProject } from '../doctor/project.ts'
import type { Report, Silenced } from '../doctor/report.ts'
import { RUN_CHECKS } from '../doctor/run-checks.ts'
import { SITE_CHECKS } from '../doctor/site-checks.ts'
import { type Site, survey } from '../doctor/site.ts'
import { optionsCalled, type PolicySubject } from '../doctor/subject.ts'
import { ALL_CHECKS, CODES } from '../doctor/table.ts'
import type { HowShaken } from '../doctor/tls.ts'
import { CliError, EXIT, type ExitCode, type Io, print } from '../io.ts'
import { findPolicy, type Loaded, loadPolicy } from '../load.ts'
import { progressOf } from '../progress.ts'
import { jsonReport } from '../report/json.ts'
import { sarifReport } from '../report/sarif.ts'
import { textReport } from '../report/text.ts'
import { VERSION } from '../version.ts'

/** What the command line says to doctor. */
export interface DoctorOptions {
  readonly url?: string
  readonly http?: string
  readonly ca?: string
  readonly resolve?: string
  readonly issuer?: readonly string[]
  readonly silence?: readonly string[]
  readonly failOn?: Severity
  readonly instances?: number
  readonly timeout: number
  readonly audit: boolean
  readonly project: boolean
  readonly policy: boolean
  readonly safe?: boolean
  readonly json?: boolean
  readonly sarif?: boolean
  readonly output?: string
  readonly config?: string
  readonly quiet?: boolean
  readonly verbose?: boolean
}

/** As long as the whole of the probes may take, in milliseconds. */
const MAX_SURVEY = 120_000
const MAX_AUDIT = 60_000

/** Looks at a policy, a running API and their project, and tells what it finds. */
export async function doctor(named: string | undefined, options: DoctorOptions, io: Io): Promise<ExitCode> {
  const config = readConfig(io.cwd, CODES, options.config)
  for (const code of options.silence ?? [])
    if (!CODES.has(code))
      throw new CliError(
        EXIT.usage,
        `There is no code "${code}". They are listed by: gatehouse doctor --list`,
      )
  const { json, sarif, output } = options
  if (json === true && sarif === true) throw new CliError(EXIT.usage, 'Write one of --json and --sarif.')
  if (output !== undefined && json !== true && sarif !== true)
    throw new CliError(EXIT.usage, 'Write --json or --sarif besides --output.')
  const url = readUrl(options.url ?? config.url)
  const how: How = {
    ca: options.ca === undefined ? undefined : readCa(resolve(io.cwd, options.ca)),
    lookup: readResolve(options.resolve),
    timeout: options.timeout,
  }
  const progress = progressOf(io, {
    quiet: options.quiet === true,
    verbose: options.verbose === true,
  })
  try {
    const file = options.policy ? findPolicy(io.cwd, named) : undefined
    if (file !== undefined) progress.say(`reading ${relative(io.cwd, file)}`)
    const loaded = file === undefined ? undefined : await loadPolicy(file, io)
    const subject = subjectOf(loaded, options.instances ?? config.instances ?? 1)
    const found: Finding[] = []
    let asked = 0
    const look = (table: readonly unknown[], findings: readonly Finding[]): void => {
      asked += table.length
      found.push(...findings)
    }
    if (loaded !== undefined)
      look(MISTAKE_CHECKS, findAll<readonly Mistake[]>(MISTAKE_CHECKS, loaded.mistakes))
    if (subject !== undefined) look(POLICY_CHECKS, findAll(POLICY_CHECKS, subject))
    if (url !== undefined) {
      let why: string | undefined
      const hear = (text: string): void => void (why ??= text)
      const site = await lookAtSite(url, subject, options, { ...how, onError: hear }, io, (step) =>
        progress.say(step),
      )
      const unreachable = site === undefined ? { url: shownUrl(url), why } : undefined
      look(RUN_CHECKS, findAll(RUN_CHECKS, { unreachable }))
      if (site !== undefined) look(SITE_CHECKS, findAll(SITE_CHECKS, site))
    }
    if (options.project) {
      progress.say('the project and its dependencies')
      const project = await lookAtProject({
        cwd: io.cwd,
        nodeVersion: io.nodeVersion,
        now: io.now(),
        env: io.env,
        audit: options.audit,
        timeout: MAX_AUDIT,
      })
      look(PROJECT_CHECKS, findAll(PROJECT_CHECKS, project))
    }
    await loaded?.gate?.close()
    if (asked === 0) throw new CliError(EXIT.usage, 'There is nothing to look at: name a policy or a --url.')
    const reasons = new Map(config.silence)
    for (const code of options.silence ?? []) reasons.set(code, 'silenced on the command line')
    const report: Report = {
      policy: file === undefined ? undefined : relative(io.cwd, file),
      url: url === undefined ? undefined : shownUrl(url),
      asked,
      ...sorted(found, reasons),
    }
    progress.stop()
    write(report, options, io)
    return isBad(report, options.failOn ?? config.failOn ?? 'error') ? EXIT.findings : EXIT.ok
  } finally {
    progress.stop()
  }
}

/** Prints every check there is. */
export function listChecks(io: Io): void {
  const width = Math.max(...ALL_CHECKS.map(({ code }) => code.length))
  for (const { code, severity, title } of ALL_CHECKS)
    print(io, `${code.padEnd(width)}  ${severity.padEnd(7)}  ${title}`)
}

function subjectOf(loaded: Loaded | undefined, instances: number): PolicySubject | undefined {
  const gate = loaded?.gate
  if (gate === undefined) return undefined
  const description: PolicyDescription = gate.describe()
  return { ...description, openapi: gate.openapi(), instances }
}

function readUrl(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined
  // Not repeated: it may hold a password, or what else somebody pasted.
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new CliError(EXIT.usage, 'A URL is not one of http or https, such as https://api.example.com/.')
  const url = new URL(text)
  // What stands there would be in the report.
  if (url.username !== '' || url.password !== '')
    throw new CliError(EXIT.usage, 'The URL holds a name or a password: doctor asks without credentials.')
  return url
}

/** How requests are sent, as far as it is said. */
type How = HowShaken & Pick<SendOptions, 'onError'>

function lookAtSite(
  url: URL,
  subject: PolicySubject | undefined,
  options: DoctorOptions,
  how: How,
  io: Io,
  say: (step: string) => void,
): Promise<Site | undefined> {
  const ofPolicy = subject === undefined ? [] : optionsCalled(subject, 'issuer').map(([, value]) => value)
  for (const issuer of options.issuer ?? []) readUrl(issuer)
  const issuers = options.issuer ?? ofPolicy.filter((value) => typeof value === 'string')
  return survey({
    url,
    send: sender({ ...how, until: Date.now() + MAX_SURVEY }),
    how,
    now: io.now(),
    safe: options.safe === true,
    rules: subject?.rules ?? [],
    issuers: [...new Set(issuers)],
    clearUrl: readUrl(options.http),
    say,
  })
}

function readResolve(text: string | undefined): ReturnType<typeof lookupOf> | undefined {
  if (text === undefined) return undefined
  const [name = '', address = ''] = text.split('=')
  if (name === '' || isIP(address) === 0)
    throw new CliError(EXIT.usage, '--resolve is written as api.example.com=127.0.0.1.')
  return lookupOf(name, address)
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new CliError(EXIT.usage, `${path} cannot be read.`)
  }
}

function sorted(
  found: readonly Finding[],
  reasons: ReadonlyMap<string, string>,
): { readonly findings: readonly Finding[]; readonly silenced: readonly Silenced[] } {
  const findings: Finding[] = []
  const silenced: Silenced[] = []
  for (const finding of found) {
    const reason = reasons.get(finding.code)
    if (reason === undefined) findings.push(finding)
    else silenced.push({ finding, reason })
  }
  const rank = ({ severity }: Finding): number => SEVERITIES.indexOf(severity)
  return { findings: findings.sort((one, other) => rank(one) - rank(other)), silenced }
}

function isBad({ findings }: Report, failOn: Severity): boolean {
  const worst = new Set(SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1))
  return findings.some(({ severity }) => worst.has(severity))
}

function write(report: Report, { json, sarif, output }: DoctorOptions, io: Io): void {
  const machine =
    json === true ? jsonReport(report) : sarif === true ? sarifReport(report, ALL_CHECKS, VERSION) : undefined
  if (machine !== undefined && output === undefined) return print(io, machine)
  if (machine !== undefined && output !== undefined) {
    try {
      writeFileSync(resolve(io.cwd, output), `${machine}\n`)
    } catch {
      throw new CliError(EXIT.failed, `${output} cannot be written.`)
    }
  }
  print(io, textReport(report, { colours: coloursOf(io), columns: io.columns }))
}
