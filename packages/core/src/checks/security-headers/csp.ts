import { isVisibleAscii } from '../../lib/chars.ts'
import { nearest } from '../../lib/spelling.ts'
import { isSfKey } from '../../lib/structured-fields.ts'
import {
  at,
  entriesOf,
  optional,
  type OptionReaders,
  type Place,
  plainObject,
  readOptions,
  report,
} from '../../options/read.ts'
import { list } from '../../options/readers.ts'
import {
  type ContentSecurityPolicy,
  type CspListChange,
  type DirectiveKind,
  directiveRow,
  type DirectiveRow,
  DIRECTIVES,
  type Directives,
  effective,
  FORMER_DIRECTIVES,
} from './csp-directives.ts'
import { show, type Wrong, wrongSource } from './csp-sources.ts'

/** What is wrong with one word of a directive, by how its value is written. */
const WRONG: Readonly<Record<DirectiveKind, (word: string, row: DirectiveRow) => Wrong | undefined>> = {
  sources: (word, { words }) => wrongSource(word, words),
  flags: wrongWord,
  words: wrongWord,
  nothing: (word) => malformed(`has a value: ${show(word)}.`, 'Write true: it has none.'),
  // Trusted Types §4.2: `tt-policy-name`.
  'trusted-types': (word, row) =>
    row.words.includes(word) || /^[\w#=/@.%-]+$/.test(word)
      ? undefined
      : malformed(`has ${show(word)}, which is not the name of a policy.`, 'Write one such as default.'),
  // Reporting §3.2: the names of endpoints are the keys of a dictionary.
  name: (word) =>
    isSfKey(word)
      ? undefined
      : malformed(`has ${show(word)}, which is not the name of an endpoint.`, "Write one such as 'default'."),
  urls: (word) =>
    isVisibleAscii(word) && /^(?:https:\/\/[^/?\\@;,'"]+(?:[/?]|$)|\/(?![/\\]))[^;,'"\\]*$/.test(word)
      ? undefined
      : malformed(
          `has ${show(word)}, which no report can be sent to.`,
          "Write a path such as '/reports', or an https URL; ';' is %3B there, and ',' is %2C.",
        ),
}

/** How many words each kind of value has. */
const LENGTHS: Readonly<Record<DirectiveKind, readonly [min: number, max: number]>> = {
  sources: [1, Infinity],
  flags: [0, Infinity],
  nothing: [0, 0],
  words: [1, 1],
  'trusted-types': [1, Infinity],
  name: [1, 1],
  urls: [1, Infinity],
}

function wrongWord(word: string, { words }: DirectiveRow): Wrong | undefined {
  if (words.includes(word)) return undefined
  const near = nearest(word, words)
  const known = near === undefined ? `Known here: ${words.join(', ')}.` : `Did you mean "${near}"?`
  return malformed(`has ${show(word)}, which means nothing there.`, known)
}

function malformed(message: string, instead: string): Wrong {
  return { code: 'malformed_value', message, instead }
}

/** Reports a name that is no directive, or one of the past; whether it is one. */
function isDirective(name: string, place: Place): name is keyof ContentSecurityPolicy {
  if (directiveRow(name) !== undefined) return true
  const former = FORMER_DIRECTIVES.get(name.toLowerCase())
  const near = nearest(name, Object.keys(DIRECTIVES))
  const known =
    near === undefined ? `Known here: ${Object.keys(DIRECTIVES).join(', ')}.` : `Did you mean "${near}"?`
  const message =
    former === undefined ? `has ${show(name)}, which is not a directive.` : `has ${name}, which is no more.`
  // helmet has them within an object of that name.
  const unwrapped =
    name === 'directives' ? 'Write the directives themselves: { "img-src": ["\'self\'"] }.' : former
  report(place, 'unknown_option', message, unwrapped ?? known)
  return false
}

/** Reports what is wrong with the value of a directive, word by word. */
function checkValue(
  row: DirectiveRow,
  name: string,
  words: readonly string[],
  placeOf: (index?: number) => Place,
): void {
  const [min, max] = LENGTHS[row.kind]
  if (words.length < min) {
    const instead = row.words.includes("'none'") ? 'Write "\'none\'" for nothing.' : 'Write what it says.'
    report(placeOf(), 'malformed_value', `has nothing in ${name}.`, instead)
  } else if (words.length > max && row.kind !== 'nothing') {
    report(placeOf(), 'malformed_value', `has more than one word in ${name}.`, 'Write one.')
  }
  for (const [index, word] of words.entries()) {
    const wrong = WRONG[row.kind](word, row)
    if (wrong !== undefined) report(placeOf(index), wrong.code, wrong.message, wrong.instead)
    else if (words.indexOf(word) < index)
      report(placeOf(index), 'duplicate_value', `has ${show(word)} twice in ${name}.`, 'Leave one out.')
  }
}

/** Reports what is wrong with the words of a policy that was written as one text. */
export function checkText(
  place: Place,
  { directives, repeated }: { readonly directives: Directives; readonly repeated: readonly string[] },
): void {
  if (directives.size === 0) report(place, 'malformed_value', 'has no directive.', 'Write one, or false.')
  for (const name of repeated)
    report(place, 'duplicate_value', `has ${show(name)} twice: the first counts.`, 'Leave one out.')
  for (const [name, words] of directives)
    if (isDirective(name, place)) checkValue(DIRECTIVES[name], name, words, () => place)
}

/** Applies what an option says of a policy, directive by directive. */
export function changeDirectives(place: Place, value: unknown, directives: Directives): void {
  const instead = "Write { 'script-src': [\"'self'\"] }."
  const given = plainObject(place, value, 'an object of directives', instead)
  for (const [name, wanted] of given === undefined ? [] : entriesOf(place, given)) {
    const where = at(place, name)
    if (wanted === undefined || !isDirective(name, where)) continue
    const words = readValue(name, wanted, directives, where)
    if (words === 'out') directives.delete(name)
    else if (words !== undefined) directives.set(name, words)
  }
}

function readValue(
  name: keyof ContentSecurityPolicy,
  wanted: unknown,
  directives: Directives,
  place: Place,
): readonly string[] | 'out' | undefined {
  const row = DIRECTIVES[name]
  if (wanted === false) {
    if (directives.has(name)) return 'out'
    return report(place, 'unknown_reference', 'is not in the policy, so it cannot be left out.', 'Remove it.')
  }
  if (wanted === true && (row.kind === 'nothing' || row.kind === 'flags')) return []
  if (typeof wanted === 'string' && (row.kind === 'name' || name === 'webrtc')) {
    checkValue(row, name, [wanted], () => place)
    return [wanted]
  }
  const example = EXAMPLES[row.kind]
  if (row.kind === 'nothing' || row.kind === 'name' || name === 'webrtc' || typeof wanted !== 'object')
    return report(place, 'wrong_type', 'is not the value of this directive.', `Write ${example}.`)
  if (!Array.isArray(wanted)) return changeList(name, wanted, directives, place)
  const words = list(readWord, { example })(wanted, place)
  if (words !== undefined)
    checkValue(row, name, words, (index) => (index === undefined ? place : at(place, index)))
  return words
}

const EXAMPLES: Readonly<Record<DirectiveKind, string>> = {
  sources: 'a list such as ["\'self\'"]',
  flags: "a list such as ['allow-forms'], or true",
  nothing: 'true',
  words: 'a list such as ["\'script\'"]',
  'trusted-types': "a list such as ['default']",
  name: "a name such as 'default'",
  urls: "a list such as ['/reports']",
}

const CHANGE_READERS = {
  add: optional(list(readWord, { example: "{ add: ['https://cdn.example.com'] }" }), []),
  remove: optional(list(readWord, { example: "{ remove: ['data:'] }" }), []),
} satisfies OptionReaders<CspListChange<string>>

function readWord(value: unknown, place: Place): string | undefined {
  return typeof value === 'string'
    ? value
    : report(place, 'wrong_type', 'is not a text.', 'Write a word such as "\'self\'".')
}

/** What is in force for a directive, with what comes on top and without what is taken out. */
function changeList(
  name: keyof ContentSecurityPolicy,
  wanted: unknown,
  directives: Directives,
  place: Place,
): readonly string[] | undefined {
  const read = readOptions(place, wanted, CHANGE_READERS)
  if (read === undefined) return undefined
  const row = DIRECTIVES[name]
  const before = effective(directives, name) ?? []
  for (const [index, word] of read.remove.entries()) {
    if (before.includes(word)) continue
    const near = nearest(word, before)
    report(
      at(at(place, 'remove'), index),
      'unknown_reference',
      `is not in ${name}: ${show(word)}.`,
      near === undefined ? `There: ${before.join(' ') || 'nothing'}.` : `Did you mean "${near}"?`,
    )
  }
  const kept = before.filter((word) => !read.remove.includes(word) && word !== "'none'")
  const added = read.add.filter((word) => !kept.includes(word))
  if (read.add.length > 0)
    checkValue(row, name, read.add, (index) => (index === undefined ? place : at(at(place, 'add'), index)))
  const words = [...kept, ...added]
  return words.length === 0 && row.kind === 'sources' ? ["'none'"] : words
}
