import 'reflect-metadata'
import type { ModulesContainer } from '@nestjs/core'
import { ConfigError, type Gate, type Mistake, type Rule } from '@gatehouse/core'
import { methodsOf, rulesOn, saysRules, WHERE } from './allow.ts'

/** Runs one rule on a request that the gate admitted. */
export type Admit = ReturnType<Gate['allow']>

/** The rules of a handler, by the class of its controller. */
export type RulesOf = (controller: { readonly prototype: unknown }, handler: object) => readonly Admit[]

/** On each handler itself: whoever wraps handlers, as tracing does, copies what stands on them. */
const HANDLER = Symbol.for('gatehouse.nest.handler')
// What Nest writes on the methods that it routes to: `@Get()` and its kin, and `@MessagePattern()`.
const PATH = 'path'
const PATTERN = 'microservices:pattern'

/** Compiles the rules of all handlers; throws one ConfigError with every mistake in them. */
export function compileRules(gate: Gate, modules: ModulesContainer): RulesOf {
  const mistakes: Mistake[] = []
  const names = new Set<string>()
  const compiled = new Map<unknown, ReadonlyMap<unknown, readonly Admit[]>>()
  const refuse = (path: string, message: string, instead: string): void => {
    mistakes.push({ code: 'contradiction', path: `@Allow of ${path}`, message, instead })
  }

  function compile(path: string, rule: Rule): readonly Admit[] {
    let name = path
    for (let i = 2; names.has(name); i++) name = `${path} ${i}`
    names.add(name)
    if (rule?.content !== undefined)
      refuse(
        path,
        'has "content", which Nest has parsed by then.',
        'Write it in the policy: routes: { ... }.',
      )
    try {
      return [gate.allow(rule, name)]
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      for (const each of error.mistakes) mistakes.push({ ...each, path: `@Allow of ${path}: ${each.path}` })
      return []
    }
  }

  function compileController(prototype: object, name: string): ReadonlyMap<unknown, readonly Admit[]> {
    const handlers = new Map<unknown, readonly Admit[]>()
    const rulesOfAll = rulesOn(prototype, undefined).flatMap((rule) => compile(name, rule))
    for (const [key, handler] of methodsOf(prototype)) {
      const path = `${name}.${key}`
      const rules = rulesOn(prototype, key)
      const isRoute = Reflect.hasMetadata(PATH, handler)
      const isMessage = Reflect.hasMetadata(PATTERN, handler)
      if (isMessage && rules.length + rulesOfAll.length > 0)
        refuse(path, 'holds for a handler of messages, which never meet the gate.', WHERE)
      else if (!isRoute && rules.length > 0) refuse(path, 'is on a method that is no route.', WHERE)
      // Where messages inherit the guards of the application, it is asked about those without a rule, too.
      if (!isRoute && !isMessage) continue
      const before = handlers.get(handler) ?? rulesOfAll
      handlers.set(handler, [...before, ...rules.flatMap((rule) => compile(path, rule))])
      Reflect.defineMetadata(HANDLER, handler, handler)
    }
    return handlers
  }

  for (const { controllers } of modules.values())
    for (const { metatype, name } of controllers.values()) {
      const prototype = metatype?.prototype as object
      if (!compiled.has(prototype)) compiled.set(prototype, compileController(prototype, String(name)))
    }
  for (const { providers } of modules.values())
    for (const { metatype, name } of providers.values())
      if (!compiled.has(metatype?.prototype) && saysRules(metatype?.prototype))
        refuse(String(name), 'is on a class that is no controller.', WHERE)
  if (mistakes.length > 0) throw new ConfigError(mistakes)

  return ({ prototype }, handler) => {
    const handlers = compiled.get(prototype)
    const found = handlers?.get(handler) ?? handlers?.get(Reflect.getMetadata(HANDLER, handler))
    if (found !== undefined) return found
    // Whoever puts another function in the place of a handler must not take its rules away with it.
    if (saysRules(prototype)) throw new TypeError('The handler is another than the one that has the rules.')
    return []
  }
}
