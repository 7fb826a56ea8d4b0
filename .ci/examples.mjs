// What `npm start` runs for each example: start.mjs runs it, and so do the smoke tests of the examples.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, root } from './setup.mjs'

/** What `npm start` without a name is. */
const DEMO = 'node-http'

/**
 * The arguments of node for the arguments of `npm start`: the name of an example and its own, or its own for the demo.
 *
 * Throws a Failure with all names for an example that is not there.
 */
export function commandOf(args) {
  const isNamed = args[0]?.startsWith('-') === false
  const [name, rest] = isNamed ? [args[0], args.slice(1)] : [DEMO, args]
  const names = examples()
  if (!names.includes(name)) {
    throw new Failure(
      `There is no example ${JSON.stringify(name)}. Write one of them:\n\n` +
        names.map((each) => `  npm start -- ${each}`).join('\n'),
    )
  }
  return ['--import', 'tsx', scriptOf(name), ...rest]
}

function scriptOf(name) {
  return `examples/${name}/src/main.ts`
}

function examples() {
  const folder = join(root, 'examples')
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  return names.filter((name) => existsSync(join(root, scriptOf(name))))
}
