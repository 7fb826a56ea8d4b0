import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { canRun, ForeignStack } from '../foreign-stack.ts'
import type { NodeBinary } from '../nodes.ts'
import { type Stack, StackProcess } from '../stack-process.ts'
import type { Answer } from '../stacks/answer.ts'
import type { Setup } from '../stacks/setup.ts'
import { BODY, CORS, EXPOSED, ORIGINS, PATH, SCOPE, TOKEN } from '../workload.ts'
import type { ScenarioName } from './scenarios.ts'

/** The stacks; each ratio is to the first. */
export const STACK_NAMES = [
  'floor',
  'floor-allowed',
  'floor-text',
  'floor-redis',
  'gatehouse',
  'gatehouse-no-cache',
  'gatehouse-lease',
  'express',
  'fastify',
  'fastify-cache',
  'koa',
  'hono',
  'node-http',
  'fastapi',
  'nginx',
] as const
export type StackName = (typeof STACK_NAMES)[number]

/** One of them. */
export interface StackRow {
  /** One line for the legend. */
  readonly about: string
  readonly start: (setup: Setup, node: NodeBinary) => Promise<Stack>
  /** Whether it checks nothing and writes what it is handed: there is nothing to verify. */
  readonly isFloor?: boolean
  /** The scenario whose requests and answer it has, whatever it stands beside: for those that are answered something else instead. */
  readonly as?: ScenarioName
  /** Scenarios that it cannot do, or in which it could only do what it does in another, and why. */
  readonly lacks?: Partial<Readonly<Record<ScenarioName, string>>>
  /** The scenarios that it is for; all when left out. */
  readonly only?: readonly ScenarioName[]
  /** How many requests warm it up, where there is no compiler to wait for. */
  readonly warm?: number
  /** Why it cannot be measured here, where it cannot. */
  readonly missing?: () => Promise<string | undefined>
  /** It is the same on every line of Node: it is measured on the first alone. */
  readonly isForeign?: boolean
}

const onNode =
  (name: StackName, file: string, ...words: readonly string[]): StackRow['start'] =>
  async (setup, { path }) =>
    new StackProcess(name, new URL(`../stacks/${file}.ts`, import.meta.url), {
      args: [JSON.stringify(setup), ...words],
      node: path,
    })

const NO_EDDSA = { ed25519: 'jsonwebtoken knows no Ed25519' }
/** A round of what says nothing new is a round less of what does. */
const NO_CACHE = { 'distinct-rs256': 'it remembers no token: each costs what it costs in rs256' }
const NO_TOKEN = 'it verifies no token there: fastify is the same'
const LOOKS_AT_NONE = 'it looks at no token: allowed is the same'
const PYTHON = process.env['PYTHON'] ?? '/usr/bin/python3'
const NGINX = process.env['NGINX'] ?? 'nginx'
/** What is interpreted, or was compiled long ago, is warm at once. */
const WARM_AT_ONCE = 500

/** The table of them. */
export const STACKS: Readonly<Record<StackName, StackRow>> = {
  floor: {
    about: 'a bare node:http server that writes the very bytes of gatehouse and checks nothing',
    start: onNode('floor', 'floor'),
    isFloor: true,
  },
  'floor-allowed': {
    about: 'the floor of `allowed`, with its requests and its bytes, beside what is answered instead',
    start: onNode('floor-allowed', 'floor'),
    isFloor: true,
    as: 'allowed',
  },
  'floor-text': {
    about: 'the same bytes as one text that was made before: what the gate is without its checks',
    start: onNode('floor-text', 'floor', 'text'),
    isFloor: true,
  },
  'floor-redis': {
    about:
      'the same after two charges in Redis, one after the other, and no checks: what a gate can reach there',
    start: onNode('floor-redis', 'floor', 'redis'),
    isFloor: true,
    only: ['redis'],
  },
  gatehouse: {
    about: 'hosts, https (dangerouslyAllowHttp), CORS, headers, two limits, JWT, scope, an event',
    start: onNode('gatehouse', 'gatehouse'),
  },
  'gatehouse-no-cache': {
    about: 'the same policy, and no verified token is remembered',
    start: onNode('gatehouse-no-cache', 'gatehouse', 'no-cache'),
  },
  'gatehouse-lease': {
    about: 'the same policy, and a hundredth of each limit is taken ahead: most requests do not ask Redis',
    start: onNode('gatehouse-lease', 'gatehouse', 'lease'),
    only: ['redis'],
  },
  express: {
    about: 'express, helmet, cors, express-rate-limit (twice), express-jwt, scope; no hosts, no event',
    start: onNode('express', 'express'),
    lacks: { ...NO_EDDSA, ...NO_CACHE },
  },
  fastify: {
    about: 'fastify with @fastify/helmet, cors, rate-limit (twice) and jwt; no hosts, no event',
    start: onNode('fastify', 'fastify'),
    lacks: NO_CACHE,
  },
  'fastify-cache': {
    about: 'the same, and @fastify/jwt remembers verified tokens',
    start: onNode('fastify-cache', 'fastify', 'cache'),
    lacks: { 401: NO_TOKEN, preflight: NO_TOKEN, 'preflight-refused': NO_TOKEN },
  },
  koa: {
    about: 'koa, koa-helmet, @koa/cors, koa-ratelimit (twice, in memory), koa-jwt; no hosts, no event',
    start: onNode('koa', 'koa'),
    lacks: { ...NO_EDDSA, ...NO_CACHE },
  },
  hono: {
    about: 'hono: cors, secureHeaders, jwt, hono-rate-limiter (twice), @hono/node-server; no hosts, no event',
    start: onNode('hono', 'hono'),
    lacks: NO_CACHE,
  },
  'node-http': {
    about: 'node:http with helmet, cors, express-rate-limit (twice) and jose; no hosts, no event',
    start: onNode('node-http', 'node-http'),
    lacks: NO_CACHE,
  },
  fastapi: {
    about: 'FastAPI on uvicorn, as Debian has them, with python-jose; counts in a dict; no hosts, no event',
    start: async (setup) => new ForeignStack('fastapi', fastapi(setup)),
    lacks: { ...NO_CACHE, ed25519: 'python-jose knows no Ed25519' },
    warm: WARM_AT_ONCE,
    isForeign: true,
    missing: async () =>
      (await canRun(PYTHON, '-c', 'import fastapi, jose, uvicorn'))
        ? undefined
        : `${PYTHON} has no fastapi, jose and uvicorn (PYTHON names another)`,
  },
  nginx: {
    about: 'nginx that writes the same bytes and checks nothing: a floor of another kind, in one process',
    start: startNginx,
    isFloor: true,
    lacks: {
      rs256: LOOKS_AT_NONE,
      ed25519: LOOKS_AT_NONE,
      'distinct-hs256': LOOKS_AT_NONE,
      'distinct-rs256': LOOKS_AT_NONE,
    },
    warm: WARM_AT_ONCE,
    isForeign: true,
    missing: async () =>
      (await canRun(NGINX, '-v')) ? undefined : `${NGINX} is not installed (NGINX names another)`,
  },
}

function fastapi(setup: Setup): ConstructorParameters<typeof ForeignStack>[1] {
  const said = {
    ...setup,
    ...TOKEN,
    origins: ORIGINS,
    methods: CORS.methods,
    headers: CORS.headers,
    exposed: EXPOSED,
    maxAge: CORS.maxAgeSeconds,
    scope: SCOPE,
    path: PATH,
    body: BODY,
  }
  const file = fileURLToPath(new URL('../stacks/fastapi-stack.py', import.meta.url))
  return {
    needsAnswer: false,
    command: async (port) => [PYTHON, file, JSON.stringify(said), String(port)],
  }
}

async function startNginx(): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  return new ForeignStack('nginx', {
    needsAnswer: true,
    async command(port, answer) {
      const file = join(folder, 'nginx.conf')
      await writeFile(file, nginxConfig(folder, port, answer))
      return [NGINX, '-p', folder, '-c', file, '-e', join(folder, 'error.log')]
    },
    clean: () => rm(folder, { recursive: true, force: true }),
  })
}

/** One process without a log, and an answer that never changes. */
export function nginxConfig(folder: string, port: number, { status, fields, body }: Answer): string {
  const own: string[] = []
  let type = 'text/plain'
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? ''
    const value = fields[index + 1] ?? ''
    if (name.toLowerCase() === 'content-type') type = value
    else if (name.toLowerCase() !== 'content-length') own.push(`add_header ${name} ${quoted(value)} always;`)
  }
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  types { }
  default_type ${quoted(type)};
  keepalive_requests 100000000;
  server {
    listen 127.0.0.1:${port};
    ${own.join('\n    ')}
    location / { return ${status}${body === '' ? '' : ` ${quoted(body)}`}; }
  }
}
`
}

/** As nginx reads a text; a dollar would begin the name of a variable. */
function quoted(text: string): string {
  if (text.includes('$')) throw new RangeError('nginx cannot write a dollar as it is')
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`
}
