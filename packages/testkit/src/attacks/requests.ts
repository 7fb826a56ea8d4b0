import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib'
import { malformedAt } from '../adapter/malformed.ts'
import {
  IDENTITY_FIELDS,
  lookalikeOrigins,
  METHOD_OVERRIDES,
  pathSpellings,
  poisonedHosts,
  PROTOTYPE_DOCUMENTS,
  PROTOTYPE_QUERIES,
} from './request-tables.ts'
import type { MustNot } from './tokens.ts'

/** What a request tries. */
export type RequestAttackFamily =
  | 'another spelling of a path'
  | 'fields of a proxy'
  | 'another host'
  | 'malformed'
  | 'another method than it says'
  | 'a query that reaches a prototype'
  | 'JSON that reaches a prototype'
  | 'a compression bomb'
  | 'another origin'

/** A request that nobody may answer as it wishes. */
export interface RequestAttack {
  /** What it tries; stands before the name in titles. */
  readonly family: RequestAttackFamily
  /** What is special about it; with the family, one of a kind. */
  readonly name: string
  /** As it goes over the wire, one character for one byte (latin1); the connection ends after it. */
  readonly request: string
  /** What of an answer shows that it got through. */
  readonly mustNot: MustNot
}

/** Where an API is attacked, and what is right about the requests: nothing but the attack may be what refuses them. */
export interface Attacked {
  /** The authority that it goes by, as a Host field has it: the first host of the policy. */
  readonly host: string
  /** A path of letters and slashes that answers `GET` with 200 to who has the token, and to nobody else. */
  readonly path: string
  /** A good token. */
  readonly token: string
  /** Where `POST` with the token and this JSON is answered with 2xx; without it, attacks on content are left out. */
  readonly post?: {
    /** The target of those requests. */
    readonly path: string
    /** What is sent there first, to see that it is taken: attacks have documents of their own. */
    readonly json: object
  }
  /** An origin whose pages may read the path; without it, attacks by other origins are left out. */
  readonly origin?: `https://${string}`
}

type Row = readonly [name: string, request: string]

const JSON_TYPE = 'Content-Type: application/json'

/**
 * Requests by which attackers get by a guard, or through it, as bytes. Those that try to get by have no token; all others have the good
 * one, so that nothing but what is wrong with them can be why they are refused.
 *
 * @example
 * const all = requestAttacks({ host: 'api.example.com', path: '/admin/users', token: issuer.as('bob') })
 */
export function requestAttacks(attacked: Attacked): readonly RequestAttack[] {
  const { host, path, token, post, origin } = attacked
  const authorized = `Authorization: Bearer ${token}`
  const get = (target: string, ...lines: readonly string[]): string => honest(host, 'GET', target, lines)
  const posted = (content: string | Buffer, ...lines: readonly string[]): string =>
    honest(host, 'POST', post?.path ?? path, [authorized, JSON_TYPE, ...lines], content)

  const families: Readonly<Record<Exclude<RequestAttackFamily, 'another origin'>, readonly Row[]>> = {
    'another spelling of a path': [
      ...pathSpellings(path).map((target): Row => [target, get(target)]),
      ['absolute-form', get(`http://${host}${path}`)],
      ['absolute-form of another scheme', get(`https://${host}${path}`)],
    ],
    'fields of a proxy': [
      ...IDENTITY_FIELDS.flatMap((name) =>
        ['admin', '127.0.0.1'].map((value): Row => [`${name}: ${value}`, get(path, `${name}: ${value}`)]),
      ),
      ...['X-Original-URL', 'X-Rewrite-URL', 'X-Forwarded-Prefix', 'X-Forwarded-Uri'].map((name): Row => [
        `${name}: /`,
        get(path, `${name}: /`),
      ]),
      [
        'Authorization in a field that is listed in Connection',
        get(path, authorized, 'Connection: Authorization, close', 'Authorization: Bearer x'),
      ],
    ],
    'another host': [
      ...[
        'evil.example',
        `${host}.evil.example`,
        `evil${host}`,
        '127.0.0.1.nip.io',
        '0x7f.0.0.1',
        '2130706433',
      ].map((name): Row => [name, honest(name, 'GET', path, [authorized])]),
      ...poisonedHosts(host).map((name): Row => [name, honest(name, 'GET', path, [authorized])]),
    ],
    malformed: malformedAt({ host, path, lines: [authorized] }).map(([, name, bytes]) => [name, bytes]),
    'another method than it says': METHOD_OVERRIDES.map(([name, fields, query]) => [
      name,
      get(query === undefined ? path : `${path}?${query}`, authorized, ...linesOf(fields)),
    ]),
    'a query that reaches a prototype': PROTOTYPE_QUERIES.map((query) => [
      query,
      get(`${path}?${query}`, authorized),
    ]),
    'JSON that reaches a prototype':
      post === undefined ? [] : PROTOTYPE_DOCUMENTS.map((document) => [document, posted(document)]),
    'a compression bomb':
      post === undefined
        ? []
        : bombs().map(([name, coding, content]) => [name, posted(content, `Content-Encoding: ${coding}`)]),
  }
  const all = (Object.keys(families) as (keyof typeof families)[]).flatMap((family) =>
    families[family].map(([name, request]): RequestAttack => ({ family, name, request, mustNot: 'succeed' })),
  )
  return origin === undefined ? all : [...all, ...otherOrigins(origin, attacked)]
}

/** A request as it should be. */
export function honest(
  host: string,
  method: string,
  target: string,
  lines: readonly string[],
  content: string | Buffer = '',
): string {
  const body = Buffer.from(content)
  const length = body.length === 0 ? [] : [`Content-Length: ${body.length}`]
  const head = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, ...lines, ...length, 'Connection: close']
  // What is no latin1 goes as UTF-8, as a client would send it.
  return `${Buffer.from(head.join('\r\n')).toString('latin1')}\r\n\r\n${body.toString('latin1')}`
}

/** Each asks twice: by a preflight, and by the request itself. */
function otherOrigins(origin: string, { host, path, token }: Attacked): readonly RequestAttack[] {
  return lookalikeOrigins(origin.slice('https://'.length))
    .filter((other) => other !== origin)
    .flatMap((other) => {
      const lines = [`Origin: ${other}`]
      const asked = [
        ...lines,
        'Access-Control-Request-Method: GET',
        'Access-Control-Request-Headers: authorization',
      ]
      const shown = JSON.stringify(other)
      const of = (name: string, request: string): RequestAttack => ({
        family: 'another origin',
        name,
        request,
        mustNot: 'allow-origin',
      })
      return [
        of(shown, honest(host, 'GET', path, [...lines, `Authorization: Bearer ${token}`])),
        of(`${shown}, by a preflight`, honest(host, 'OPTIONS', path, asked)),
      ]
    })
}

function linesOf(fields: readonly string[]): readonly string[] {
  return fields.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${fields[index + 1] ?? ''}`] : []))
}

/** Few bytes that come to 8 MiB of spaces before a document that is lawful, and bombs in bombs. */
function bombs(): readonly (readonly [name: string, coding: string, content: Buffer])[] {
  const large = Buffer.concat([Buffer.alloc(8 * 1024 * 1024, 0x20), Buffer.from('{}')])
  const quick = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }
  return [
    ['gzip', 'gzip', gzipSync(large)],
    ['deflate', 'deflate', deflateSync(large)],
    ['br', 'br', brotliCompressSync(large, quick)],
    ['gzip in gzip', 'gzip, gzip', gzipSync(gzipSync(large))],
  ]
}
