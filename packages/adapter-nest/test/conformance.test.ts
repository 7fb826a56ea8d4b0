import { Readable } from 'node:stream'
import type { ServerResponse } from 'node:http'
import {
  Body,
  Controller,
  Get,
  HttpCode,
  HttpException,
  Post,
  Res,
  StreamableFile,
  UnauthorizedException,
} from '@nestjs/common'
import type { JwtPrincipal } from '@gatehouse/core'
import { adapterConformance, type Mount } from '@gatehouse/testkit'
import { Allow, CurrentPrincipal, GatehouseModule } from '../src/index.ts'
import { listenerOf, makeApp, PLATFORMS } from './app.ts'

/** What a handler gets with `@Res()`: Fastify's reply holds the response of node:http. */
type Response = ServerResponse & { readonly raw?: ServerResponse; readonly hijack?: () => void }

function rawOf(response: Response): ServerResponse {
  response.hijack?.()
  return response.raw ?? response
}

/** The routes of the conformance cases, as handlers of Nest. */
@Controller()
class Cases {
  @Get(['open', 'limited', 'admin/x', 'forgotten'])
  ok(): object {
    return { ok: true }
  }

  @Get('secure')
  secure(@CurrentPrincipal() caller: JwtPrincipal): object {
    return { for: caller.subject }
  }

  @Allow({ scopes: ['data:read'] })
  @Get('route-rule')
  routeRule(): object {
    return { ok: true }
  }

  @Get('throws')
  throws(@Res() response: Response): never {
    // Of the one of node:http: of Fastify's reply it would go another way.
    ;(response.raw ?? response).setHeader('X-Leak', 'yes')
    throw new Error('secret detail')
  }

  @Get('throws-401')
  throws401(): never {
    throw new UnauthorizedException('secret detail')
  }

  @Get('rejects')
  async rejects(): Promise<never> {
    return Promise.reject(new Error('secret detail'))
  }

  @Get('teapot')
  teapot(): never {
    throw new HttpException('secret detail', 418)
  }

  @Get('write-head')
  writeHead(@Res() response: Response): void {
    const res = rawOf(response)
    res.writeHead(201, { 'X-Own': 'yes', Server: 'secret/1.0' })
    res.end('made')
  }

  @Get('empty')
  @HttpCode(204)
  empty(): void {}

  @Get('unchanged')
  @HttpCode(304)
  unchanged(): void {}

  @Get('stream')
  stream(): StreamableFile {
    return new StreamableFile(Readable.from([Buffer.from('a'), Buffer.from('b'), Buffer.from('c')]))
  }

  @Get('late')
  async late(): Promise<never> {
    return new Promise(() => undefined)
  }

  @Post('noted')
  @HttpCode(200)
  noted(@Body() content: unknown): object {
    return { content }
  }

  @Post('keyed')
  @HttpCode(200)
  keyed(): object {
    return { ok: true }
  }
}

for (const [name, adapter] of PLATFORMS) {
  const mount: Mount = async (gate) =>
    listenerOf(await makeApp(adapter(), { imports: [GatehouseModule.forRoot(gate)], controllers: [Cases] }))
  adapterConformance({ name, mount })
}
