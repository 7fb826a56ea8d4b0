import type { Options } from 'tsup'
import { pureModules } from './pure.ts'

/**
 * What the build of every package has in common: ES modules for Node 20, one bundle, one declaration file.
 *
 * @param entry the source files of the package that its `exports` name
 */
export function library(entry: string[]): Options {
  return {
    entry,
    format: ['esm'],
    target: 'node20',
    platform: 'node',
    // There is a `node:test` and no `test`.
    removeNodeProtocol: false,
    outDir: 'dist',
    tsconfig: '../../tsconfig.json',
    // What is shipped is readable as it is; maps would be two thirds of it.
    sourcemap: false,
    clean: true,
    splitting: true,
    treeshake: false,
    esbuildPlugins: [pureModules],
    silent: true,
    dts: {
      compilerOptions: {
        // tsup sets baseUrl, which TypeScript 6 calls deprecated (TS5101).
        ignoreDeprecations: '6.0',
        lib: ['es2023'],
        // `npm run types` holds this line; a build needs no more than declarations.
        isolatedDeclarations: false,
        // Against the built declarations of the other packages, as a user sees them; not their sources.
        customConditions: [],
      },
    },
  }
}
