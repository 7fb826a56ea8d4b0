import type { RequestListener } from 'node:http'
import {
  type DynamicModule,
  type INestApplication,
  type NestApplicationOptions,
  Module,
} from '@nestjs/common'
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'

/** The platforms that Nest has. */
export const PLATFORMS: readonly (readonly [name: string, make: () => AbstractHttpAdapter])[] = [
  ['Nest on Express', () => new ExpressAdapter()],
  ['Nest on Fastify', () => new FastifyAdapter()],
]

@Module({})
class Root {
  readonly isOfTests = true
}

/** Makes an application of modules and controllers, which does not end the process when it cannot start. */
export async function makeApp(
  adapter: AbstractHttpAdapter,
  { imports = [], controllers = [], providers = [] }: Partial<DynamicModule>,
  options: NestApplicationOptions = {},
): Promise<INestApplication> {
  const root: DynamicModule = { module: Root, imports, controllers, providers }
  return NestFactory.create(root, adapter, { logger: false, abortOnError: false, ...options })
}

/** What an application listens with, once it is ready. */
export async function listenerOf(app: INestApplication): Promise<RequestListener> {
  await app.init()
  const instance: unknown = app.getHttpAdapter().getInstance()
  if (typeof instance === 'function') return instance as RequestListener
  const fastify = instance as {
    readonly routing: RequestListener
    readonly ready: () => PromiseLike<unknown>
  }
  await fastify.ready()
  return fastify.routing
}
