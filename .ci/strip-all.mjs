// Strips every TypeScript file of the workspace that was not stripped before: node .ci/strip-all.mjs [FILE]
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { folder, keptAs, root } from './strip-kept.mjs'
import { Failure, filesUnder, main, workspaces } from './setup.mjs'

// Neither can be blanked out: what node cannot run is compiled, with a source map.
const DECORATOR = /^\s*@[A-Z]\w*\(/m

/** Strips what is not yet; `more` are paths beside those of the workspace. */
export async function stripAll(more = []) {
  const inside = workspaces().flatMap((each) => filesUnder(each, (path) => path.endsWith('.ts')))
  const todo = new Map()
  for (const path of [...inside.map((each) => join(root, each)), ...more]) {
    const source = readFileSync(path, 'utf8')
    const kept = keptAs(source)
    if (!existsSync(kept)) todo.set(kept, { path, source })
  }
  if (todo.size === 0) return
  mkdirSync(folder, { recursive: true })
  const { default: blankSpace } = await import('ts-blank-space')
  for (const [kept, { path, source }] of todo) {
    let isBlankable = !DECORATOR.test(source)
    const text = isBlankable ? blankSpace(source, () => (isBlankable = false)) : ''
    const made = isBlankable ? text : await compiled(path, source)
    if (isBlankable && made.length !== source.length)
      throw new Failure(`${path}: what was stripped of types is not as long as it was`)
    // Another process may do the same at this moment.
    const draft = `${kept}.${process.pid}`
    writeFileSync(draft, made)
    renameSync(draft, kept)
  }
}

async function compiled(path, source) {
  const { transform } = await import('esbuild')
  const { code } = await transform(source, {
    loader: 'ts',
    sourcefile: path,
    sourcemap: 'inline',
    target: `node${process.versions.node}`,
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true, verbatimModuleSyntax: true } },
  })
  return code
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main(() => stripAll(process.argv.slice(2)))
}
