/**
 * Gatehouse for NestJS 12 and 11, on Express and on Fastify: the whole policy in front of the application, and rules on its handlers.
 *
 * @module
 */
import 'reflect-metadata'
import {
  createParamDecorator,
  type DynamicModule,
  type ExecutionContext,
  type FactoryProvider,
  Inject,
  Module,
  type ModuleMetadata,
  type Provider,
} from '@nestjs/common'
import { type ApplicationConfig, HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core'
import type { Gate, Pass, Principal } from '@gatehouse/core'
import { putInFront } from './front.ts'
import { problemFilter, rulesGuard } from './handlers.ts'
import { GATE, metOf } from './request.ts'
import { compileRules } from './rules.ts'

export { Allow } from './allow.ts'

/** The token of the gate, for whoever wants it injected: `@Inject(GATEHOUSE) gate: Gate<JwtPrincipal>`. */
export const GATEHOUSE: unique symbol = Symbol('gatehouse')
const ENTRANCE = Symbol('gatehouse.entrance')

/** How a gate is made of what the application provides: its configuration, say. */
export interface GateFactory<P extends Principal>
  extends Pick<ModuleMetadata, 'imports'>, Pick<FactoryProvider<Gate<P>>, 'inject' | 'useFactory'> {}

/** The gate of each application. */
const gates = new WeakMap<HttpAdapterHost, Gate>()

/**
 * Puts the gate in front of the application: it runs the whole policy before Nest sees a request, so a handler that nobody
 * gave a rule is guarded, too. It also runs the rules of {@link Allow}, and answers what no filter of yours takes with the
 * gate's problems. Import it once, in the module of the application.
 *
 * @example
 * \@Module({ imports: [GatehouseModule.forRoot(gate)], controllers: [OrdersController] })
 * class AppModule {}
 */
export class GatehouseModule {
  private readonly host!: HttpAdapterHost

  /** With a gate that was made already. */
  static forRoot<P extends Principal>(gate: Gate<P>): DynamicModule {
    return moduleOf({ provide: GATEHOUSE, useValue: gate })
  }

  /** With a gate that is made of what the application provides; it is closed with the application. */
  static forRootAsync<P extends Principal>({ imports, ...factory }: GateFactory<P>): DynamicModule {
    return moduleOf({ provide: GATEHOUSE, ...factory }, imports)
  }

  /** Called by Nest: puts the gate in front, and refuses to start where there is none. */
  onModuleInit(): void {
    const gate = gates.get(this.host)
    // Nest leaves out what depends on a provider of each request, and says nothing.
    if (gate === undefined)
      throw new TypeError(
        'There is no gate: import GatehouseModule.forRoot(gate), and not one of each request.',
      )
    // A module under test had no adapter before, and what serves no HTTP never has one.
    if (this.host.httpAdapter) putInFront(gate, this.host.httpAdapter)
  }
}
Module({})(GatehouseModule)
Inject(HttpAdapterHost)(GatehouseModule.prototype, 'host')

function moduleOf(gate: Provider, imports: ModuleMetadata['imports'] = []): DynamicModule {
  const isOurs = 'useFactory' in gate
  const entrance: Provider = {
    provide: ENTRANCE,
    inject: [GATEHOUSE, ModuleRef, HttpAdapterHost, ModulesContainer],
    useFactory: (made: Gate, ref: ModuleRef, host: HttpAdapterHost, modules: ModulesContainer) => {
      enter(made, ref, host, modules)
      return { onApplicationShutdown: () => (isOurs ? made.close() : undefined) }
    },
  }
  return { module: GatehouseModule, global: true, imports, providers: [gate, entrance], exports: [GATEHOUSE] }
}

function enter(gate: Gate, ref: ModuleRef, host: HttpAdapterHost, modules: ModulesContainer): void {
  if (gates.has(host)) throw new TypeError('GatehouseModule is imported twice: an application has one gate.')
  gates.set(host, gate)
  // Of what a module provides as global filters, Nest asks that of the root first, and a filter for everything would keep
  // those of the application from being asked: this one must come before all of them in the list.
  const { container } = ref as unknown as {
    readonly container: { readonly applicationConfig: ApplicationConfig }
  }
  container.applicationConfig.useGlobalFilters(problemFilter(gate))
  container.applicationConfig.useGlobalGuards(rulesGuard(compileRules(gate, modules)))
  if (host.httpAdapter) putInFront(gate, host.httpAdapter)
}

/**
 * The pass of a request: who calls, from where, under which rule. Takes the request of Express and of Fastify.
 *
 * @throws TypeError when {@link GatehouseModule} is not imported
 */
export function passOf<P extends Principal>(gate: Gate<P>, request: object): Pass<P> {
  const req = metOf(request)
  if (req === undefined) throw new TypeError('The request met no gate: import GatehouseModule.')
  return gate.passOf(req)
}

function passIn(context: ExecutionContext): Pass {
  const request: unknown = context.getArgByIndex(0)
  const gate = context.getType() === 'http' ? metOf(request)?.[GATE] : undefined
  if (gate === undefined)
    throw new TypeError('Only a request of HTTP has a pass, where GatehouseModule is imported.')
  return passOf(gate, request as object)
}

/**
 * The pass of the request, as a parameter of a handler.
 *
 * @example
 * \@Get('/me')
 * me(@CurrentPass() pass: Pass<JwtPrincipal>) {
 *   return { for: pass.principal.subject, from: pass.client }
 * }
 */
export const CurrentPass: () => ParameterDecorator = createParamDecorator((_, context) => passIn(context))

/** Who calls, as a parameter of a handler. On a route that is open to everybody there is nobody: then it is a 500. */
export const CurrentPrincipal: () => ParameterDecorator = createParamDecorator(
  (_, context) => passIn(context).principal,
)
