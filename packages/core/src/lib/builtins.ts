import type { Cluster } from 'node:cluster'
import type dns from 'node:dns'
import type fs from 'node:fs'
import type files from 'node:fs/promises'
import type http from 'node:http'
import type https from 'node:https'
import type performance from 'node:perf_hooks'
import type util from 'node:util'
import type zlib from 'node:zlib'

/*
 * Modules of Node that few gates need. Whoever imports the core would load them with it, and wait a millisecond for each: so
 * they are loaded when they are first asked for. What most gates need is imported as ever, but for `node:util` and `node:http`,
 * which an `import` would ask for all that they have a name for: see `http.ts`.
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

/** `node:http`; what of it every gate needs is in `http.ts`. */
export function httpModule(): typeof http {
  return process.getBuiltinModule('node:http')
}

/** `node:https`, and with it TLS. */
export function httpsModule(): typeof https {
  return process.getBuiltinModule('node:https')
}

/** `node:perf_hooks`; its clock is a global, too. */
export function performanceModule(): typeof performance {
  return process.getBuiltinModule('node:perf_hooks')
}

/** `node:util`; an `import` would make its parser of arguments and its MIME types. */
export function utilModule(): typeof util {
  return process.getBuiltinModule('node:util')
}

/** `node:zlib`. */
export function zlibModule(): typeof zlib {
  return process.getBuiltinModule('node:zlib')
}
