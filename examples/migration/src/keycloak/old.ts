import { createServer, type Server } from 'node:http'
import express, { type Request } from 'express'
import Keycloak from 'keycloak-connect'

const config = {
  realm: 'staff',
  'auth-server-url': 'https://sso.example.com',
  'realm-public-key': process.env['REALM_KEY'], // without it, keys are fetched
  resource: 'orders',
  'bearer-only': true,
  'ssl-required': 'external',
  'confidential-port': 0,
}
const keycloak = new Keycloak({}, config)

const app = express()
app.set('trust proxy', 'loopback') // the load balancer that ends TLS
app.use(keycloak.middleware())

app.get('/health', (_req, res) => {
  res.json({ status: 'ok' })
})
app.get('/data', keycloak.protect('realm:reader'), (req, res) => {
  res.json({ data: 'Secure data', for: subjectOf(req) })
})

export const server: Server = createServer(app)

function subjectOf(req: Request): string {
  const { kauth } = req as { kauth?: { grant?: { access_token?: { content?: { sub?: string } } } } }
  return kauth?.grant?.access_token?.content?.sub ?? ''
}
