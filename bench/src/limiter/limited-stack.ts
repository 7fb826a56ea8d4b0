import { StackProcess } from '../stack-process.ts'
import { type Limit, wordsOf } from './stacks/limit.ts'

/** Stacks that limit in Redis; each ratio is to the first. */
export const LIMITED = ['floor', 'gatehouse', 'rate-limiter-flexible', 'express', 'fastify'] as const
export type LimitedName = (typeof LIMITED)[number]

const FILES: Readonly<Record<LimitedName, URL>> = {
  floor: new URL('../stacks/floor.ts', import.meta.url),
  gatehouse: new URL('./stacks/gatehouse.ts', import.meta.url),
  'rate-limiter-flexible': new URL('./stacks/rate-limiter-flexible.ts', import.meta.url),
  express: new URL('./stacks/express.ts', import.meta.url),
  fastify: new URL('./stacks/fastify.ts', import.meta.url),
}

/** Starts a stack that counts up to a limit. */
export function startLimited(name: LimitedName, limit: Limit): StackProcess {
  return new StackProcess(name, FILES[name], { args: wordsOf(limit) })
}
