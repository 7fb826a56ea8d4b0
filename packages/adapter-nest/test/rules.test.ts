import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { Controller, Get, Inject, Injectable, Module, Post, Scope, SetMetadata } from '@nestjs/common'
import { APP_GUARD, ExternalContextCreator, NestFactory, REQUEST } from '@nestjs/core'
import { RouterExecutionContext } from '@nestjs/core/router/router-execution-context.js'
import { ExpressAdapter } from '@nestjs/platform-express'
import { Test } from '@nestjs/testing'
import { ConfigError, type Pass } from '@gatehouse/core'
import { type Running, start } from '../../core/test/support/http.ts'
import { Allow, CurrentPass, GATEHOUSE, GatehouseModule } from '../src/index.ts'
import { as, gateOf, listenerOf, makeApp, PLATFORMS, serve, told } from './app.ts'

const open: Pick<Running, 'close'>[] = []
after(async () => {
  for (const each of open) await each.close()
})

/** A decorator that puts another function in the place of a method, as caches and retries do. */
function wrapped(): MethodDecorator {
  return (_target, _key, descriptor: PropertyDescriptor) => {
    const inner = descriptor.value as (...args: unknown[]) => unknown
    descriptor.value = function (this: unknown, ...args: unknown[]): unknown {
      return inner.apply(this, args)
    }
  }
}

@Allow({ scopes: ['a'] })
@Controller('both')
class Both {
  @Allow({ scopes: ['b'] })
  @Get('narrow')
  narrow(): string {
    return 'ok'
  }

  @Get('plain')
  plain(): string {
    return 'ok'
  }

  @Get('twice')
  @Allow({ scopes: ['c'] })
  @Allow({ scopes: ['b'] })
  twice(): string {
    return 'ok'
  }
}

@Allow({ scopes: ['a'] })
class Base {
  @Allow({ scopes: ['b'] })
  @Get('inherited')
  inherited(): string {
    return 'ok'
  }

  @Allow({ scopes: ['b'] })
  @Get('rewritten')
  rewritten(): string {
    return 'ok'
  }
}

@Controller('sub')
class Sub extends Base {
  @Get('rewritten')
  override rewritten(): string {
    return 'ok'
  }
}

@Allow({ scopes: ['d'] })
@Controller('other')
class Other extends Base {}

/** How often a handler ran. */
let counted = 0

@Controller('odd')
class Odd {
  @Get('wrapped')
  @wrapped()
  @Allow({ scopes: ['a'] })
  wrapped(): string {
    return 'ok'
  }

  @Get('named')
  named(@CurrentPass() pass: Pass): string {
    return pass.rule
  }

  @Allow({ scopes: ['a'] })
  @Get('counted')
  counted(): string {
    return String(++counted)
  }

  @Allow({ scopes: ['a'] })
  @Get('bound')
  bound(): string {
    return 'ok'
  }

  constructor() {
    this.bound = this.bound.bind(this)
  }
}

@Controller({ path: 'scoped', scope: Scope.REQUEST })
class Scoped {
  @Inject(REQUEST) readonly request!: object

  @Allow({ scopes: ['a'] })
  @Get()
  get(): string {
    return typeof this.request
  }
}

/** Takes the place of a class, and its prototype with it. */
// oxlint-disable-next-line typescript/no-explicit-any -- a class that another extends must take anything (TS2545)
function replaced<C extends new (...args: any[]) => object>(target: C): C {
  return class extends target {}
}

@replaced
@Allow({ scopes: ['a'] })
@Controller('replaced')
class Replaced {
  @Get()
  get(): string {
    return 'ok'
  }
}

@Module({ controllers: [Scoped, Replaced] })
class Feature {
  readonly isOfTests = true
}

const ROWS: readonly (readonly [what: string, path: string, scopes: readonly string[], answer: string])[] = [
  ['the rule of a class, alone', '/both/plain', ['a'], '200 ok'],
  ['a caller without the scope of the class', '/both/plain', ['b'], '403 insufficient_scope'],
  ['the rule of a method without that of its class', '/both/narrow', ['b'], '403 insufficient_scope'],
  ['the rule of a class without that of the method', '/both/narrow', ['a'], '403 insufficient_scope'],
  ['both', '/both/narrow', ['a', 'b'], '200 ok'],
  ['one of two on a method', '/both/twice', ['a', 'b'], '403 insufficient_scope'],
  ['the other of two on a method', '/both/twice', ['a', 'c'], '403 insufficient_scope'],
  ['two on a method', '/both/twice', ['a', 'b', 'c'], '200 ok'],
  ['inherited rules, of the class alone', '/sub/inherited', ['a'], '403 insufficient_scope'],
  ['inherited rules', '/sub/inherited', ['a', 'b'], '200 ok'],
  ['a method that is written anew, without its rule', '/sub/rewritten', ['a'], '403 insufficient_scope'],
  ['a method that is written anew', '/sub/rewritten', ['a', 'b'], '200 ok'],
  ['a class with a rule beside the inherited ones', '/other/inherited', ['a', 'b'], '403 insufficient_scope'],
  ['all of them', '/other/inherited', ['a', 'b', 'd'], '200 ok'],
  ['a method that a decorator has replaced', '/odd/wrapped', ['b'], '403 insufficient_scope'],
  ['and its caller with the scope', '/odd/wrapped', ['a'], '200 ok'],
  ['a method without a rule', '/odd/named', ['b'], '200 default'],
  ['a handler that its own constructor replaced: nobody', '/odd/bound', ['a'], '500 internal_error'],
  ['a controller of each request', '/scoped', ['b'], '403 insufficient_scope'],
  ['and its caller with the scope', '/scoped', ['a'], '200 object'],
  ['a class that a decorator has replaced', '/replaced', ['b'], '403 insufficient_scope'],
  ['and its caller with the scope', '/replaced', ['a'], '200 ok'],
  ['nobody at all', '/both/plain', [], '401 authentication_required'],
]

for (const [name, adapter] of PLATFORMS) {
  describe(`${name}: rules of handlers`, () => {
    const server = serve(adapter(), gateOf(), {
      controllers: [Both, Sub, Other, Odd],
      imports: [Feature],
      providers: [{ provide: APP_GUARD, useValue: { canActivate: () => true } }],
    }).then((running) => {
      open.push(running)
      return running
    })
    for (const [what, path, scopes, answer] of ROWS)
      test(`AZ-02: ${name}: ${what}`, async () => {
        const fields = scopes.length === 0 ? [] : as(...scopes)
        assert.equal(told(await (await server).send({ path, fields })), answer)
      })

    test(`AZ-02: ${name}: a handler does not run after a refusal`, async () => {
      const running = await server
      const before = counted
      assert.equal((await running.send({ path: '/odd/counted', fields: as('b') })).status, 403)
      // Whatever came after the refusal has had its turns by the end of another request.
      assert.equal(told(await running.send({ path: '/odd/counted', fields: as('a') })), `200 ${before + 1}`)
    })
  })
}

@Controller('wrong')
class Wrong {
  @Allow({ public: 'no' })
  @Get('opens')
  opens(): void {}

  @Allow({})
  @Get('asks')
  asks(): void {}

  @Allow({ content: 'json' })
  @Post('reads')
  reads(): void {}

  @Allow({ scopes: ['a'] })
  helper(): void {}

  @Allow({ scopes: ['a'] })
  @SetMetadata('microservices:pattern', ['told'])
  told(): void {}
}

@Controller()
class Hybrid {
  @Allow({ scopes: ['a'] })
  @Get('hybrid')
  asked(): string {
    return 'ok'
  }

  @SetMetadata('microservices:pattern', ['told'])
  told(): string {
    return 'told'
  }

  @SetMetadata('microservices:pattern', ['failing'])
  failing(): never {
    throw new Error('of the handler')
  }
}

@Injectable()
class Resolver {
  resolve(): string {
    return 'resolved'
  }
}

@Injectable()
class Plain {
  readonly isOfTests = true
}

@Injectable()
@Allow({ scopes: ['a'] })
class Service {
  readonly isOfTests = true
}

type Handler = (...args: unknown[]) => unknown

/** As tracing does it: another function, with all that stands on the first. */
function traced(handler: Handler): Handler {
  const span: Handler = function (this: unknown, ...args) {
    return handler.apply(this, args)
  }
  for (const key of Reflect.getMetadataKeys(handler) as readonly unknown[])
    Reflect.defineMetadata(key, Reflect.getMetadata(key, handler), span)
  return span
}

/** What is said when an application of these parts is made: each mistake as its path and what is wrong. */
async function mistakesOf(parts: Parameters<typeof makeApp>[1]): Promise<readonly string[]> {
  const imports = [GatehouseModule.forRoot(gateOf()), ...(parts.imports ?? [])]
  const made = makeApp(new ExpressAdapter(), { ...parts, imports })
  const error: unknown = await made.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof ConfigError, String(error))
  return error.mistakes.map(({ path, code }) => `${path} [${code}]`)
}

describe('ERR-03: an application with wrong rules does not start', () => {
  test('ERR-03: every mistake is told at once, with the handler that it is at', async () => {
    const mistakes = await mistakesOf({ controllers: [Wrong, Both], providers: [Service] })
    assert.deepEqual(mistakes, [
      '@Allow of Wrong.opens: rule.public [contradiction]',
      '@Allow of Wrong.asks: rule [missing_option]',
      '@Allow of Wrong.reads [contradiction]',
      '@Allow of Wrong.helper [contradiction]',
      '@Allow of Wrong.told [contradiction]',
      '@Allow of Service [contradiction]',
    ])
  })

  test('ERR-03: a rule of a class does not hold for handlers of messages in it', async () => {
    @Allow({ scopes: ['a'] })
    @Controller()
    class Mixed {
      @SetMetadata('microservices:pattern', ['told'])
      told(): void {}
    }
    assert.deepEqual(await mistakesOf({ controllers: [Mixed] }), ['@Allow of Mixed.told [contradiction]'])
  })

  test('ERR-03: a rule on what is no method of an object is refused where it stands', () => {
    const allow: unknown = Allow({ scopes: ['a'] })
    const misuses: readonly (readonly unknown[])[] = [
      [Both.prototype, 'property', undefined],
      [Both.prototype, 'parameter', 0],
      [Both, 'static', { value: () => undefined }],
      [Both.prototype, Symbol('odd'), { value: () => undefined }],
      [() => undefined, { kind: 'method', name: 'of ECMAScript' }],
    ]
    for (const args of misuses)
      assert.throws(
        () => Reflect.apply(allow as (...all: unknown[]) => void, undefined, args),
        /@Allow\(\) is for/,
      )
  })

  test('ERR-03: two gates are one too many, and the same module twice is not', async () => {
    const [first, second] = [gateOf(), gateOf()].map((gate) => GatehouseModule.forRoot(gate))
    assert.ok(first !== undefined && second !== undefined)
    await assert.rejects(makeApp(new ExpressAdapter(), { imports: [first, second] }), /imported twice/)
    await makeApp(new ExpressAdapter(), { imports: [first, { module: Feature, imports: [first] }] })
  })

  test('ERR-03: a gate of each request would be none', async () => {
    const late = GatehouseModule.forRootAsync({ inject: [REQUEST], useFactory: () => gateOf() })
    for (const [, adapter] of PLATFORMS) {
      const app = await makeApp(adapter(), { imports: [late] })
      await assert.rejects(app.init(), /not one of each request/)
    }
  })
})

describe('DEP-02: how an application comes to its gate', () => {
  for (const [name, adapter] of PLATFORMS) {
    test(`DEP-02: ${name}: a rule without the module lets nobody through`, async () => {
      const app = await makeApp(adapter(), { controllers: [Both] })
      await listenerOf(app)
      const server = await start(app.getHttpServer())
      open.push(server)
      assert.equal((await server.send({ path: '/both/plain' })).status, 500)
    })

    test(`DEP-02: ${name}: whoever wraps handlers and copies what stands on them keeps the rules`, async (t) => {
      const { prototype } = RouterExecutionContext
      const create = Reflect.get(prototype, 'create') as (...args: unknown[]) => unknown
      t.mock.method(
        prototype,
        'create',
        function (this: unknown, instance: unknown, handler: Handler, ...rest: unknown[]) {
          return create.call(this, instance, traced(handler), ...rest)
        },
      )
      const server = await serve(adapter(), gateOf(), { controllers: [Both] })
      open.push(server)
      assert.equal(
        told(await server.send({ path: '/both/narrow', fields: as('a') })),
        '403 insufficient_scope',
      )
      assert.equal(told(await server.send({ path: '/both/narrow', fields: as('a', 'b') })), '200 ok')
    })

    test(`DEP-02: ${name}: a gate that a factory makes is closed with the application`, async () => {
      const gate = gateOf()
      let closed = 0
      const close = gate.close.bind(gate)
      Object.defineProperty(gate, 'close', {
        value: async () => {
          closed++
          return close()
        },
      })
      const imports = [GatehouseModule.forRootAsync({ useFactory: async () => Promise.resolve(gate) })]
      const app = await makeApp(adapter(), { imports, controllers: [Both] })
      assert.equal(app.get(GATEHOUSE), gate)
      await listenerOf(app)
      const server = await start(app.getHttpServer())
      assert.equal(told(await server.send({ path: '/both/plain' })), '401 authentication_required')
      server.server.closeAllConnections()
      await app.close()
      assert.equal(closed, 1)
    })

    test(`DEP-02: ${name}: a module under test has its gate, too`, async () => {
      const imports = [GatehouseModule.forRoot(gateOf())]
      const compiled = await Test.createTestingModule({ imports, controllers: [Both] }).compile()
      const app = compiled.createNestApplication(adapter(), { logger: false })
      app.use((_req: unknown, res: { readonly end: (text: string) => void }) => res.end('before the gate'))
      await listenerOf(app)
      const server = await start(app.getHttpServer())
      open.push(server)
      assert.equal(told(await server.send({ path: '/both/plain' })), '401 authentication_required')
    })
  }

  test('DEP-02: what serves no HTTP has no gate, and works', async () => {
    const module = { module: Feature, imports: [GatehouseModule.forRoot(gateOf())], providers: [Plain] }
    const context = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false })
    assert.equal(context.get(Plain).isOfTests, true)
    await context.close()
  })

  test('DEP-02: messages and queries of GraphQL have the guards of the application, and no rule', async () => {
    const imports = [GatehouseModule.forRoot(gateOf())]
    const app = await makeApp(new ExpressAdapter(), { imports, controllers: [Hybrid], providers: [Resolver] })
    await app.init()
    // What @nestjs/graphql calls its resolvers with; messages inherit the same guards with `inheritAppConfig`.
    const contexts = app.get(ExternalContextCreator)
    const called = (of: object, name: string, type: string): Promise<unknown> => {
      const handler = Reflect.get(of, name) as Handler
      const none = undefined
      return contexts.create(of, handler, name, none, none, none, none, none, type)()
    }
    const hybrid = app.get(Hybrid)
    assert.equal(await called(hybrid, 'told', 'rpc'), 'told')
    assert.equal(await called(app.get(Resolver), 'resolve', 'graphql'), 'resolved')
    // No problem is written of what fails: there is no response.
    await assert.rejects(called(hybrid, 'failing', 'rpc'), /^Error: of the handler$/)
    await assert.rejects(called(hybrid, 'asked', 'rpc'), /a request that met the gate/)
    await app.close()
  })
})
