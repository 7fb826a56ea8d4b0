import type http from 'node:http'
import { httpModule } from './builtins.ts'

/*
 * What every gate needs of `node:http`. An `import` of it would ask that module for all that it has a name for: its
 * `WebSocket`, say, for which Node 22 and later load and compile the whole of undici, for longer than all else that the core
 * needs of Node.
 */

/** The methods that the parser of Node knows. */
export const METHODS: readonly string[] = httpModule().METHODS

/** The reason phrases of statuses. */
export const STATUS_CODES: typeof http.STATUS_CODES = httpModule().STATUS_CODES

/** The class of responses. */
export const ServerResponse: typeof http.ServerResponse = httpModule().ServerResponse
export type ServerResponse = http.ServerResponse
