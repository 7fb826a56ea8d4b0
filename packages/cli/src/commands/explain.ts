import type { PartExplained, Principal } from '@gatehouse/core'
import { coloursOf } from '../colours.ts'
import { CliError, EXIT, type ExitCode, type Io, print } from '../io.ts'
import { needGate } from '../load.ts'
import { clean } from '../report/text.ts'
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
  const path = pathOf(target)
  const principal = principalOf(options)
  const { gate } = await needGate(io.cwd, options.policy)
  const asked = { method, path, ...(principal !== undefined && { principal }) }
  const explanation = await gate.explain(asked)
  const rule = gate.describe().rules.find(({ name }) => name === explanation.rule)
  await gate.close()
  if (options.json === true) {
    print(io, JSON.stringify({ version: 1, ...explanation, request: { method, path } }, undefined, 2))
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
      ...explanation.parts.map((part) => lineOf(part, io.columns, colours)),
      `verdict  ${said[`${explanation.allowed}`]}${explanation.allowed === 'unknown' ? ': a function of the policy asks for what only a real request has' : ''}`,
    ]
    if (rule !== undefined && rule.limits.length > 0)
      lines.push(colours.dim(`besides  limits: ${rule.limits.map(clean).join(', ')}`))
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
  columns: number,
  colours: ReturnType<typeof coloursOf>,
): string {
  const word = (SAID[String(holds)] ?? '').padEnd(9)
  const painted =
    holds === true ? colours.green(word) : holds === false ? colours.red(word) : colours.yellow(word)
  const indent = ' '.repeat(30)
  return `  ${part.padEnd(17)} ${painted} ${wrap(clean(why), Math.max(60, Math.min(columns, 100)), indent).trimStart()}`
}

function pathOf(target: string): string {
  if (target.startsWith('/')) return target
  if (!URL.canParse(target)) throw new CliError(EXIT.usage, `"${clean(target)}" is neither a path nor a URL.`)
  const url = new URL(target)
  // The path as it was written: a URL would have taken the dots out of it.
  const written = target.slice(target.indexOf('//') + 2)
  const slash = written.search(/[/?#]/)
  const rest = slash === -1 ? '' : (written.slice(slash).split('#')[0] ?? '')
  return rest.startsWith('/') ? rest : `${url.pathname}${rest}`
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
