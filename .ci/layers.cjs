// The layers of the house, kept by dependency-cruiser. Run it through layers.mjs, which also counts what was seen.

// What each folder of packages/core/src may import beside itself. Types count as well.
const LOWER = {
  lib: [],
  contract: ['lib'],
  options: ['lib', 'contract', 'request'],
  request: ['lib', 'contract', 'options'],
  checks: ['lib', 'contract', 'options', 'request', 'identity', 'limiting'],
  identity: ['lib', 'contract', 'options', 'request', 'limiting'],
  limiting: ['lib', 'contract', 'options', 'request'],
  // Hears events; only the compiler in chain hands them to it.
  observe: ['lib', 'contract', 'options'],
  respond: ['lib', 'contract', 'options', 'request', 'checks', 'identity', 'limiting'],
  chain: ['lib', 'contract', 'options', 'request', 'checks', 'identity', 'limiting', 'observe', 'respond'],
  node: ['lib', 'contract', 'options', 'request', 'checks', 'identity', 'limiting', 'respond', 'chain'],
}

const SRC = 'packages/core/src'
const BUILTIN = ['core']

const layers = Object.entries(LOWER).map(([folder, lower]) => ({
  name: `core-${folder}`,
  comment: `${folder} may import ${['itself', ...lower].join(', ')} and node:*`,
  severity: 'error',
  from: { path: `^${SRC}/${folder}/` },
  to: {
    pathNot: `^${SRC}/(${[folder, ...lower].join('|')})/`,
    dependencyTypesNot: BUILTIN,
    couldNotResolve: false,
  },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layers,
    {
      name: 'core-index',
      comment: 'index.ts re-exports from the folders of the table above.',
      severity: 'error',
      from: { path: `^${SRC}/index\\.ts$` },
      to: { pathNot: `^${SRC}/(${Object.keys(LOWER).join('|')})/` },
    },
    {
      name: 'core-folders',
      comment: 'Every file of core lies in a folder that has a row in the table above, but for index.ts.',
      severity: 'error',
      from: { path: `^${SRC}/`, pathNot: `^${SRC}/(index\\.ts$|(${Object.keys(LOWER).join('|')})/)` },
      to: {},
    },
    {
      name: 'core-has-no-dependency',
      comment: 'Core imports its own files and node:*, and nothing else.',
      severity: 'error',
      from: { path: `^${SRC}/` },
      to: { pathNot: `^${SRC}/`, dependencyTypesNot: BUILTIN, couldNotResolve: false },
    },
    {
      name: 'core-loads-few-modules-of-node',
      comment:
        'What few gates need of Node, and what makes much of itself when it is imported, is had from lib/builtins.ts and lib/http.ts: import its types alone.',
      severity: 'error',
      from: { path: `^${SRC}/` },
      to: {
        path: '^(node:)?(cluster|dns|fs|fs/promises|http|https|perf_hooks|util|zlib)$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'core-index-is-the-top',
      comment: 'index.ts re-exports; nothing in core imports it.',
      severity: 'error',
      from: { path: `^${SRC}/` },
      to: { path: `^${SRC}/index\\.ts$` },
    },
    {
      name: 'core-through-its-exports',
      comment: 'Other packages see of core what it exports, under its name.',
      severity: 'error',
      from: { path: '^(packages/(?!core/)[^/]+|bench|examples/[^/]+)/' },
      to: { path: `^${SRC}/`, pathNot: `^${SRC}/index\\.ts$` },
    },
    {
      name: 'no-path-into-another-package',
      comment: 'Packages import each other by name. Tests may share helpers of the tests of another package.',
      severity: 'error',
      from: {
        path: '^(packages/[^/]+|bench|examples/[^/]+)/',
        pathNot: '^packages/core/test/(conformance|support)/',
      },
      to: {
        path: '^(packages|bench|examples)/',
        pathNot: ['^$1/', '^packages/[^/]+/test/'],
        dependencyTypes: ['local'],
      },
    },
    {
      name: 'core-tests-and-the-testkit',
      comment:
        'The testkit needs core, so that the tests of core take what is in the testkit by its path, and nothing else.',
      severity: 'error',
      from: { path: '^packages/core/test/(conformance|support)/' },
      to: {
        path: '^(packages|bench|examples)/',
        pathNot: ['^packages/core/', '^packages/testkit/src/'],
        dependencyTypes: ['local'],
      },
    },
    {
      name: 'no-test-in-src',
      comment: 'Nothing that is shipped imports a test or a helper of tests.',
      severity: 'error',
      from: { path: '^(packages|bench|examples)/.*/?src/' },
      to: { path: '/test/' },
    },
    {
      name: 'nobody-imports-bench',
      comment: 'The benches use the packages; nothing knows of the benches.',
      severity: 'error',
      from: { pathNot: '^bench/' },
      to: { path: '^bench/' },
    },
    {
      name: 'nobody-imports-an-example',
      comment: 'An example may import its own files, and only tests may import an example of another folder.',
      severity: 'error',
      from: { path: '^(packages/[^/]+/src|bench|examples/[^/]+)/' },
      to: { path: '^examples/', pathNot: '^$1/' },
    },
    {
      name: 'shipped-needs-a-real-dependency',
      comment:
        'What src of a package imports is a dependency or a peer of it, not a tool of its development.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm', 'npm-peer', 'type-only'],
      },
    },
    {
      name: 'no-cycle',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: ['^(packages/[^/]+|bench|examples/[^/]+)/(dist/|tsup\\.config\\.ts$)'] },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@gatehouse/source', 'types', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
}
