import type { DemoAccount } from './accounts.ts'

/** What the terminal shows at the start. */
export function banner(port: number, tlsPort: number | undefined, accounts: readonly DemoAccount[]): string {
  const plain = `http://127.0.0.1:${port}`
  const base = tlsPort === undefined ? plain : `https://127.0.0.1:${tlsPort}`
  const curl = tlsPort === undefined ? 'curl' : 'curl --insecure'
  const [first] = accounts
  return `
Gatehouse guards a small API. Its page, to log in and call it:

  ${base}/${tlsPort === undefined ? '' : `\n  ${plain}/  redirects there; the certificate was made just now, so a browser asks you first`}

The dashboard, live, for root: log in on that page and press "Open the dashboard". It is at

  ${base}/gatehouse/

Accounts, until it stops:

${accounts.map(({ name, password, account }) => `  ${name.padEnd(6)} ${password}   (${account.roles?.join(', ')})`).join('\n')}

Routes:

  GET  /health         for everybody
  POST /token          for everybody, 10 in a minute
  GET  /secure-data    scope data:read, 10 in 10 seconds
  GET  /notes          scope data:read
  POST /notes          scope notes:write
  GET  /admin/events   role admin
  GET  /gatehouse/     role admin: the dashboard

From a terminal:

  ${curl} ${base}/token -d grant_type=password -d username=${first?.name} -d password=${first?.password}
  ${curl} ${base}/secure-data -H 'Authorization: Bearer <access_token>'

Every decision is a line below. Ctrl+C ends it.
`
}
