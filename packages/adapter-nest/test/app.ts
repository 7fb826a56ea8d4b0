import type { RequestListener } from 'node:http'
import {
  type DynamicModule,
  type INestApplication,
  Module,
  type NestApplicationOptions,
} from '@nestjs/common'
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { basic, type BasicPrincipal, type Gate, gatehouse, type Policy } from '@gatehouse/core'
import { type Running, start } from '../../core/test/support/http.ts'
import { GatehouseModule } from '../src/index.ts'

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

/** A gate that knows whoever names himself: by a name that consists of his scopes. */
export function gateOf(policy: Partial<Policy<BasicPrincipal>> = {}): Gate<BasicPrincipal> {
  return gatehouse({
    dangerouslyAnyHost: true,
    https: 'dangerouslyAllowHttp',
    authenticate: basic({ verify: (user) => ({ subject: user, scopes: user.split('+') }) }),
    ...policy,
  })
}

/** The fields of a caller with these scopes. */
export function as(...scopes: readonly string[]): readonly string[] {
  return ['Authorization', `Basic ${Buffer.from(`${scopes.join('+')}:x`).toString('base64')}`]
}

/** Serves modules and controllers behind a gate, as Nest itself would. */
export async function serve(
  adapter: AbstractHttpAdapter,
  gate: Gate<BasicPrincipal>,
  { imports = [], ...parts }: Partial<DynamicModule>,
  prepare: (app: INestApplication) => void = () => undefined,
): Promise<Running & { readonly app: INestApplication }> {
  const app = await makeApp(adapter, { imports: [GatehouseModule.forRoot(gate), ...imports], ...parts })
  prepare(app)
  await listenerOf(app)
  return { ...(await start(gate.attach(app.getHttpServer()))), app }
}

/** Status of an answer and code of its problem. */
export function told({ status, body }: { readonly status: number; readonly body: string }): string {
  return `${status} ${/"code":"(\w+)"/.exec(body)?.[1] ?? body}`.trim()
}
