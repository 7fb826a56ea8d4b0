import type { PartExplained, Principal } from '@gatehouse/core'
import { clean, cleanJson, withoutCredentials } from '../clean.ts'
import { coloursOf } from '../colours.ts'
import { CliError, EXIT, type ExitCode, type Io, print } from '../io.ts'
import { needGate } from '../load.ts'
import { wrap } from '../wrap.ts'

/** What the command line says to explain. */
export interface ExplainOptions {
  readonly policy?: string
  readonly as?: string
  readonly issuer?: string
  readonly scheme?: string
  readonly scope?: readonly string[]
  readonly role?: readonly string[]
  readonly permission?: readonly string[]
  readonly claim?: readonly string[]
  readonly json?: boolean
}

/** Walks one request through the policy, and says what each part of its rule says. */
export async function explain(
  method: string,
  target: string,
  options: ExplainOptions,
  io: Io,
): Promise<ExitCode> {
  if (!/^[A-Za-z-]+$/.test(method)) throw new CliError(EXIT.usage, `"${clean(method)}" is not a method.`)
  const path = pathOf(method, target)
  const principal = principalOf(options)
  const { gate } = await needGate(io, options.policy)
  const asked = { method, path, ...(principal !== undefined && { principal }) }
  const explanation = await gate.explain(asked)
  const { rules, hosts } = gate.describe()
  const rule = rules.find(({ name }) => name === explanation.rule)
  const notes = notesOf(method, target, path, hosts)
  await gate.close()
  if (options.json === true) {
    print(
      io,
      cleanJson(
        JSON.stringify({ version: 1, ...explanation, request: { method, path }, notes }, undefined, 2),
      ),
    )
  } else {
    const colours = coloursOf(io)
    const said = {
      true: colours.green('allowed'),
      false: colours.red('refused'),
      unknown: colours.yellow('unknown'),
    }
    const lines = [
      `${colours.bold(clean(`${method} ${path}`))} ${principal === undefined ? 'by nobody' : `as ${clean(principal.subject)}`}`,
      `rule     ${clean(explanation.rule)}`,
      ...explanation.parts.map((part) => lineOf(part, widthOf(io), colours)),
      `verdict  ${said[`${explanation.allowed}`]}${explanation.allowed === 'unknown' ? ': a function of the policy asks for what only a real request has' : ''}`,
    ]
    if (rule !== undefined && rule.limits.length > 0)
      lines.push(colours.dim(`besides  limits: ${rule.limits.map(clean).join(', ')}`))
    for (const note of notes)
      lines.push(colours.yellow(`note     ${wrap(clean(note), widthOf(io), ' '.repeat(9)).trimStart()}`))
    print(io, lines.join('\n'))
  }
  return explanation.allowed === false ? EXIT.findings : EXIT.ok
}

const SAID: Readonly<Record<string, string>> = {
  true: 'yes',
  false: 'no',
  'not-asked': 'not asked',
  'needs-request': 'unknown',
}

function lineOf(
  { part, holds, why }: PartExplained,
  width: number,
  colours: ReturnType<typeof coloursOf>,
): string {
  const word = (SAID[String(holds)] ?? '').padEnd(9)
  const painted =
    holds === true ? colours.green(word) : holds === false ? colours.red(word) : colours.yellow(word)
  const indent = ' '.repeat(30)
  return `  ${part.padEnd(17)} ${painted} ${wrap(clean(why), width, indent).trimStart()}`
}

function widthOf({ columns }: Io): number {
  return Math.max(60, Math.min(columns, 100))
}

/** What the checks that come before the rules would say, as far as a URL tells it. */
function notesOf(method: string, target: string, path: string, hosts: readonly string[]): readonly string[] {
  const notes: string[] = []
  if (method !== method.toUpperCase())
    notes.push(`Methods are told apart by case (RFC 9110 §9.1): ${method.toUpperCase()} is another one.`)
  // RFC 9112 §3.2: what no request-target can hold never gets to the policy as it stands here.
  if (/[^!-~]/.test(path)) notes.push('The path holds what must be percent-encoded: no client sends it so.')
  else if (!isDecodable(path)) notes.push('The percent-encoding is malformed: the check request refuses it.')
  if (!target.startsWith('/') && hosts.length > 0) {
    const { hostname, host } = new URL(target)
    if (!hosts.some((listed) => isListed(listed, hostname)))
      notes.push(`${host} is none of the hosts of the policy: the check hosts refuses it.`)
  }
  return notes
}

/** Ports are left to the check: which one is meant depends on the proxy, too. */
function isListed(listed: string, hostname: string): boolean {
  const name = listed.toLowerCase().replace(/:\d+$/, '')
  return name.startsWith('*.') ? hostname.endsWith(name.slice(1)) : hostname === name
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

function pathOf(method: string, target: string): string {
  // RFC 9112 §3.2.3, §3.2.4: no rule is for what these ask.
  if (target === '*' || method === 'CONNECT')
    throw new CliError(
      EXIT.usage,
      `${method} ${target} asks for no path, and no rule binds it. Write a path, such as GET /orders/7.`,
    )
  if (target.startsWith('/')) return target
  if (!/^https?:\/\//i.test(target) || !URL.canParse(target))
    throw new CliError(
      EXIT.usage,
      `"${withoutCredentials(target)}" is neither a path, such as /orders/7, nor a URL of http or https.`,
    )
  // The path as it was written: a URL would have taken the dots out of it.
  const written = target.slice(target.indexOf('//') + 2)
  const slash = written.search(/[/?#]/)
  const rest = slash === -1 ? '' : (written.slice(slash).split('#')[0] ?? '')
  return rest.startsWith('/') ? rest : `/${rest}`
}

function principalOf(options: ExplainOptions): Principal | undefined {
  const {
    as: subject,
    issuer,
    scheme = 'explain',
    scope = [],
    role = [],
    permission = [],
    claim = [],
  } = options
  if (subject === undefined) {
    const given = [scope, role, permission, claim].some((list) => list.length > 0) || issuer !== undefined
    if (given) throw new CliError(EXIT.usage, 'Say who is calling: --as SUBJECT.')
    return undefined
  }
  return {
    scheme,
    subject,
    issuer,
    scopes: [...scope],
    roles: [...role],
    ...(permission.length > 0 && { permissions: [...permission] }),
    ...(claim.length > 0 && { claims: claimsOf(claim) }),
  }
}

/** `name=value`, where the value is JSON if it can be read as such. */
function claimsOf(claims: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    claims.map((text) => {
      const mark = text.indexOf('=')
      if (mark < 1) throw new CliError(EXIT.usage, `"${clean(text)}" is not a claim: write name=value.`)
      const value = text.slice(mark + 1)
      try {
        return [text.slice(0, mark), JSON.parse(value) as unknown]
      } catch {
        return [text.slice(0, mark), value]
      }
    }),
  )
}
