// A plugin of typedoc.json. The rows of a table in the source are its documentation: to write it again above each would be to
// say all of it twice. So a row is given the words that it holds, and its members those of the type that rows have.
import { Comment, Converter, ReflectionKind } from 'typedoc'

/**
 * The tables that packages export: which member of a row says what the row is (none, where the row is a text), and the type
 * whose members say what those of a row are, or what the rows are.
 */
const TABLES = {
  KINDS: { words: 'meaning', members: 'KindRow' },
  CODES: { words: 'title', members: 'CodeRow' },
  MISTAKES: {},
  OTEL_NAMES: { rows: 'SecurityEvent' },
}

export function load({ converter }) {
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const variable of project.getReflectionsByKind(ReflectionKind.Variable)) {
      const table = Object.hasOwn(TABLES, variable.name) ? TABLES[variable.name] : undefined
      if (table !== undefined) for (const row of membersOf(variable)) document(row, table, variable.parent)
    }
  })
}

function document(row, { words, members, rows }, module) {
  const parts = membersOf(row)
  const said = words === undefined ? row : parts.find(({ name }) => name === words)
  row.comment =
    commentIn(module, rows, row.name) ?? new Comment([{ kind: 'text', text: `${said.type.value}` }])
  for (const part of parts) part.comment = commentIn(module, members, part.name)
}

const membersOf = ({ type }) => type?.declaration?.children ?? []

/** Of a member of a type that the same module exports. */
const commentIn = (module, type, name) =>
  type === undefined ? undefined : module.getChildByName([type, name])?.comment?.clone()
