import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CliError, EXIT } from '../io.ts'
import { type Severity, SEVERITIES } from './check.ts'

/** What a project says to doctor: `gatehouse.json`, or `gatehouse` in its package.json. */
export interface DoctorConfig {
  /** The codes that are not reported, each with the reason. */
  readonly silence: ReadonlyMap<string, string>
  readonly failOn: Severity | undefined
  readonly instances: number | undefined
  readonly url: string | undefined
}

const FILE = 'gatehouse.json'

/** Reads the configuration of a project; none is an empty one. */
export function readConfig(cwd: string, known: ReadonlySet<string>, named?: string): DoctorConfig {
  const [where, value] = find(cwd, named)
  const wrong = (what: string): never => {
    throw new CliError(EXIT.usage, `${where}: ${what}`)
  }
  const doctor = member(value, 'doctor') ?? {}
  if (typeof doctor !== 'object' || doctor === null) return wrong('"doctor" is not an object.')
  for (const key of Object.keys(doctor))
    if (!['silence', 'failOn', 'instances', 'url'].includes(key)) wrong(`doctor has no option "${key}".`)
  const silence = member(doctor, 'silence') ?? {}
  if (typeof silence !== 'object' || silence === null || Array.isArray(silence))
    return wrong('"silence" is not an object of codes and reasons: { "policy.trusted-hops": "why" }.')
  const reasons = new Map<string, string>()
  for (const [code, reason] of Object.entries(silence)) {
    if (!known.has(code)) wrong(`there is no code "${code}": see docs/doctor.md.`)
    // A finding that is silenced without a reason is one that nobody will ever look at again.
    if (typeof reason !== 'string' || reason.trim() === '')
      wrong(`the silence of "${code}" needs its reason, a text.`)
    reasons.set(code, String(reason))
  }
  const failOn = member(doctor, 'failOn')
  if (failOn !== undefined && !SEVERITIES.includes(failOn as Severity))
    return wrong(`"failOn" is none of ${SEVERITIES.join(', ')}.`)
  const instances = member(doctor, 'instances')
  if (instances !== undefined && !(Number.isSafeInteger(instances) && Number(instances) > 0))
    return wrong('"instances" is not the number of processes.')
  const url = member(doctor, 'url')
  if (url !== undefined && typeof url !== 'string') return wrong('"url" is not a text.')
  return {
    silence: reasons,
    failOn: failOn as Severity | undefined,
    instances: instances as number | undefined,
    url,
  }
}

function find(cwd: string, named: string | undefined): readonly [where: string, value: unknown] {
  if (named !== undefined) return [named, parse(resolve(cwd, named))]
  if (existsSync(join(cwd, FILE))) return [FILE, parse(join(cwd, FILE))]
  const manifest = join(cwd, 'package.json')
  if (!existsSync(manifest)) return [FILE, {}]
  return ['"gatehouse" in package.json', member(parse(manifest), 'gatehouse') ?? {}]
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''))
  } catch {
    throw new CliError(EXIT.usage, `${path} cannot be read as JSON.`)
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
}
