import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type CanActivate,
  type ExceptionFilter,
  IntrinsicException,
  Logger,
  StreamableFile,
} from '@nestjs/common'
import type { AbstractHttpAdapter } from '@nestjs/core'
import type { Gate, Pass } from '@gatehouse/core'
import { metOf, type NestRequest, type NestResponse, ROUTED, takeResponse } from './request.ts'
import type { Admit, RulesOf } from './rules.ts'

/** Runs the rules of a handler before all other guards. */
export function rulesGuard(rulesOf: RulesOf): CanActivate {
  return {
    canActivate(context) {
      const rules = rulesOf(context.getClass(), context.getHandler())
      const isHttp = context.getType() === 'http'
      const req = isHttp ? metOf(context.getArgByIndex(0)) : undefined
      if (req !== undefined) req[ROUTED] = true
      if (rules.length === 0) return true
      if (req === undefined) throw new TypeError('The rules of a handler need a request that met the gate.')
      return enforce(rules, req, context.getArgByIndex(1))
    },
  }
}

async function enforce(rules: readonly Admit[], req: IncomingMessage, response: NestResponse): Promise<true> {
  const res = response.raw ?? (response as ServerResponse)
  for (const admit of rules) {
    // oxlint-disable-next-line no-await-in-loop -- a rule is asked after those before it let the request through
    if ((await admit(req, res)) !== undefined) continue
    takeResponse(response)
    // The request is answered, and nothing may come after it. A guard that gave or threw something would have a filter
    // answer it once more.
    return new Promise(() => undefined)
  }
  return true
}

/** Answers with the gate's problems for whatever no other filter takes. */
export function problemFilter(gate: Gate, logger: Logger = new Logger('Gatehouse')): ExceptionFilter {
  const answer = (error: unknown, req: IncomingMessage, res: ServerResponse): void => {
    const status = statusOf(error)
    if (status === 404 && metOf(req)?.[ROUTED] !== true) return gate.notFound(req, res)
    // As Nest does: an error that nobody meant is told to whoever reads the log.
    if (!(error instanceof IntrinsicException) && !(status !== undefined && status < 500)) logger.error(error)
    gate.fail(req, res, error)
  }
  return {
    catch(error: unknown, host) {
      // Of messages, sockets and GraphQL: what is not answered here, Nest answers as it always does.
      if (host.getType() !== 'http') return
      const request: NestRequest = host.getArgByIndex(0)
      const met = metOf(request)
      const req = met ?? request.raw ?? (request as IncomingMessage)
      const res = takeResponse(host.getArgByIndex(1))
      if (met !== undefined) answer(error, req, res)
      else admitLate(gate, req, res, () => answer(error, req, res))
    },
  }
}

/** Over HTTP/2, a method that node:http does not know: Fastify has no hook for it, and the gate was not asked. */
function admitLate(gate: Gate, req: IncomingMessage, res: ServerResponse, answer: () => void): void {
  const go = (pass: Pass | undefined): void => (pass === undefined ? undefined : answer())
  const admitted = gate.admit(req, res)
  if (admitted instanceof Promise) admitted.then(go, (error: unknown) => gate.fail(req, res, error))
  else go(admitted)
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined
  const { status, statusCode } = error as { readonly status?: unknown; readonly statusCode?: unknown }
  const given = status ?? statusCode
  return typeof given === 'number' ? given : undefined
}

/** Nest on Express answers for a file that fails itself; on Fastify the error comes to the filters as every other. */
export function failFiles(gate: Gate, adapter: AbstractHttpAdapter): void {
  const reply = adapter.reply.bind(adapter)
  adapter.reply = (res: ServerResponse, body: unknown, status?: number): unknown => {
    if (body instanceof StreamableFile) body.setErrorHandler((error) => gate.fail(res.req, res, error))
    return reply(res, body, status)
  }
}
