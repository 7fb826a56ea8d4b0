// npm run bench: the set-up, then the benches on the built core. Arguments go to them: npm run bench -- --quick
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, main, pass, root, setUp } from './setup.mjs'

const BENCH = 'bench/src/main.ts'

await main(async () => {
  await setUp()
  if (!existsSync(join(root, BENCH))) throw new Failure(`the benches are missing: ${BENCH}`)
  return pass(process.execPath, ['--import', './.ci/strip.mjs', BENCH, ...process.argv.slice(2)])
})
