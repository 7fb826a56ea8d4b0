import { readFileSync } from 'node:fs'
import type { Plugin } from 'esbuild'
import ts from 'typescript'

/**
 * Says of each thing that a module computes when it is loaded, that a bundler may drop it where nothing uses it.
 *
 * The build makes one file of a package, so that it is loaded at once. `sideEffects: false` in its manifest lets a bundler drop
 * files, and there is only one: a table that is frozen, a set that is made, would stay, and all that they name with them. So each
 * is written as a function that is called at once and marked as pure, which bundlers understand. That it is pure nobody
 * proves: it is what the manifest claims of the whole module already.
 */
export const pureModules: Plugin = {
  name: 'pure-modules',
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => ({
      contents: withPureConstants(readFileSync(path, 'utf8')),
      loader: 'ts',
    }))
  },
}

/** The source with its computed constants marked; on the same lines as before. */
export function withPureConstants(text: string): string {
  const source = ts.createSourceFile('module.ts', text, ts.ScriptTarget.ES2023)
  let made = ''
  let from = 0
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement)) continue
    for (const { initializer } of statement.declarationList.declarations) {
      // Whoever waits when it is loaded is a program, and no part of one.
      if (initializer === undefined || waits(initializer) || !computes(initializer)) continue
      const start = initializer.getStart(source)
      made += `${text.slice(from, start)}/* @__PURE__ */ (() => (${text.slice(start, initializer.end)}))()`
      from = initializer.end
    }
  }
  return made + text.slice(from)
}

/** Whether a bundler cannot know that an expression does nothing but have a value. */
function computes(node: ts.Node): boolean {
  if (ts.isFunctionLike(node) || ts.isTypeNode(node)) return false
  return COMPUTING.has(node.kind) || (ts.forEachChild(node, computes) ?? false)
}

function waits(node: ts.Node): boolean {
  if (ts.isFunctionLike(node)) return false
  return ts.isAwaitExpression(node) || (ts.forEachChild(node, waits) ?? false)
}

const COMPUTING: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.CallExpression,
  ts.SyntaxKind.NewExpression,
  ts.SyntaxKind.PropertyAccessExpression,
  ts.SyntaxKind.ElementAccessExpression,
  ts.SyntaxKind.SpreadElement,
  ts.SyntaxKind.SpreadAssignment,
  ts.SyntaxKind.TemplateExpression,
  ts.SyntaxKind.TaggedTemplateExpression,
  ts.SyntaxKind.ComputedPropertyName,
  ts.SyntaxKind.BinaryExpression,
  // What the target does not know becomes `new RegExp()`.
  ts.SyntaxKind.RegularExpressionLiteral,
])
