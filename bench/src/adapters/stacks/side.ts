import type { Gate } from '@gatehouse/core'
import type { Answer } from '../../stacks/answer.ts'
import type { Abilities } from '../../stacks/serve.ts'
import { gateWith } from '../../stacks/whole-gate.ts'

/*
 * The same work on both sides. An app behind the adapter has one route, which writes its JSON as the framework does it; what the
 * gate adds are its fields. The app beside it has no middleware at all, the same route, and sets the very fields that the gate
 * wrote, each in the framework's own way, as an API that wrote them by hand would; their values never change, which
 * is in its favour. Content-Type and Content-Length are the framework's on both sides. What a framework writes
 * of its own accord and a gate takes away again (ETag, X-Powered-By) is turned off on both.
 *
 * Both are served alike. Express is there twice: with the `serverOptions` of its adapter, which make it three times as fast with a gate
 * and without one, and plain, by `createServer(app)`.
 */

/** Which of the two an app is. */
export const SIDES = ['bare', 'gate'] as const
export type Side = (typeof SIDES)[number]

/** Fields that an app sets before it answers: names, and the values of their lines. */
export type Fields = readonly (readonly [name: string, values: string | string[]])[]

const BY_THE_FRAMEWORK = new Set(['content-type', 'content-length'])

/** The side that this process is, with a gate or with the fields that it was handed. */
export type Served =
  | { readonly side: 'gate'; readonly gate: Gate; readonly abilities: Abilities }
  | { readonly side: 'bare'; readonly fields: () => Fields; readonly abilities: Abilities }

/** Reads the second word of the process. */
export function readSide(): Served {
  return process.argv[3] === 'gate' ? gated() : bare()
}

function gated(): Served {
  let events = 0
  const gate = gateWith([
    () => {
      events += 1
    },
  ])
  return { side: 'gate', gate, abilities: { events: () => events } }
}

function bare(): Served {
  let own: Fields = []
  const setAnswer = ({ fields }: Answer): void => {
    const byName = new Map<string, string[]>()
    for (let index = 0; index < fields.length; index += 2) {
      const name = fields[index] ?? ''
      if (BY_THE_FRAMEWORK.has(name.toLowerCase())) continue
      byName.set(name, [...(byName.get(name) ?? []), fields[index + 1] ?? ''])
    }
    own = [...byName].map(([name, [first = '', ...others]]) => [
      name,
      others.length === 0 ? first : [first, ...others],
    ])
  }
  return { side: 'bare', fields: () => own, abilities: { setAnswer } }
}
