import { library } from '../../.ci/tsup.ts'

// The page is a file of its own: the handler serves it, and a browser runs it.
const shared = library(['src/index.ts'])
const { compilerOptions } = shared.dts as { compilerOptions: object }

export default {
  ...shared,
  // Whoever looks into the page in a browser sees what was written.
  sourcemap: true,
  entry: { index: 'src/index.ts', page: 'src/page/main.ts' },
  // What both have would else be a third file, which the handler does not serve.
  splitting: false,
  dts: { entry: 'src/index.ts', compilerOptions },
}
