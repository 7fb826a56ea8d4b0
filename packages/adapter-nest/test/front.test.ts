import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { after, describe, test } from 'node:test'
import {
  BadRequestException,
  Body,
  Catch,
  Controller,
  Delete,
  type ExceptionFilter,
  ForbiddenException,
  Get,
  type MiddlewareConsumer,
  Module,
  type NestInterceptor,
  type NestModule,
  NotFoundException,
  Param,
  ParseIntPipe,
  Post,
  Req,
  Sse,
  StreamableFile,
  UseFilters,
  UseGuards,
  UseInterceptors,
  VersioningType,
} from '@nestjs/common'
import { type AbstractHttpAdapter, APP_FILTER } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { type Observable, of, throwError } from 'rxjs'
import type { BasicPrincipal, Pass } from '@gatehouse/core'
import type { Running } from '../../core/test/support/http.ts'
import { Allow, CurrentPass, CurrentPrincipal, GatehouseModule, passOf } from '../src/index.ts'
import { as, gateOf, makeApp, PLATFORMS, serve, told } from './app.ts'

const open: Pick<Running, 'close'>[] = []
after(async () => {
  for (const each of open) await each.close()
})

type Served = Awaited<ReturnType<typeof serve>>

async function opened(...args: Parameters<typeof serve>): Promise<Served> {
  const running = await serve(...args)
  open.push(running)
  return running
}

class Unmeant extends Error {}
class OfTheDomain extends Error {}

@Catch(OfTheDomain)
class DomainFilter implements ExceptionFilter {
  catch(_error: unknown, host: Parameters<ExceptionFilter['catch']>[1]): void {
    const response = host.getArgByIndex<{ readonly raw?: ServerResponse; readonly hijack?: () => void }>(1)
    response.hijack?.()
    const res = response.raw ?? (response as ServerResponse)
    res.statusCode = 409
    res.end('of the domain')
  }
}

const failing: NestInterceptor = { intercept: () => throwError(() => new Unmeant('secret detail')) }
const forbidding = { canActivate: () => false }
const throwing = {
  canActivate: () => {
    throw new ForbiddenException('secret detail')
  },
}

@Controller('errors')
class Errors {
  @Get('guard')
  @UseGuards(forbidding)
  guard(): void {}

  @Get('guard-throws')
  @UseGuards(throwing)
  guardThrows(): void {}

  @Get('interceptor')
  @UseInterceptors(failing)
  interceptor(): void {}

  @Get('pipe/:id')
  pipe(@Param('id', ParseIntPipe) id: number): string {
    return String(id)
  }

  @Get('missing')
  missing(): void {
    throw new NotFoundException('secret detail')
  }

  @Get('validation')
  validation(): void {
    throw new BadRequestException(['secret detail'], 'secret detail')
  }

  @Get('nothing')
  nothing(): void {
    // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- what a handler may do
    throw undefined
  }

  @Get('domain')
  domain(): void {
    throw new OfTheDomain('secret detail')
  }

  @Get('own-filter')
  @UseFilters(DomainFilter)
  ownFilter(): void {
    throw new OfTheDomain('secret detail')
  }

  @Get('no-caller')
  noCaller(@CurrentPrincipal() caller: BasicPrincipal): string {
    return caller.subject
  }

  @Get('file')
  file(): StreamableFile {
    return new StreamableFile(failingStream())
  }

  @Get('half-a-file')
  halfAFile(): StreamableFile {
    return new StreamableFile(failingStream('half'))
  }

  @Post('parsed')
  parsed(@Body() body: unknown): unknown {
    return body
  }
}

function failingStream(...first: readonly string[]): Readable {
  const chunks = [...first]
  return new Readable({
    read() {
      const chunk = chunks.shift()
      if (chunk === undefined) setImmediate(() => this.destroy(new Error('secret detail')))
      else this.push(chunk)
    },
  })
}

const ERRORS: readonly (readonly [what: string, path: string, answer: string])[] = [
  ['a guard that says no', '/errors/guard', '403 rejected'],
  ['a guard that throws', '/errors/guard-throws', '403 rejected'],
  ['an interceptor that fails', '/errors/interceptor', '500 internal_error'],
  ['a pipe that refuses', '/errors/pipe/x', '400 rejected'],
  ['a handler that finds nothing', '/errors/missing', '404 rejected'],
  ['what does not hold', '/errors/validation', '400 rejected'],
  ['a handler that throws nothing', '/errors/nothing', '500 internal_error'],
  ['an error that a filter of the application takes', '/errors/domain', '409 of the domain'],
  ['an error that a filter of the handler takes', '/errors/own-filter', '409 of the domain'],
  ['a handler that wants a caller, where there is none', '/errors/no-caller', '500 internal_error'],
  ['a file that cannot be read', '/errors/file', '500 internal_error'],
  ['no route', '/errors', '404 not_found'],
  ['a path that cannot be decoded', '/errors/%zz', '400 invalid_path'],
  ['a path that is no UTF-8', '/errors/%ff', '400 invalid_path'],
]

for (const [name, adapter] of PLATFORMS) {
  describe(`${name}: errors`, () => {
    const server = opened(
      adapter(),
      gateOf({ routes: { '/errors/*': { public: 'a test' }, '/errors': { public: 'a test' } } }),
      {
        controllers: [Errors],
        providers: [{ provide: APP_FILTER, useClass: DomainFilter }],
      },
    )
    for (const [what, path, answer] of ERRORS)
      test(`ERR-04: ${name}: ${what}`, async () => {
        const received = await (await server).send({ path })
        assert.equal(told(received), answer)
        assert.doesNotMatch(received.body, /secret|detail|node_modules/)
        assert.equal(received.headers['x-content-type-options'], 'nosniff')
        assert.equal(received.headers['x-powered-by'], undefined)
      })

    test(`ERR-04: ${name}: content that the parser refuses`, async () => {
      const fields = ['Content-Type', 'application/json']
      const received = await (
        await server
      ).send({ method: 'POST', path: '/errors/parsed', fields, body: '{"secret' })
      assert.equal(told(received), '400 rejected')
    })

    test(`ERR-04: ${name}: half a file is cut off, and not ended`, async () => {
      const text = await (await server).raw('GET /errors/half-a-file HTTP/1.1\r\nHost: a\r\n\r\n')
      assert.match(text, /half/)
      assert.doesNotMatch(text, /\r\n0\r\n\r\n$/)
      assert.doesNotMatch(text, /secret/)
    })

    test(`REQ-09: ${name}: what is no HTTP is answered by the gate alone`, async () => {
      const text = await (await server).raw('GET /errors HTTP/1.1\r\nHost: a\r\nBad\r\n\r\n')
      assert.equal(text.split('HTTP/1.1 ').length, 2, text)
      assert.match(text, /"code":"bad_request"/)
    })
  })
}

@Module({})
class WithMiddleware implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply((_req: unknown, res: { readonly end: (text: string) => void }) => res.end('of middleware'))
      .forRoutes('middleware')
  }
}

describe('DEP-02: nothing of Nest is in front of the gate', () => {
  for (const [name, adapter] of PLATFORMS) {
    test(`DEP-02: ${name}: middleware, other routes, and hooks that others set`, async () => {
      const made = adapter()
      let hooked = 0
      const hook = (_req: unknown, _res: unknown, next: () => void): void => {
        hooked++
        next()
      }
      made.setOnRequestHook(hook)
      const server = await opened(made, gateOf(), { imports: [WithMiddleware] }, (app) => {
        app.use('/used', (_req: unknown, res: { readonly end: (text: string) => void }) => res.end('used'))
        const send = (_req: unknown, response: { readonly send: (text: string) => void }): void =>
          response.send('raw')
        app.getHttpAdapter().get('/raw', send)
        app.enableCors()
      })
      const paths = ['/middleware', '/used', '/raw', '/nowhere']
      for (const path of paths) assert.equal((await server.send({ path })).status, 401, path)
      assert.equal(hooked, 0)
      const fields = as('a')
      assert.deepEqual(
        await Promise.all(paths.map(async (path) => told(await server.send({ path, fields })))),
        ['200 of middleware', '200 used', '200 raw', '404 not_found'],
      )
      assert.equal(hooked, 4)
      made.setOnRequestHook((_req: unknown, response: ServerResponse & { readonly raw?: ServerResponse }) => {
        ;(response.raw ?? response).end('the hook of another')
      })
      assert.equal((await server.send({ path: '/raw' })).status, 401)
      assert.equal((await server.send({ path: '/raw', fields })).body, 'the hook of another')
    })
  }

  test('DEP-02: the second server of Fastify on localhost has the gate, and so have injected requests', async () => {
    const app = await makeApp(new FastifyAdapter(), {
      imports: [GatehouseModule.forRoot(gateOf())],
      controllers: [Errors],
    })
    await app.listen(0, 'localhost')
    open.push({ close: async () => app.close() })
    const fastify = app.getHttpAdapter().getInstance() as {
      readonly addresses: () => readonly { readonly address: string; readonly port: number }[]
      readonly inject: (path: string) => Promise<{ readonly statusCode: number }>
    }
    for (const { address, port } of fastify.addresses()) {
      const host = address.includes(':') ? `[${address}]` : address
      const response = await fetch(`http://${host}:${port}/errors/domain`)
      assert.equal(response.status, 401, address)
      const unroutable = await answerOf(
        port,
        address,
        'GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      )
      assert.match(unroutable, /"code":"invalid_path"/, address)
    }
    assert.equal((await fastify.inject('/errors/domain')).statusCode, 401)
  })

  test('DEP-02: Fastify over HTTP/2 is served alike', async () => {
    const adapter = new FastifyAdapter({ http2: true } as object)
    const app = await makeApp(adapter, { imports: [GatehouseModule.forRoot(gate)], controllers: [Handlers] })
    await app.listen(0, '127.0.0.1')
    open.push({ close: async () => app.close() })
    const client = connectHttp2((await app.getUrl()).replace('https:', 'http:'))
    const ask = async (path: string, ...scopes: readonly string[]): Promise<string> => {
      const fields = scopes.length === 0 ? {} : { authorization: as(...scopes)[1] ?? '' }
      const stream = client.request({ ':path': path, ...fields })
      let [status, body] = [0, '']
      stream.once('response', (received) => (status = received[':status'] ?? 0))
      stream.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      await once(stream, 'end')
      return told({ status, body })
    }
    try {
      assert.equal(await ask('/typed'), '401 authentication_required')
      assert.equal(await ask('/typed', 'a'), '403 insufficient_scope')
      assert.equal(await ask('/typed', 'read'), '200 [true,"read"]')
      assert.equal(await ask('/nowhere', 'read'), '404 not_found')
    } finally {
      client.destroy()
    }
  })

  test('DEP-02: an adapter that nobody knows is refused', async () => {
    const odd = Object.assign(new FastifyAdapter(), { getType: () => 'odd' }) as AbstractHttpAdapter
    await assert.rejects(makeApp(odd, { imports: [GatehouseModule.forRoot(gateOf())] }), /odd/)
    const old = Object.assign(new FastifyAdapter(), {
      setOnRequestHook: undefined,
    }) as unknown as AbstractHttpAdapter
    await assert.rejects(makeApp(old, { imports: [GatehouseModule.forRoot(gateOf())] }), /11\.1\.6/)
  })
})

async function answerOf(port: number, host: string, bytes: string): Promise<string> {
  const socket = connect(port, host)
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
  socket.write(bytes)
  await once(socket, 'close')
  return text
}

const gate = gateOf({
  request: { methodOverride: ['DELETE'] },
  routes: {
    'POST /notes': { scopes: ['write'] },
    'DELETE /notes': { scopes: ['delete'] },
    'POST /v1/api/read': { public: 'a test', content: ['json', 'form'] },
    'POST /pay': { public: 'a test', idempotency: true },
    'GET /v2/api/versioned': { public: 'a test' },
  },
})
let paid = 0

@Controller()
class Handlers {
  @Post('notes')
  make(): string {
    return 'made'
  }

  @Delete('notes')
  remove(@CurrentPass() { method, rule }: Pass): string {
    return `${method} ${rule}`
  }

  @Post('pay')
  pay(@Body() body: unknown): object {
    return { paid: ++paid, body }
  }

  @Allow({ scopes: ['read'] })
  @Get('typed')
  typed(@Req() request: object, @CurrentPrincipal() caller: BasicPrincipal): object {
    const pass: Pass<BasicPrincipal> = passOf(gate, request)
    return [pass.principal === caller, caller.username]
  }

  @Allow({ scopes: ['read'] })
  @Sse('events')
  events(): Observable<object> {
    return of({ data: 'one' }, { data: 'two' })
  }

  @Get('file')
  file(): StreamableFile {
    return new StreamableFile(Buffer.from('all of it'), { type: 'text/plain' })
  }
}

@Controller({ path: 'api', version: '1' })
class First {
  @Post('read')
  read(
    @Body() body: unknown,
    @Req() request: { readonly headers: Readonly<Record<string, string>> },
  ): object {
    return { body, type: request.headers['content-type'], length: request.headers['content-length'] }
  }
}

@Controller({ path: 'api', version: '2' })
class Second {
  @Get('versioned')
  versioned(): string {
    return 'second'
  }
}

for (const [name, adapter] of PLATFORMS) {
  describe(`${name}: what handlers get`, () => {
    const server = opened(adapter(), gate, { controllers: [Handlers, First, Second] }, (app) => {
      app.enableVersioning({ type: VersioningType.URI })
    })

    test(`REQ-07: ${name}: the handler is that of the method that the rules saw`, async () => {
      const send = async (method: string, ...scopes: readonly string[]): Promise<string> => {
        const fields = [...as(...scopes), ...(method === 'POST' ? [] : ['X-HTTP-Method-Override', method])]
        return told(await (await server).send({ method: 'POST', path: '/notes', fields, body: '' }))
      }
      assert.equal(await send('POST', 'write'), '201 made')
      assert.equal(await send('DELETE', 'write'), '403 insufficient_scope')
      assert.equal(await send('DELETE', 'delete'), '200 DELETE DELETE /notes')
      assert.equal(await send('POST', 'delete'), '403 insufficient_scope')
    })

    test(`REQ-11: ${name}: content that the gate has read is the body, and no parser reads it`, async () => {
      const send = async (type: string, body: string): Promise<string> => {
        const fields = ['Content-Type', type]
        return (await (await server).send({ method: 'POST', path: '/v1/api/read', fields, body })).body
      }
      const json = await send('application/json', '{"a":1}')
      assert.equal(json, '{"body":{"a":1},"type":"application/json","length":"7"}')
      const form = await send('application/x-www-form-urlencoded', 'a[b]=1')
      assert.match(form, /^\{"body":\{"a\[b\]":"1"\}/)
      assert.match(await send('application/json', '{"a":1,"__proto__":{}}'), /"code":"malformed_content"/)
    })

    test(`IDM-01: ${name}: a parsed body is carried out once`, async () => {
      const fields = ['Content-Type', 'application/json', 'Idempotency-Key', `"${name}"`]
      const send = async (body: string): Promise<string> =>
        told(await (await server).send({ method: 'POST', path: '/pay', fields, body }))
      const first = await send('{"price":7}')
      assert.match(first, /^201 \{"paid":\d+,"body":\{"price":7\}\}$/)
      assert.equal(await send('{"price":7}'), first)
      assert.match(await send('{"price":8}'), /^422/)
    })

    test(`DEP-02: ${name}: the pass is that of the request, by decorator and by function`, async () => {
      const { body } = await (await server).send({ path: '/typed', fields: as('read') })
      assert.equal(body, '[true,"read"]')
    })

    test(`DEP-02: ${name}: versions, events, files and HEAD`, async () => {
      const running = await server
      const fields = as('read')
      assert.equal(told(await running.send({ path: '/v2/api/versioned' })), '200 second')
      assert.equal(told(await running.send({ path: '/v1/api/versioned', fields })), '404 not_found')
      assert.equal(told(await running.send({ path: '/events', fields: as('a') })), '403 insufficient_scope')
      const events = await running.send({ path: '/events', fields })
      assert.match(events.body, /data: one[^]*data: two/)
      assert.equal(events.headers['x-content-type-options'], 'nosniff')
      const head = await running.send({ method: 'HEAD', path: '/file', fields })
      assert.deepEqual([head.status, head.headers['content-length'], head.body], [200, '9', ''])
      assert.equal((await running.send({ path: '/file', fields })).body, 'all of it')
    })
  })
}
