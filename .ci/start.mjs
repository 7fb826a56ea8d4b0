// npm start: the set-up, then the demo on the built core. Arguments go to the demo: npm start -- --tls
// npm start -- NAME: another example, and its arguments behind its name: npm start -- policy-engines --engine casl
import { commandOf } from './examples.mjs'
import { main, pass, setUp } from './setup.mjs'

await main(async () => {
  // Before the set-up: whoever asks for what is not there need not wait for it.
  const command = commandOf(process.argv.slice(2))
  await setUp()
  return pass(process.execPath, command)
})
