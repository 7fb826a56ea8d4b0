import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const CORE = new URL('../../../packages/core/', import.meta.url)
/** Where git does not look, and nobody keeps anything: made anew in each run. */
const MADE = new URL('../../node_modules/.gatehouse/variants/', import.meta.url)

/** The core as it is shipped. */
export function built(): URL {
  return new URL('dist/index.js', CORE)
}

/** The types that are shipped with it. */
export function builtTypes(): URL {
  return new URL('dist/index.d.ts', CORE)
}

/** What the core is compared to, to say what of it costs what. */
export type Variant = 'modules' | 'minified' | 'least'

/** The text of the module of each. */
const MAKE: Readonly<Record<Variant, () => Promise<string>>> = {
  /** Nothing but the modules of Node that it loads. */
  modules: modulesOfNode,
  /** All of it, as small as it can be written: nobody could read it. */
  minified: () => minified(`export * from './index.js'`),
  /** The gate and one scheme, and nothing that these do not use. */
  least: () => minified(`export { gatehouse, jwt } from './index.js'`),
}

const made = new Map<Variant, Promise<URL>>()

/** Where a variant is; it is made once. */
export function variant(name: Variant): Promise<URL> {
  const found = made.get(name) ?? make(name)
  made.set(name, found)
  return found
}

async function make(name: Variant): Promise<URL> {
  const text = await MAKE[name]()
  const url = new URL(`${name}.mjs`, MADE)
  await mkdir(MADE, { recursive: true })
  await writeFile(url, text)
  return url
}

async function modulesOfNode(): Promise<string> {
  const text = await readFile(built(), 'utf8')
  const imported = [...text.matchAll(/ from "(node:[\w/]+)";/g)].map(([, name]) => name)
  const imports = [...new Set(imported)].map((name) => `import ${JSON.stringify(name)}\n`)
  // As the core has it: an import would load more.
  return `${imports.join('')}process.getBuiltinModule('node:http')\n`
}

async function minified(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', built())) },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}
