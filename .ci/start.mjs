// npm start: the set-up, then the demo on the built core. Arguments go to the demo: npm start -- --tls
// npm start -- NAME: another example, and its arguments behind its name: npm start -- policy-engines --engine casl
import { once } from 'node:events'
import { createServer } from 'node:net'
import { commandOf } from './examples.mjs'
import { Failure, main, pass, setUp } from './setup.mjs'

await main(async () => {
  // Before the set-up: whoever asks for what is not there need not wait for it.
  const command = commandOf(process.argv.slice(2))
  await askForPort(process.argv[2])
  await setUp()
  return pass(process.execPath, command)
})

/** Whether an example can have its port: it would answer with a stack. The demo asks by itself. */
async function askForPort(name = 'node-http') {
  if (name === 'node-http' || name.startsWith('-')) return
  const said = process.env.PORT || (name === 'nginx-tls' ? '8080' : '3000')
  const server = createServer()
  try {
    await once(server.listen(Number(said), '127.0.0.1'), 'listening')
  } catch (error) {
    throw new Failure(
      error.code === 'EADDRINUSE'
        ? `Port ${said} is in use. Set PORT to another one: PORT=4000 npm start -- ${name}`
        : `PORT is ${JSON.stringify(said)}, which is no port to listen on (${error.code}). Write PORT=4000 npm start -- ${name}`,
    )
  } finally {
    server.close()
  }
}
