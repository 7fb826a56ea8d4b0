import { escapeForLog } from '../lib/chars.ts'
import type { AddressesDescription, RouteDescription } from './describe.ts'

/**
 * Prints routes as a table for people, one line each.
 *
 * @example
 * process.stdout.write(formatRoutes(gate.routes()))
 */
export function formatRoutes(routes: readonly RouteDescription[]): string {
  const rows = [
    ['METHODS', 'ROUTE', 'ACCESS', 'ASKS', 'LIMITS', 'ORIGINS', 'HEADERS', 'SHADOW'],
    ...routes.map((route) => [
      route.methods.join(','),
      route.source === 'allow' ? `+ ${route.pattern}` : route.pattern,
      route.access === 'public' ? 'public' : `${route.access} (${route.schemes.join(', ')})`,
      [
        ...(route.reason === undefined ? [] : [`"${route.reason}"`]),
        ...routeAsks(route),
        ...(route.content === undefined ? [] : [`content: ${route.content.types.join(' | ')}`]),
        ...(route.timeout === undefined ? [] : [`timeout: ${route.timeout}s`]),
        ...(route.crossSite === undefined ? [] : [`other sites: "${route.crossSite}"`]),
      ].join('; '),
      [...route.limits, ...route.concurrency.map((name) => `${name} (at once)`)].join(', '),
      route.origins.join(', '),
      route.headers,
      route.shadow.join(', '),
    ]),
  ].map((row) => row.map((cell) => (cell === '' ? '-' : escapeForLog(cell, 256))))
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map(
      (row) =>
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd() + '\n',
    )
    .join('')
}

/**
 * What a route asks of whoever calls it, one text for each part.
 *
 * @example
 * gate.routes().map(routeAsks) // [['scopes: data:read', 'roles: clerk | admin'], ...]
 */
export function routeAsks(route: RouteDescription): readonly string[] {
  const { scopes, roles, permissions, tenant, stepUp, deny } = route
  return [
    deny.length === 0 ? '' : `deny: ${deny.join(', ')}`,
    scopes === undefined ? '' : `scopes: ${scopes.names.join(scopes.needs === 'all' ? ' + ' : ' | ')}`,
    roles.length === 0 ? '' : `roles: ${roles.join(' | ')}`,
    permissions.length === 0 ? '' : `permissions: ${permissions.join(' + ')}`,
    tenant === undefined ? '' : `tenant: ${tenant}`,
    stepUp?.acr === undefined ? '' : `acr: ${stepUp.acr.join(' | ')}`,
    stepUp?.maxAge === undefined ? '' : `max age: ${stepUp.maxAge}s`,
    route.when ? 'when' : '',
    route.object === undefined ? '' : `object: ${route.object}`,
    ...route.addresses.flatMap(asksOfAddresses),
    route.idempotency === undefined ? '' : `idempotency key: ${route.idempotency}`,
  ].filter((text) => text !== '')
}

function asksOfAddresses({ allow, deny }: AddressesDescription): readonly string[] {
  return [
    allow === undefined ? '' : `from: ${allow.join(' | ')}`,
    deny === undefined ? '' : `not from: ${deny.join(', ')}`,
  ]
}
