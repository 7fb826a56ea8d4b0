import assert from 'node:assert/strict'
import { type Answer, call } from '../../../../packages/core/test/support/call.ts'
import { type Child, run } from '../../../../packages/core/test/support/child.ts'

/** The demo, started. */
export interface Demo {
  readonly child: Child
  /** `http://127.0.0.1:PORT` */
  readonly http: string
  /** `https://127.0.0.1:PORT`, or `undefined` without `--tls`. */
  readonly https: string | undefined
  /** The passwords that it printed. */
  readonly passwords: { readonly alice: string; readonly root: string }
}

/** Starts the demo, and reads what it prints. */
export async function startDemo(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Demo> {
  const child = run('node-http', args, env)
  await child.printed(/Ctrl\+C/)
  const banner = child.output()
  const first = (what: RegExp): string | undefined => what.exec(banner)?.[1]
  const http = first(/(http:\/\/127\.0\.0\.1:\d+)\//)
  const alice = first(/^ {2}alice +(\S+) +\(user\)$/m)
  const root = first(/^ {2}root +(\S+) +\(admin\)$/m)
  assert.ok(http !== undefined && alice !== undefined && root !== undefined, banner)
  return { child, http, https: first(/(https:\/\/127\.0\.0\.1:\d+)\//), passwords: { alice, root } }
}

/** Asks the token endpoint. */
export function askForToken(base: string, form: Readonly<Record<string, string>>): Promise<Answer> {
  return call(`${base}/token`, { body: new URLSearchParams({ grant_type: 'password', ...form }) })
}

/** A token for one of the accounts. */
export async function tokenOf(
  { http, https, passwords }: Demo,
  username: 'alice' | 'root',
  scope?: string,
): Promise<string> {
  const form = { username, password: passwords[username], ...(scope === undefined ? {} : { scope }) }
  const { status, json, text } = await askForToken(https ?? http, form)
  assert.equal(status, 200, text)
  return String(json['access_token'])
}
