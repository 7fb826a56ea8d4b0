// npm start: the set-up, then the demo on the built core. Arguments go to the demo: npm start -- --tls
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, main, pass, root, setUp } from './setup.mjs'

const DEMO = 'examples/node-http/src/main.ts'

await main(async () => {
  await setUp()
  if (!existsSync(join(root, DEMO))) throw new Failure(`the demo is missing: ${DEMO}`)
  return pass(process.execPath, ['--import', 'tsx', DEMO, ...process.argv.slice(2)])
})
