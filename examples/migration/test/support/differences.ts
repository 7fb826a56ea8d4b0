import type { Answer } from './ask.ts'
import { GROUPS, REQUESTS } from './requests.ts'

/** What both sides have answered to one request. */
export interface Pair {
  readonly name: string
  readonly before: Answer
  readonly after: Answer
}

/** A table of a page: its head and its rows, cell by cell. */
export type Table = readonly (readonly string[])[]

/** Why the sides differ: by the name of the request for a status, by that of the field in lower case for a field. */
export type Reasons = Readonly<Record<string, string>>

const NOTHING = '–'
const code = (text: string): string => (text === '' ? NOTHING : `\`${text.replaceAll('|', '\\|')}\``)

/** What each request is answered. */
export function answers(pairs: readonly Pair[], why: Reasons): Table {
  const told = ({ status, body }: Answer): string => (body === '' ? `${status}` : `${status} ${code(body)}`)
  const rows = pairs.map(({ name, before, after }) => {
    const reason = before.status === after.status ? '' : reasonOf(name, why)
    return [name, told(before), told(after), reason]
  })
  return [['Request', 'Before', 'After', 'Why the status is another'], ...rows]
}

/** The fields that differ: one row for each field and what becomes of it, with the requests that it happens to. */
export function fields(pairs: readonly Pair[], why: Reasons): Table {
  const rows = new Map<string, { readonly cells: readonly string[]; readonly names: string[] }>()
  for (const { name, before, after } of pairs) {
    for (const field of new Set([...before.fields.keys(), ...after.fields.keys()])) {
      const [old, now] = [before.fields.get(field) ?? '', after.fields.get(field) ?? '']
      if (old === now) continue
      const cells = [field, code(old), code(now)]
      const key = cells.join('\n')
      const row = rows.get(key) ?? { cells, names: [] }
      row.names.push(name)
      rows.set(key, row)
    }
  }
  const sorted = [...rows.values()].toSorted((a, b) => order(a.cells[0], b.cells[0]))
  return [
    ['Field', 'Before', 'After', 'Requests', 'Why'],
    ...sorted.map(({ cells: [field = '', old = '', now = ''], names }, index) => {
      // A field that has several rows says why in the first.
      const reason = sorted[index - 1]?.cells[0] === field ? '' : reasonOf(field, why)
      return [code(field), old, now, namesOf(names), reason]
    }),
  ]
}

function order(a = '', b = ''): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function namesOf(names: readonly string[]): string {
  const others = REQUESTS.filter(({ name }) => !names.includes(name)).map(({ name }) => name)
  if (others.length === 0) return 'all'
  return others.length < names.length ? `all but ${listed(others)}` : listed(names)
}

/** Requests by their names; those of a group that is whole by its name. */
function listed(names: readonly string[]): string {
  let left = names
  const words: string[] = []
  for (const [group, members] of Object.entries(GROUPS)) {
    if (!members.every((name) => left.includes(name))) continue
    words.push(group)
    left = left.filter((name) => !members.includes(name))
  }
  return [...left, ...words].join('; ')
}

function reasonOf(what: string, why: Reasons): string {
  const reason = why[what]
  if (reason === undefined) throw new Error(`"${what}" differs, and nothing says why`)
  return reason
}
