// npm run size: what the entries of the packages cost whoever bundles them, minified and compressed, held to size.json; and what the
// tarball of the core weighs. `npm run packaging` ends with it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { build } from 'esbuild'
import { Failure, main, packages, root, setUp } from './setup.mjs'

const { entries, packed } = JSON.parse(readFileSync(join(root, '.ci', 'size.json'), 'utf8'))

/** Throws when an entry is larger than was agreed, or has no row. */
export async function holdSizes() {
  const named = new Set(entries.map((entry) => entry.package))
  const unnamed = packages().filter((folder) => !named.has(folder.replace('packages/', '')))
  if (unnamed.length > 0) throw new Failure(`size.json has no entry of ${unnamed.join(', ')}`)
  const silent = [...entries, ...packed].filter(({ why }) => typeof why !== 'string' || why.length < 40)
  if (silent.length > 0)
    throw new Failure(
      `size.json does not say why of ${silent.map((row) => `${row.package} ${row.import ?? ''}`).join(', ')}`,
    )
  const mistakes = []
  for (const entry of entries) {
    const bytes = await sizeOf(entry)
    const limit = entry.limit * 1_000
    const name = `${entry.package} ${entry.import}`
    process.stdout.write(`size: ${name.padEnd(48)}${kilo(bytes)} of ${kilo(limit)} kB\n`)
    if (bytes > limit)
      mistakes.push(`${name}: ${kilo(bytes)} kB, and ${kilo(limit)} were agreed: ${entry.why}`)
    // A limit that nothing comes near holds nothing.
    else if (bytes < limit / 2) mistakes.push(`${name}: ${kilo(bytes)} kB; lower its limit in size.json`)
  }
  if (mistakes.length > 0) throw new Failure(`size:\n  ${mistakes.join('\n  ')}`)
}

/** Throws when a tarball weighs more than was agreed. */
export function holdPacked(name, bytes) {
  const row = packed.find((each) => each.package === name)
  if (row === undefined || bytes <= row.limit * 1_000) return
  throw new Failure(
    `size: ${name} packed: ${kilo(bytes)} kB, and ${kilo(row.limit * 1_000)} were agreed: ${row.why}`,
  )
}

/** An entry as an application would have it: what is installed beside it is not counted. */
async function sizeOf(entry) {
  const folder = join(root, 'packages', entry.package)
  const { outputFiles } = await build({
    stdin: { contents: `export ${entry.import} from './dist/index.js'`, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  })
  return brotliCompressSync(outputFiles[0].contents).length
}

function kilo(bytes) {
  return (bytes / 1_000).toFixed(1).padStart(6)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    await setUp()
    await holdSizes()
  })
}
