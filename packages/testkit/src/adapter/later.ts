import type { Admitted, Gate, JwtPrincipal } from '@gatehouse/core'
import { turn } from './witness.ts'

/**
 * The same gate, whose decisions come later: so does each that asks a store in another process, an introspection endpoint, or
 * a predicate that is a promise. An adapter that takes the promise for a pass runs the handler before there is one.
 */
export function later(gate: Gate<JwtPrincipal>): Gate<JwtPrincipal> {
  const slow = {
    admit: late((...args: Parameters<typeof gate.admit>) => gate.admit(...args)),
    allow: (...args: Parameters<typeof gate.allow>) => late(gate.allow(...args)),
  }
  return new Proxy(gate, {
    get(_gate, name) {
      const member: unknown = Reflect.get(name in slow ? slow : gate, name)
      return typeof member === 'function' ? (member.bind(gate) as unknown) : member
    },
  })
}

function late<A extends readonly unknown[]>(
  admit: (...args: A) => Admitted<JwtPrincipal>,
): (...args: A) => Admitted<JwtPrincipal> {
  return async (...args) => {
    await turn()
    return admit(...args)
  }
}
