import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'
import type { Block } from './blocks.ts'

const root = fileURLToPath(new URL('../../../../../', import.meta.url))

/** What the compiler has made of blocks. */
export interface Compiled {
  /** What is wrong with them: `docs/checks/cors.md:12: ...`. */
  readonly mistakes: readonly string[]
  /** The JavaScript of a block, its imports resolved. */
  script(block: Block): string
}

/**
 * Compiles all blocks as one program, with the settings of the house but those that a short example cannot keep. The
 * packages that they import are looked up in the workspaces, one after the other: a page stands in none of them.
 */
export function compileBlocks(blocks: readonly Block[]): Compiled {
  const options = optionsOfTheHouse()
  const files = new Map(blocks.map((block) => [nameOf(block), block]))
  const disk = ts.createCompilerHost(options)
  const host = { ...disk }
  const cache = ts.createModuleResolutionCache(root, (name) => name, options)
  host.fileExists = (name) => files.has(name) || disk.fileExists(name)
  host.readFile = (name) => files.get(name)?.module ?? disk.readFile(name)
  host.getSourceFile = (name, version, ...rest) => {
    const block = files.get(name)
    // The version has the format of the module with it, which the file system would tell.
    return block === undefined
      ? disk.getSourceFile(name, version, ...rest)
      : ts.createSourceFile(name, block.module, version)
  }
  host.resolveModuleNameLiterals = (literals, containing, redirected, _options, source) =>
    literals.map((literal) => {
      const mode = ts.getModeForUsageLocation(source, literal, options)
      const resolved = (from: string, name = literal.text): ts.ResolvedModuleWithFailedLookupLocations =>
        ts.resolveModuleName(name, from, options, host, cache, redirected, mode)
      if (!files.has(containing)) return resolved(containing)
      if (literal.text.startsWith('.')) {
        const { page } = files.get(containing) ?? {}
        const named = blocks.find(
          (block) => block.page === page && block.marks.includes(basename(literal.text)),
        )
        return named === undefined
          ? resolved(containing, ofTheReader(literal.text))
          : namedFile(nameOf(named))
      }
      const found = homes()
        .map((folder) => resolved(join(folder, 'block.mts')))
        .find(({ resolvedModule }) => resolvedModule !== undefined)
      return found ?? resolved(containing)
    })

  const program = ts.createProgram([...files.keys()], options, host)
  const mistakes = [...files].flatMap(([name, block]) => {
    const source = program.getSourceFile(name)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      (found) => told(block, found),
    )
  })
  return {
    mistakes,
    script: (block) => {
      const { outputText } = ts.transpileModule(block.module, {
        compilerOptions: { ...options, module: ts.ModuleKind.ESNext },
      })
      return outputText.replaceAll(
        /(from |^import )'([^']+)'/gm,
        (_all, keyword: string, name: string) => `${keyword}'${located(name)}'`,
      )
    },
  }
}

function optionsOfTheHouse(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8')) as {
    readonly config: { readonly compilerOptions: object }
  }
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      ...config.compilerOptions,
      lib: ['es2023'],
      // What an example makes, its reader uses.
      noUnusedLocals: false,
      noUnusedParameters: false,
      declaration: false,
      isolatedDeclarations: false,
      // `npm run types` looks at them.
      skipLibCheck: true,
    },
    root,
  )
  return options
}

/** The folders whose packages an example may import: the root first, then every workspace. */
function homes(): readonly string[] {
  const members = ['packages', 'examples', 'bench'].flatMap((folder) =>
    folder === 'bench'
      ? [join(root, folder)]
      : readdirSync(join(root, folder)).map((name) => join(root, folder, name)),
  )
  return [root, ...members.filter((folder) => existsSync(join(folder, 'package.json')))]
}

/** A block that another of its page imports by the name that stands at its fence. */
function namedFile(name: string): ts.ResolvedModuleWithFailedLookupLocations {
  return {
    resolvedModule: { resolvedFileName: name, extension: ts.Extension.Mts, isExternalLibraryImport: false },
  }
}

/** No file has this name: it says where the block stands, and that it is a module. */
function nameOf(block: Block): string {
  return join(root, `${block.page}.${block.line}.mts`)
}

/** A mistake, with the line of the document. */
function told(block: Block, { file, start, messageText }: ts.Diagnostic): string {
  const at = file === undefined ? 0 : ts.getLineAndCharacterOfPosition(file, start ?? 0).line
  // What stands around the block is above its fence in the document.
  const line = at < block.before ? block.line : block.line + 1 + at - block.before
  return `${block.page}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n  ')}`
}

/** A file of the reader's own, `./users.js`, of which there is one here. It is given as an absolute path. */
function ofTheReader(name: string): string {
  return fileURLToPath(new URL(`app/${basename(name).replace('.js', '.ts')}`, import.meta.url))
}

/** Where node finds what an example imports: our packages by their source, all others in the workspaces. */
function located(name: string): string {
  if (name.startsWith('node:')) return name
  if (name.startsWith('.')) return pathToFileURL(ofTheReader(name)).href
  const [, ours] = /^@gatehouse\/(.+)$/.exec(name) ?? []
  if (ours !== undefined) return pathToFileURL(join(root, `packages/${ours}/src/index.ts`)).href
  for (const folder of homes()) {
    try {
      return pathToFileURL(createRequire(join(folder, 'package.json')).resolve(name)).href
    } catch {
      // Another workspace has it.
    }
  }
  return name
}
