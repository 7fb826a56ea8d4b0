import type { IncomingHttpHeaders } from 'node:http'

/** Fields by which a client asks that its method be taken for another, in lower case. */
export const OVERRIDE_FIELDS = ['x-http-method-override', 'x-http-method', 'x-method-override'] as const

/** The parameter of a query that asks for the same. */
export const OVERRIDE_PARAMETER = '_method'

/** What POST may be taken for: unsafe methods alone, so that no safe method becomes another and none becomes safe. */
export const OVERRIDING = ['PUT', 'PATCH', 'DELETE'] as const

/** A method that POST may be taken for. */
export type OverridingMethod = (typeof OVERRIDING)[number]

/** As much of a request as is looked at, and rewritten. */
interface Overridable {
  method?: string | undefined
  readonly headers: IncomingHttpHeaders
}

/** Whether a field, or the parameter, that could change the method names the one that the request has. */
export function namesMethod(value: string, method: string): boolean {
  return value.trim().toUpperCase() === method
}

/**
 * Gives a POST the method that a field of it names, if the policy allows that one: before the first look at the request,
 * so that rules, checks and routers all see the same. What is left of other wishes is refused by the request check.
 */
export function overrideMethod(request: Overridable, allowed: ReadonlySet<string>): void {
  if (request.method !== 'POST') return
  for (const name of OVERRIDE_FIELDS) {
    const value = request.headers[name]
    if (typeof value !== 'string') continue
    const method = value.toUpperCase()
    if (allowed.has(method)) request.method = method
    return
  }
}
