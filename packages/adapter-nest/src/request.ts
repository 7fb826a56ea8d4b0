import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Gate } from '@gatehouse/core'

/** The gate that was asked about a request. A property costs less than the entry of a WeakMap. */
export const GATE: unique symbol = Symbol.for('gatehouse.nest.gate')

/** Whether a handler took the request: a 404 of any other is that of the router. */
export const ROUTED: unique symbol = Symbol.for('gatehouse.nest.routed')

/** A request of node:http that met a gate. */
export type Met = IncomingMessage & {
  readonly originalUrl?: string
  [GATE]?: Gate
  [ROUTED]?: boolean
}

/** A request as Nest has it: on Express the one of node:http itself, on Fastify one that holds it. */
export interface NestRequest {
  readonly raw?: IncomingMessage
  headers?: unknown
}

/** A response as Nest has it. */
export interface NestResponse {
  readonly raw?: ServerResponse
  readonly hijack?: () => unknown
}

/** The request of node:http, where it met a gate. */
export function metOf(request: unknown): Met | undefined {
  if (typeof request !== 'object' || request === null) return undefined
  if (GATE in request) return request as Met
  const { raw } = request as { readonly raw?: unknown }
  return typeof raw === 'object' && raw !== null && GATE in raw ? (raw as Met) : undefined
}

/** The response of node:http, for the gate to write: Fastify must not write another. */
export function takeResponse(response: NestResponse): ServerResponse {
  response.hijack?.()
  return response.raw ?? (response as ServerResponse)
}
