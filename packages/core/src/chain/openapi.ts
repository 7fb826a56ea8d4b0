import type { SchemeDescription } from '../contract/description.ts'
import { describeScheme } from '../identity/combined.ts'
import type { CompiledPolicy } from './compile.ts'
import { opaque } from './coverage.ts'
import type { CompiledRule } from './compiled-rule.ts'

/** What an operation asks: of the objects one is enough, of the names in an object all are needed. */
export type SecurityRequirements = readonly Readonly<Record<string, readonly string[]>>[]

/** An OpenAPI 3.1 document, as far as a gate looks at it. */
export interface OpenApiDocument {
  /** The version of OpenAPI that it is written in: `'3.1.1'` in a document that the gate makes. */
  readonly openapi: string
  /** About the API, for people; carried over as it is. */
  readonly info: {
    /** What the API is called: `API` in a document that the gate makes. */
    readonly title: string
    /** The version of the document, not of OpenAPI: `0.0.0` in one that the gate makes. */
    readonly version: string
    readonly [member: string]: unknown
  }
  /** Where it is served: the path of the first stands before every path of the document when rules are looked up. */
  readonly servers?: readonly {
    /** Absolute or relative: only its path matters to the gate. */
    readonly url: string
    readonly [member: string]: unknown
  }[]
  /** The operations by path and method, whose `security` the gate writes. */
  readonly paths?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** The gate adds to its `securitySchemes`, in the place of those of the same names; the rest stays. */
  readonly components?: Readonly<Record<string, unknown>>
  /** What holds for operations that say nothing themselves: the gate writes here what its `default` rule asks. */
  readonly security?: SecurityRequirements
  readonly [member: string]: unknown
}

/** The members of a Path Item Object that are operations (OpenAPI 3.1 §4.8.9). */
const OPERATIONS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const

const NO_SCHEMES: SchemeDescription = { securitySchemes: {}, alternatives: [] }

/** Types of schemes whose requirements name scopes (OpenAPI 3.1 §4.8.30); an `http` one may. */
const SCOPED: ReadonlySet<string> = new Set(['oauth2', 'openIdConnect', 'http'])

/**
 * Writes what the policy enforces into an OpenAPI document: the schemes, and what each operation asks.
 *
 * A document of one's own keeps everything but the `security` of its operations, which is the policy's to say. Without
 * one, the routes of the policy that name a method and no wildcard make a document that others can fill in.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function openapi(
  policy: Pick<CompiledPolicy, 'match' | 'fallback' | 'describe' | 'scheme'>,
  document?: OpenApiDocument,
): OpenApiDocument {
  const { scheme } = policy
  const description = scheme === undefined ? NO_SCHEMES : describeScheme(scheme)
  const given = document ?? skeleton(policy)
  const base = basePath(given.servers?.[0]?.url)
  const bound = (method: string, path: string): CompiledRule =>
    policy.match({ method, path: opaque(base + path), params: {} })
  const paths = Object.fromEntries(
    Object.entries(given.paths ?? {}).map(([path, item]) => [
      path,
      withSecurity(item, (method) => securityOf(bound(method, path), description)),
    ]),
  )
  const schemes = given.components?.['securitySchemes']
  return {
    ...given,
    paths,
    components: {
      ...given.components,
      securitySchemes: { ...(isObject(schemes) && schemes), ...description.securitySchemes },
    },
    security: securityOf(policy.fallback, description),
  }
}

/** A path item whose operations ask what the policy does. */
function withSecurity(
  item: Readonly<Record<string, unknown>>,
  securityFor: (method: string) => SecurityRequirements,
): Readonly<Record<string, unknown>> {
  const written: Record<string, unknown> = { ...item }
  for (const name of OPERATIONS) {
    const operation = item[name]
    if (isObject(operation)) written[name] = { ...operation, security: securityFor(name.toUpperCase()) }
  }
  return written
}

/** What a rule asks, in every way to satisfy it. */
function securityOf({ access, read }: CompiledRule, description: SchemeDescription): SecurityRequirements {
  // An empty list says that nothing is needed, whatever the document says for all (OpenAPI 3.1 §4.8.10).
  if (access.caller === 'none') return []
  const { scopes } = read
  const asked =
    scopes === undefined ? [[]] : scopes.needs === 'all' ? [scopes.names] : scopes.names.map((name) => [name])
  const ways = description.alternatives.flatMap((names) =>
    asked.map((needed) =>
      Object.fromEntries(
        names.map((name) => {
          const type = description.securitySchemes[name]?.type
          return [name, type !== undefined && SCOPED.has(type) ? needed : []]
        }),
      ),
    ),
  )
  const distinct = [...new Map(ways.map((way) => [JSON.stringify(way), way])).values()]
  return access.caller === 'optional' ? [...distinct, {}] : distinct
}

function skeleton(policy: Pick<CompiledPolicy, 'describe'>): OpenApiDocument {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const { source, pattern, methods } of policy.describe()) {
    const [method = '*'] = methods
    const name = OPERATIONS.find((each) => each === method.toLowerCase())
    if (source !== 'routes' || name === undefined || pattern.includes('*')) continue
    const params = [...pattern.matchAll(/:([^/]+)/g)].map(([, param = '']) => param)
    const item = (paths[pattern.replaceAll(/:([^/]+)/g, '{$1}')] ??= {})
    item[name] = {
      ...(params.length > 0 && {
        parameters: params.map((param) => ({
          name: param,
          in: 'path',
          required: true,
          schema: { type: 'string' },
        })),
      }),
      responses: { default: { description: 'What the API answers; a refusal is a problem (RFC 9457).' } },
    }
  }
  return { openapi: '3.1.1', info: { title: 'API', version: '0.0.0' }, paths }
}

/** The path that a server puts before every other (OpenAPI 3.1 §4.8.5); the gate sees the whole. */
function basePath(url: string | undefined): string {
  if (url === undefined || !URL.canParse(url, 'https://here.invalid')) return ''
  return new URL(url, 'https://here.invalid').pathname.replace(/\/$/, '')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
