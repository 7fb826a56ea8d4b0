import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { alerts, basic, gatehouse, hashPassword } from '@gatehouse/core'
import { DASHBOARD_HEADERS, dashboard } from '@gatehouse/dashboard'

// The page and all that it loads are in the tarball, or in the one package that it brings.
const alarms = alerts()
const board = dashboard({ title: 'Orders', alerts: alarms })
const gate = gatehouse({
  hosts: ['localhost'],
  https: 'dangerouslyAllowHttp',
  authenticate: basic({ users: { olga: { password: await hashPassword('a long one'), roles: ['ops'] } } }),
  routes: { '/gatehouse/*': { roles: ['ops'], headers: DASHBOARD_HEADERS } },
  observe: [board.observe, alarms.observe],
})
board.watch(gate)
const server = createServer(
  gate.handler((req, res, pass) => {
    if (pass.path.startsWith('/gatehouse/')) return board.handler(req, res, pass)
    res.end('ok')
  }),
)
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo

const ask = (name: string, more: Readonly<Record<string, string>>): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = { host: 'localhost', ...more }
    get({ port, host: '127.0.0.1', path: `/gatehouse/${name}`, headers, agent: false }, (res) => {
      let text = `${res.statusCode} `
      res
        .setEncoding('utf8')
        .on('data', (chunk: string) => (text += chunk))
        .once('end', () => resolve(text))
    }).once('error', reject)
  })

const olga = { authorization: `Basic ${Buffer.from('olga:a long one').toString('base64')}` }
const expected: readonly (readonly [
  name: string,
  fields: Readonly<Record<string, string>>,
  words: string,
])[] = [
  ['', {}, '401 '],
  ['', olga, '200 <!doctype html>'],
  ['app.js', olga, 'EventSource'],
  ['uplot.js', olga, 'uPlot'],
  ['style.css', olga, '.tiles'],
  ['state', olga, '"title":"Orders"'],
]
for (const [name, fields, words] of expected) {
  const answer = await ask(name, fields)
  if (!answer.includes(words)) throw new Error(`/gatehouse/${name} answered ${answer.slice(0, 200)}`)
}
server.close()
await gate.close()
await alarms.close()
