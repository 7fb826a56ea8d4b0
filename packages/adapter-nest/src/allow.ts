import 'reflect-metadata'
import { type CanActivate, UseGuards } from '@nestjs/common'
import type { Principal, Rule } from '@gatehouse/core'
import { metOf, ROUTED } from './request.ts'

/** What is written on a class: the rules of its methods by their names, and its own by none. */
type Written = Map<string | undefined, readonly Rule[]>

// By name, so that two copies of this package in one process know each other's rules.
const RULES = Symbol.for('gatehouse.nest.rules')

/** Where a rule may stand. */
export const WHERE = 'Write it on the method of a route, or on the class of a controller.'

/** A rule that nobody runs must not look like one that holds. */
const enforced: CanActivate = {
  canActivate(context) {
    if (context.getType() === 'http' && metOf(context.getArgByIndex(0))?.[ROUTED] === true) return true
    throw new TypeError('@Allow() holds for HTTP, and where GatehouseModule is imported.')
  },
}

/**
 * Adds a rule to a handler, or to all handlers of a controller. It runs behind the policy, and it narrows what that allows
 * and never opens. All rules hold that stand on a method, on its class and on the classes that this one extends, also where
 * it writes the method anew. They are compiled when the application starts, which fails with every mistake in them.
 *
 * @throws TypeError for what is neither a method nor a class
 * @example
 * \@Allow({ scopes: ['data:read'] })
 * \@Get('secure-data')
 * secureData(@CurrentPrincipal() caller: JwtPrincipal) {
 *   return { for: caller.subject }
 * }
 */
export function Allow<P extends Principal = Principal>(rule: Rule<P>): ClassDecorator & MethodDecorator {
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const isClass = typeof target === 'function' && key === undefined
    // Properties, parameters and static methods are told otherwise, and so are the decorators of ECMAScript.
    const isMethod = typeof target !== 'function' && typeof descriptor?.value === 'function'
    if (typeof key === 'symbol' || !(isClass || isMethod))
      throw new TypeError(`@Allow() is for classes and methods. ${WHERE}`)
    const prototype = (isClass ? target.prototype : target) as object
    // Not on the function of the method: a decorator between this one and the route may put another in its place.
    const written: Written = writtenOn(prototype) ?? new Map()
    written.set(key, [rule as Rule, ...(written.get(key) ?? [])])
    Reflect.defineMetadata(RULES, written, prototype)
    UseGuards(enforced)(target, key as string, descriptor as PropertyDescriptor)
  }
}

/** The prototypes of a class and of those that it extends, the first of them first. */
function chainOf(prototype: unknown): readonly object[] {
  return typeof prototype !== 'object' || prototype === null || prototype === Object.prototype
    ? []
    : [...chainOf(Object.getPrototypeOf(prototype)), prototype]
}

function writtenOn(prototype: object): Written | undefined {
  return Reflect.getOwnMetadata(RULES, prototype) as Written | undefined
}

/** The rules of a method, or without its name those of the whole class; of the classes that it extends, too. */
export function rulesOn(prototype: object, key: string | undefined): readonly Rule[] {
  return chainOf(prototype).flatMap((each) => writtenOn(each)?.get(key) ?? [])
}

/** Whether a class has a rule at all. */
export function saysRules(prototype: unknown): boolean {
  return chainOf(prototype).some((each) => writtenOn(each) !== undefined)
}

/** The methods that Nest looks at, each as it is called: the last of those of one name. */
export function methodsOf(prototype: object): ReadonlyMap<string, object> {
  const methods = new Map<string, object>()
  for (const each of chainOf(prototype))
    for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(each)))
      if (key !== 'constructor' && typeof value === 'function') methods.set(key, value as object)
  return methods
}
