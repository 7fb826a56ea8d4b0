import type { Cluster } from 'node:cluster'
import type dns from 'node:dns'
import type fs from 'node:fs'
import type files from 'node:fs/promises'
import type zlib from 'node:zlib'

/*
 * Modules of Node that few gates need. Whoever imports the core would load them with it, and wait a millisecond for each: so
 * they are loaded when they are first asked for. What most gates need is imported as ever.
 */

/** `node:cluster`. */
export function clusterModule(): Cluster {
  // The types tell what an import has, whose default this is.
  return process.getBuiltinModule('node:cluster') as unknown as Cluster
}

/** `node:dns`. */
export function dnsModule(): typeof dns {
  return process.getBuiltinModule('node:dns')
}

/** `node:fs`. */
export function fsModule(): typeof fs {
  return process.getBuiltinModule('node:fs')
}

/** `node:fs/promises`. */
export function filesModule(): typeof files {
  return process.getBuiltinModule('node:fs/promises')
}

/** `node:zlib`. */
export function zlibModule(): typeof zlib {
  return process.getBuiltinModule('node:zlib')
}
