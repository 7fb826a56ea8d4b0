import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { cancel, confirm, intro, isCancel, outro, select, text } from '@clack/prompts'
import { CliError, EXIT, type ExitCode, type Io, print } from '../io.ts'
import { messageOf } from '../load.ts'
import { type Authentication, type Plan, policyText, PROXIES, type Proxy } from './policy-text.ts'

/** What the command line says to init. */
export interface InitOptions {
  readonly out?: string
  readonly host?: readonly string[]
  readonly auth?: Authentication
  readonly issuer?: string
  readonly audience?: string
  readonly origin?: readonly string[]
  readonly proxy?: Proxy
  readonly login?: boolean
  readonly yes?: boolean
  readonly force?: boolean
}

/** Asks what a first policy has to know, and writes it. Whatever a flag says is not asked. */
export async function init(options: InitOptions, io: Io): Promise<ExitCode> {
  const out = options.out ?? 'gate.ts'
  const path = resolve(io.cwd, out)
  const asks = options.yes !== true && io.canAsk
  if (options.yes !== true && !io.canAsk)
    throw new CliError(
      EXIT.usage,
      'Nobody can answer here. Write --yes, and say by flags what is not as usual (gatehouse init --help).',
    )
  const isThere = existsSync(path)
  if (isThere && options.force !== true && !asks)
    throw new CliError(EXIT.failed, `${out} is there already. Write --force, or --out FILE.`)
  const forces = isThere && (options.force === true || (await mayOverwrite(out, io)))
  if (isThere && !forces) return EXIT.failed
  const plan = asks ? await ask(options, io) : planOf(options)
  if (plan === undefined) return EXIT.failed
  try {
    // Whoever may write this one file (node --permission) may make no folder, and not even one that is there.
    if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, policyText(plan), { flag: forces ? 'w' : 'wx' })
  } catch (error) {
    throw new CliError(EXIT.failed, `${out} cannot be written: ${messageOf(error)}`)
  }
  const stands = asks ? [] : examplesIn(options, plan)
  const next = [
    `Wrote ${out}. Next:`,
    ...(stands.length === 0 ? [] : [`  put yours for ${stands.join(' and ')}: nobody said them`]),
    '  npm install @gatehouse/core',
    `  npx gatehouse routes ${out}    # who may call what`,
    `  npx gatehouse doctor ${out}    # what could be better`,
  ].join('\n')
  if (asks) outro(next, { output: io.stdout })
  else print(io, next)
  return EXIT.ok
}

/** Without questions: what the flags say, and what is usual for the rest. */
function planOf(options: InitOptions): Plan {
  const { host = [], auth = 'jwt', origin = [], proxy = 'none', login = false } = options
  checkFlags(options)
  return {
    hosts: host.length === 0 ? ['api.example.com'] : host,
    auth,
    issuer: options.issuer ?? 'https://id.example.com',
    audience: options.audience ?? `https://${host[0] ?? 'api.example.com'}`,
    origins: origin,
    proxy,
    login,
  }
}

/** What was written that nobody has said. */
function examplesIn(options: InitOptions, { hosts, auth, issuer }: Plan): readonly string[] {
  return [
    ...((options.host ?? []).length === 0 ? hosts : []),
    ...(auth === 'jwt' && options.issuer === undefined ? [issuer] : []),
  ]
}

function checkFlags({ host = [], origin = [], issuer }: InitOptions): void {
  for (const name of host) check(hostMistake(name), '--host')
  for (const one of origin) check(originMistake(one), '--origin')
  if (issuer !== undefined) check(urlMistake(issuer), '--issuer')
}

function check(mistake: string | undefined, flag: string): void {
  if (mistake !== undefined) throw new CliError(EXIT.usage, `${flag}: ${mistake}`)
}

/** Asks whether a file may be lost; no answer is a no. */
async function mayOverwrite(out: string, io: Io): Promise<boolean> {
  const message = `${out} is there already. Overwrite it?`
  const answered = await confirm({ message, initialValue: false, ...streamsOf(io) })
  if (answered === true) return true
  cancel('Nothing was written.', { output: io.stdout })
  return false
}

const streamsOf = ({ stdin, stdout }: Io): { readonly input: Readable; readonly output: Writable } => ({
  input: stdin,
  output: stdout,
})

async function ask(options: InitOptions, io: Io): Promise<Plan | undefined> {
  const streams = streamsOf(io)
  checkFlags(options)
  intro('A first policy', { output: io.stdout })
  try {
    const host =
      options.host?.[0] ??
      (await answer(
        text({
          ...streams,
          message: 'Which host do clients call?',
          placeholder: 'such as api.example.com',
          validate: validate(hostMistake),
        }),
      ))
    const auth =
      options.auth ??
      (await answer(
        select<Authentication>({
          ...streams,
          message: 'How are callers known?',
          options: [
            { value: 'jwt', label: 'Access tokens (JWT)', hint: 'from an identity provider' },
            { value: 'api-key', label: 'API keys', hint: 'for machines' },
            { value: 'basic', label: 'Name and password', hint: 'for tools of your own' },
            { value: 'none', label: 'They are not', hint: 'open data' },
          ],
        }),
      ))
    const issuer =
      auth !== 'jwt'
        ? ''
        : (options.issuer ??
          (await answer(
            text({
              ...streams,
              message: 'Who issues the tokens?',
              placeholder: 'such as https://id.example.com',
              validate: validate(urlMistake),
            }),
          )))
    const origins =
      options.origin ??
      listOf(
        await answer(
          text({
            ...streams,
            message: 'Which web pages call it? Origins, with spaces between; none if no page does.',
            placeholder: 'such as https://app.example.com',
            defaultValue: '',
            validate: (value) =>
              listOf(value ?? '')
                .map(originMistake)
                .find((mistake) => mistake !== undefined),
          }),
        ),
      )
    const proxy =
      options.proxy ??
      (await answer(
        select<Proxy>({
          ...streams,
          message: 'What stands before the server?',
          options: PROXIES.map((value) => ({ value, label: PROXY_LABELS[value] })),
        }),
      ))
    const login =
      options.login ??
      (await answer(
        confirm({ ...streams, message: 'Is there a route where users log in?', initialValue: false }),
      ))
    return {
      hosts: options.host ?? [host],
      auth,
      issuer,
      audience: options.audience ?? `https://${host}`,
      origins,
      proxy,
      login,
    }
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error
    cancel('Nothing was written.', { output: io.stdout })
    return undefined
  }
}

const PROXY_LABELS: Readonly<Record<Proxy, string>> = {
  none: 'Nothing: clients reach it directly',
  cloudflare: 'Cloudflare',
  private: 'A proxy of ours, in a private network',
  loopback: 'A proxy on the same machine (nginx, Caddy)',
}

/** Somebody pressed Ctrl-C. */
class Cancelled extends Error {}

async function answer<T>(asked: Promise<T>): Promise<Exclude<T, symbol>> {
  const given = await asked
  if (isCancel(given)) throw new Cancelled()
  return given as Exclude<T, symbol>
}

const listOf = (value: string): readonly string[] => value.split(/[\s,]+/).filter((each) => each !== '')

const validate =
  (mistakeIn: (value: string) => string | undefined) =>
  (value: string | undefined): string | undefined =>
    mistakeIn(value ?? '')

function hostMistake(value: string): string | undefined {
  if (value === '') return 'It has no default: there is no policy without a host.'
  return /^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?$/.test(value)
    ? undefined
    : "Write a host in lower case, such as 'api.example.com'."
}

function originMistake(value: string): string | undefined {
  return URL.canParse(value) && new URL(value).origin === value
    ? undefined
    : "Write origins as browsers send them, such as 'https://app.example.com'."
}

function urlMistake(value: string): string | undefined {
  if (value === '') return 'It has no default: tokens of nobody else are taken.'
  return URL.canParse(value) && new URL(value).protocol === 'https:'
    ? undefined
    : "Write an https URL, such as 'https://id.example.com'."
}
