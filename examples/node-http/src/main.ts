import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import { alerts, type Gate, memoryStore, session, tokenEndpoint, tokenIssuer } from '@gatehouse/core'
import { dashboard } from '@gatehouse/dashboard'
import { makeAccounts, passwordCheck } from './accounts.ts'
import { api } from './api.ts'
import { banner } from './banner.ts'
import { listen } from './listen.ts'
import { type DemoPrincipal, demoGate } from './policy.ts'
import { recorder } from './recorder.ts'
import { Mistake, readSettings, type Settings, USAGE } from './settings.ts'
import { makeCertificate } from './tls.ts'

const servers: (Server | TlsServer)[] = []
let gate: Gate<DemoPrincipal> | undefined
// POST /token takes ten a minute, and some of them are yours: five guesses are enough here to see the alert.
const alarms = alerts({ rules: { 'credential-stuffing': { threshold: 5 } } })
const board = dashboard({ title: 'Gatehouse demo', alerts: alarms })

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop())

try {
  const settings = readSettings(process.argv.slice(2), process.env)
  if (settings === 'help') console.log(USAGE)
  else await start(settings)
} catch (error) {
  if (!(error instanceof Mistake)) throw error
  console.error(`\n${error.message}\n`)
  process.exit(1)
}

async function start(settings: Settings): Promise<void> {
  const accounts = makeAccounts()
  const verify = await passwordCheck(accounts)
  const { observe, recent } = recorder()

  // The gate refuses a request without a Host itself, with the same problem as every other refusal.
  const options = { requestTimeout: 30_000 }
  const server = createServer(options)
  const tlsServer =
    settings.tlsPort === undefined ? undefined : createTlsServer({ ...options, ...(await makeCertificate()) })
  servers.push(server, ...(tlsServer === undefined ? [] : [tlsServer]))

  // The ports come first: the policy names the hosts that it answers for, and PORT may be 0.
  const tlsPort = tlsServer && (await listen(tlsServer, settings.tlsPort ?? 0, 'TLS_PORT'))
  const port = await listen(server, settings.port, 'PORT')

  const issuer = {
    issuer: `http://127.0.0.1:${port}`,
    audience: 'gatehouse-demo',
    key: { alg: 'HS256', key: randomBytes(32) },
    lifetime: '15m',
  } as const
  const sessions = session({
    keys: [{ id: 'demo', secret: randomBytes(32).toString('base64url') }],
    store: memoryStore(),
    idle: '15m',
    absolute: '15m',
    // A browser keeps nothing else of the demo.
    clearSiteData: [],
    dangerouslyAllowHttp: tlsPort === undefined,
  })
  const observers = [observe, board.observe, alarms.observe]
  gate = demoGate({ port, tlsPort, name: settings.name, issuer, sessions, observers })
  board.watch(gate)
  const issueToken = tokenEndpoint({ issuer: tokenIssuer(issuer), verify })
  const handler = gate.handler(api({ gate, issueToken, recentEvents: recent, sessions, board }))
  for (const each of servers) gate.attach(each).on('request', handler)

  console.log(banner(port, tlsPort, accounts))
}

async function stop(): Promise<never> {
  board.close()
  for (const server of servers) {
    server.close()
    server.closeAllConnections()
  }
  await gate?.close()
  await alarms.close()
  // A TLS handshake under way would hold the process for another two minutes.
  process.exit(0)
}
