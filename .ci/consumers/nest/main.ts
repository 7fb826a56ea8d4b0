import assert from 'node:assert/strict'
import { Controller, Get, Injectable, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { basic, type BasicPrincipal, gatehouse, type Pass } from '@gatehouse/core'
import { Allow, CurrentPass, CurrentPrincipal, GatehouseModule } from '@gatehouse/adapter-nest'

@Injectable()
class Greeter {
  greet(caller: BasicPrincipal): string {
    return `hello ${caller.username}`
  }
}

@Controller()
class Hello {
  constructor(private readonly greeter: Greeter) {}

  @Allow({ scopes: ['hello'] })
  @Get('hello')
  hello(@CurrentPrincipal() caller: BasicPrincipal, @CurrentPass() pass: Pass<BasicPrincipal>): object {
    return { text: this.greeter.greet(caller), path: pass.path }
  }
}

// Fastify makes code of texts, as alone.js shows; on Express the adapter does without.
const mayMakeCode = !process.execArgv.includes('--disallow-code-generation-from-strings')

// The adapter and the core are one copy of the code: a gate made here is known there.
for (const adapter of [new ExpressAdapter(), ...(mayMakeCode ? [new FastifyAdapter()] : [])]) {
  const gate = gatehouse({
    dangerouslyAnyHost: true,
    https: 'dangerouslyAllowHttp',
    authenticate: basic({ verify: (user) => ({ subject: user, scopes: [user] }) }),
  })

  @Module({ imports: [GatehouseModule.forRoot(gate)], controllers: [Hello], providers: [Greeter] })
  class AppModule {
    readonly isOfAConsumer = true
  }

  const app = await NestFactory.create(AppModule, adapter, { logger: ['error'] })
  gate.attach(app.getHttpServer())
  await app.listen(0, '127.0.0.1')
  const url = await app.getUrl()
  const ask = async (path: string, user?: string): Promise<readonly [number, unknown]> => {
    const headers: Record<string, string> =
      user === undefined ? {} : { authorization: `Basic ${btoa(`${user}:x`)}` }
    const response = await fetch(url + path, { headers })
    const body = (await response.json()) as { readonly code?: string }
    return [response.status, body.code ?? body]
  }
  assert.deepEqual(await ask('/hello'), [401, 'authentication_required'])
  assert.deepEqual(await ask('/hello', 'bye'), [403, 'insufficient_scope'])
  assert.deepEqual(await ask('/hello', 'hello'), [200, { text: 'hello hello', path: '/hello' }])
  assert.deepEqual(await ask('/missing', 'hello'), [404, 'not_found'])
  await app.close()
}
