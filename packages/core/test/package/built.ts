import { build, type Plugin } from 'esbuild'
import { pureModules } from '../../../../.ci/pure.ts'

/** What {@link bundled} made. */
export interface Bundle {
  readonly text: string
  readonly bytes: number
}

let core: Promise<string> | undefined

/** The one file that is published of the core, as the build makes it of the sources as they are now. */
export function builtCore(): Promise<string> {
  core ??= (async () => {
    const { outputFiles } = await build({
      entryPoints: [new URL('../../src/index.ts', import.meta.url).pathname],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      plugins: [pureModules],
    })
    return outputFiles[0]?.text ?? ''
  })()
  return core
}

/** Bundles what somebody wrote, with as much of the published core as it needs. */
export async function bundled(contents: string): Promise<Bundle> {
  const text = await builtCore()
  const published: Plugin = {
    name: 'published-core',
    setup(builder) {
      builder.onResolve({ filter: /^@gatehouse\/core$/ }, ({ path }) => ({
        path,
        namespace: 'published',
        // As the manifest says.
        sideEffects: false,
      }))
      builder.onLoad({ filter: /./, namespace: 'published' }, () => ({ contents: text }))
    },
  }
  const { outputFiles } = await build({
    stdin: { contents, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    minify: true,
    plugins: [published],
  })
  const made = outputFiles[0]?.text ?? ''
  return { text: made, bytes: Buffer.byteLength(made) }
}
