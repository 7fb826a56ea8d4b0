import { BenchProcess } from '../bench-process.ts'
import type { SideAsked, SideTold } from './sides/serve-side.ts'

/** Limiters in memory; the first decides nothing. */
export const SIDES = [
  'nobody',
  'gatehouse gcra',
  'gatehouse sliding-window',
  'gatehouse fixed-window',
  'rate-limiter-flexible',
  'express-rate-limit',
  '@fastify/rate-limit',
] as const
export type SideName = (typeof SIDES)[number]

const GATEHOUSE = new URL('./sides/gatehouse.ts', import.meta.url)

const FILES: Readonly<Record<SideName, readonly [file: URL, ...args: string[]]>> = {
  nobody: [new URL('./sides/nobody.ts', import.meta.url)],
  'gatehouse gcra': [GATEHOUSE, 'gcra'],
  'gatehouse sliding-window': [GATEHOUSE, 'sliding-window'],
  'gatehouse fixed-window': [GATEHOUSE, 'fixed-window'],
  'rate-limiter-flexible': [new URL('./sides/rate-limiter-flexible.ts', import.meta.url)],
  'express-rate-limit': [new URL('./sides/express-rate-limit.ts', import.meta.url)],
  '@fastify/rate-limit': [new URL('./sides/fastify-rate-limit.ts', import.meta.url)],
}

/** A million keys on a busy machine take their time. */
const REPLY_MS = 120_000

/** A limiter in memory, in a process of its own that can be told to collect its garbage. */
export class SideProcess {
  readonly name: SideName
  readonly #process: BenchProcess<SideAsked, SideTold>

  constructor(name: SideName, node?: string) {
    const [file, ...args] = FILES[name]
    this.name = name
    this.#process = new BenchProcess(name, file, {
      args,
      execArgv: ['--expose-gc'],
      ...(node !== undefined && { node }),
      replyMs: REPLY_MS,
    })
  }

  /** Waits until it can be asked. */
  async ready(): Promise<void> {
    await this.#process.reply()
  }

  /** @throws Error when it could not do what it was asked */
  async ask<T extends SideTold['type']>(asked: SideAsked, type: T): Promise<SideTold & { readonly type: T }> {
    const told = await this.#process.ask(asked)
    if (told.type === 'failed') throw new Error(`${this.name}: ${told.message}`)
    if (told.type !== type) throw new Error(`${this.name} told ${told.type} instead of ${type}`)
    return told as SideTold & { readonly type: T }
  }

  end(): Promise<void> {
    return this.#process.end()
  }
}
