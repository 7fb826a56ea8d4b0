/**
 * Runs the blocks of the documents, one after the other: the files of the folder that is the first argument. A server that
 * a block starts listens for a moment, on a free port of loopback. What failed of each, or nothing, is in
 * results.json of the folder then: a block may print what it likes.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { Server } from 'node:net'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { digestHash, generateApiKey, generateWebhookSecret, hashPassword } from '../../../src/index.ts'
import { makeCertificate } from '../certificate.ts'

const [, , given = ''] = process.argv
const folder = resolve(given)

// What the pages read from files and from the environment.
const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const { cert, key } = await makeCertificate()
const files: Readonly<Record<string, string>> = {
  'id.example.com.pem': pem.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  'token-key.pem': pem.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  'server-key.pem': key,
  'server.pem': cert,
  'clients-ca.pem': cert,
}
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
const secret = randomBytes(32).toString('base64url')
Object.assign(process.env, {
  ...Object.fromEntries(
    ['TOKEN_SECRET', 'SESSION_SECRET', 'DPOP_NONCE_SECRET', 'INTROSPECTION_SECRET', 'JWT_SECRET'].map(
      (name) => [name, secret],
    ),
  ),
  WEBHOOK_SECRET: generateWebhookSecret(),
  HOOK_SECRET: generateWebhookSecret(),
  SLACK_URL: 'https://hooks.example.com/services/1',
  KEY_HASH: generateApiKey('demo').hash,
  SCRAPER_HASH: generateApiKey('demo').hash,
  OPS_PASSWORD: await hashPassword('a long one'),
  PRINTER_HASH: digestHash('printer', 'devices@example.com', 'a long one'),
})
process.chdir(folder)

// Port 3000 may be taken: all that a block says about where to listen is left aside, and what it does then is not.
const listening = new Set<Server>()
const listen: unknown = Reflect.get(Server.prototype, 'listen')
Server.prototype.listen = function (this: Server, ...args: readonly unknown[]): Server {
  listening.add(this)
  const then = args.findLast((arg) => typeof arg === 'function') as (() => void) | undefined
  return Reflect.apply(listen as () => Server, this, [0, '127.0.0.1', then])
}
globalThis.fetch = () => Promise.reject(new Error('nothing is fetched here'))
console.log = () => undefined

let failure: Error | undefined
const results: { readonly name: string; readonly failure: string }[] = []
process.on('uncaughtException', (error) => {
  failure = error
})

for (const name of readdirSync(folder).filter((file) => file.endsWith('.mjs'))) {
  failure = undefined
  try {
    await import(pathToFileURL(join(folder, name)).href)
    await Promise.all([...listening].map(closed))
  } catch (error) {
    failure = error instanceof Error ? error : new Error('something was thrown that is no error')
  }
  listening.clear()
  results.push({ name, failure: failure === undefined ? '' : String(failure) })
}
writeFileSync(join(folder, 'results.json'), JSON.stringify(results))
process.exit()

/** Closes a server once it listens. */
async function closed(server: Server): Promise<void> {
  if (!server.listening) {
    await new Promise<void>((done, fail) => {
      server.once('listening', done).once('error', fail)
    })
  }
  await new Promise((done) => server.close(done))
}
