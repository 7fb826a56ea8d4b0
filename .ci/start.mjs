// npm start: the set-up, then the demo on the built core. Arguments go to the demo: npm start -- --tls
// npm start -- NAME: another example, and its arguments behind its name: npm start -- policy-engines --engine casl
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, main, pass, root, setUp } from './setup.mjs'

const DEMO = 'node-http'

await main(async () => {
  const args = process.argv.slice(2)
  const isNamed = args[0]?.startsWith('-') === false
  const [name, rest] = isNamed ? [args[0], args.slice(1)] : [DEMO, args]
  const names = examples()
  // Before the set-up: whoever asks for what is not there need not wait for it.
  if (!names.includes(name)) {
    throw new Failure(
      `There is no example ${JSON.stringify(name)}. Write one of them:\n\n` +
        names.map((each) => `  npm start -- ${each}`).join('\n'),
    )
  }
  await setUp()
  return pass(process.execPath, ['--import', 'tsx', scriptOf(name), ...rest])
})

function scriptOf(name) {
  return `examples/${name}/src/main.ts`
}

function examples() {
  const folder = join(root, 'examples')
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  return names.filter((name) => existsSync(join(root, scriptOf(name))))
}
