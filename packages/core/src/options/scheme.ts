import { ConfigError } from '../contract/mistakes.ts'
import type { CompiledScheme, Scheme, SchemeContext } from '../contract/scheme.ts'
import { type Place, type Reader, report } from './read.ts'
import { having } from './readers.ts'

/** A scheme, known by its method. */
export const readScheme: Reader<Scheme> = having<Scheme>(
  'a scheme',
  'jwt({ ... }), apiKey({ ... }), basic({ ... }) or anyOf(...)',
  'compile',
)

const INSTEAD =
  'Let compile() give { name, fields, identify, challenges } at once, and note mistakes in its context.'

/** Compiles a scheme, which may be of somebody's own: what it gives is looked at, and what it throws is a mistake. */
export function compileScheme(
  place: Place,
  scheme: Scheme,
  context: Omit<SchemeContext, 'mistakes' | 'path'>,
): CompiledScheme | undefined {
  try {
    const compiled: unknown = scheme.compile({ ...context, mistakes: place.mistakes, path: place.path })
    if (isCompiled(compiled)) return compiled
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      // What was thrown stays unsaid: it may quote a secret.
      return report(place, 'wrong_type', 'threw when it was compiled.', INSTEAD)
    }
    for (const { code, path, message, instead } of error.mistakes)
      place.mistakes.add(code, path, message, instead)
    return undefined
  }
  return report(place, 'wrong_type', 'did not compile to a scheme.', INSTEAD)
}

function isCompiled(value: unknown): value is CompiledScheme {
  if (typeof value !== 'object' || value === null) return false
  const { name, fields, identify, challenges } = value as Partial<Record<keyof CompiledScheme, unknown>>
  return (
    typeof name === 'string' &&
    Array.isArray(fields) &&
    fields.every((field) => typeof field === 'string') &&
    typeof identify === 'function' &&
    typeof challenges === 'function' &&
    Array.isArray((value as CompiledScheme).challenges([]))
  )
}
