// The hooks of strip.mjs. They run in every process of a test and load nothing that they do not need.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { keptAs, root } from './strip-kept.mjs'

const STRIPPER = fileURLToPath(new URL('strip-all.mjs', import.meta.url))
const TYPESCRIPT = /^file:.*\.m?ts(\?|#|$)/

export function load(url, context, next) {
  const path = TYPESCRIPT.test(url) ? fileURLToPath(url) : ''
  return isOurs(path) ? { format: 'module', source: stripped(path), shortCircuit: true } : next(url, context)
}

// What the type of another package may say it is, is loaded as its own project would.
function isOurs(path) {
  return path.endsWith('.mts') || (path.startsWith(root + sep) && !path.includes(`${sep}node_modules${sep}`))
}

function stripped(path) {
  const kept = keptAs(readFileSync(path, 'utf8'))
  try {
    return readFileSync(kept, 'utf8')
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    // Without what a test has told this process, the measuring of coverage above all.
    execFileSync(process.execPath, [STRIPPER, path], { env: {}, stdio: ['ignore', 'ignore', 'pipe'] })
    return readFileSync(kept, 'utf8')
  }
}
