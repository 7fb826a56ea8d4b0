import type { ServerResponse } from 'node:http'
import {
  Body,
  Controller,
  Get,
  HttpCode,
  HttpException,
  Inject,
  type INestApplication,
  type NestApplicationOptions,
  Post,
  Res,
  StreamableFile,
  UnauthorizedException,
} from '@nestjs/common'
import type { AbstractHttpAdapter } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { JwtPrincipal, Pass } from '@gatehouse/core'
import { adapterConformance, type AppServer, type Mount, type Witness } from '@gatehouse/testkit'
import { tlsSettings } from '../../core/test/support/certificate.ts'
import { Allow, CurrentPass, CurrentPrincipal, GatehouseModule } from '../src/index.ts'
import { listenerOf, makeApp, PLATFORMS } from './app.ts'

/** What a handler gets with `@Res()`: Fastify's reply holds the response of node:http. */
type Response = ServerResponse & { readonly raw?: ServerResponse; readonly hijack?: () => void }

function rawOf(response: Response): ServerResponse {
  response.hijack?.()
  return response.raw ?? response
}

const WITNESS = Symbol('witness')

/** The routes of the conformance cases, as handlers of Nest. */
@Controller()
class Cases {
  @Inject(WITNESS) readonly witness!: Witness

  @Get(['open', 'limited', 'admin/x', 'forgotten', 'office', 'partner', 'shed'])
  ok(@CurrentPass() pass: Pass<JwtPrincipal>): object {
    this.witness.ran(pass)
    return { ok: true }
  }

  @Post(['open', 'needed', 'keyed'])
  @HttpCode(200)
  posted(@CurrentPass() pass: Pass<JwtPrincipal>): object {
    this.witness.ran(pass)
    return { ok: true }
  }

  @Get('secure')
  secure(@CurrentPass() pass: Pass<JwtPrincipal>, @CurrentPrincipal() caller: JwtPrincipal): object {
    this.witness.ran(pass)
    return { for: caller.subject }
  }

  @Allow({ scopes: ['data:read'] })
  @Get('route-rule')
  routeRule(@CurrentPass() pass: Pass<JwtPrincipal>): object {
    this.witness.ran(pass)
    return { ok: true }
  }

  @Get('throws')
  throws(@CurrentPass() pass: Pass<JwtPrincipal>, @Res() response: Response): never {
    this.witness.ran(pass)
    // Of the one of node:http: of Fastify's reply it would go another way.
    ;(response.raw ?? response).setHeader('X-Leak', 'yes')
    throw new Error('secret detail')
  }

  @Get('throws-401')
  throws401(@CurrentPass() pass: Pass<JwtPrincipal>): never {
    this.witness.ran(pass)
    throw new UnauthorizedException('secret detail')
  }

  @Get('rejects')
  async rejects(@CurrentPass() pass: Pass<JwtPrincipal>): Promise<never> {
    this.witness.ran(pass)
    return Promise.reject(new Error('secret detail'))
  }

  @Get('teapot')
  teapot(@CurrentPass() pass: Pass<JwtPrincipal>): never {
    this.witness.ran(pass)
    throw new HttpException('secret detail', 418)
  }

  @Get('write-head')
  writeHead(@CurrentPass() pass: Pass<JwtPrincipal>, @Res() response: Response): void {
    this.witness.ran(pass)
    const res = rawOf(response)
    res.writeHead(201, { 'X-Own': 'yes', Server: 'secret/1.0' })
    res.end('made')
  }

  @Get('empty')
  @HttpCode(204)
  empty(@CurrentPass() pass: Pass<JwtPrincipal>): void {
    this.witness.ran(pass)
  }

  @Get('unchanged')
  @HttpCode(304)
  unchanged(@CurrentPass() pass: Pass<JwtPrincipal>): void {
    this.witness.ran(pass)
  }

  @Get(['stream', 'stream/broken', 'stream/failed', 'stream/endless'])
  stream(@CurrentPass() pass: Pass<JwtPrincipal>): StreamableFile {
    this.witness.ran(pass)
    return new StreamableFile(this.witness.stream(pass))
  }

  @Get('late')
  async late(@CurrentPass() pass: Pass<JwtPrincipal>): Promise<never> {
    this.witness.ran(pass)
    return new Promise(() => undefined)
  }

  @Get('waiting')
  async waiting(@CurrentPass() pass: Pass<JwtPrincipal>): Promise<never> {
    this.witness.ran(pass)
    return this.witness.wait(pass)
  }

  @Post('noted')
  @HttpCode(200)
  noted(@CurrentPass() pass: Pass<JwtPrincipal>, @Body() content: unknown): object {
    this.witness.ran(pass)
    return { content }
  }
}

const tls = await tlsSettings()

/** The application behind a gate; `options` are those of Nest, which makes its server with them. */
async function appBehind(
  gate: Parameters<Mount>[0],
  witness: Witness,
  adapter: AbstractHttpAdapter,
  options: NestApplicationOptions = {},
): Promise<INestApplication> {
  const root = {
    imports: [GatehouseModule.forRoot(gate)],
    controllers: [Cases],
    providers: [{ provide: WITNESS, useValue: witness }],
  }
  return makeApp(adapter, root, options)
}

/** Nest's own server. */
async function serverOf(app: INestApplication): Promise<AppServer> {
  await listenerOf(app)
  return app.getHttpServer() as AppServer
}

for (const [name, adapter] of PLATFORMS) {
  adapterConformance({
    name,
    mount: async (gate, witness) => listenerOf(await appBehind(gate, witness, adapter())),
  })
}
adapterConformance({
  name: 'Nest on Express over https',
  mount: async (gate, witness) =>
    serverOf(await appBehind(gate, witness, new ExpressAdapter(), { httpsOptions: tls })),
  tls,
  malformed: false,
})
adapterConformance({
  name: 'Nest on Fastify over https',
  mount: async (gate, witness) =>
    serverOf(await appBehind(gate, witness, new FastifyAdapter({ https: tls }))),
  tls,
  malformed: false,
})
adapterConformance({
  name: 'Nest on Fastify over HTTP/2',
  mount: async (gate, witness) =>
    serverOf(await appBehind(gate, witness, new FastifyAdapter({ http2: true, https: tls }))),
  tls,
  http2: true,
})
