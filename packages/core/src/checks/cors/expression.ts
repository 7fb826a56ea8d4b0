import { repetitionProblem } from './repetition.ts'

/** Why an expression cannot decide about origins, and what to write in its place. */
export interface ExpressionProblem {
  readonly code: 'malformed_value' | 'unsafe_value'
  readonly message: string
  readonly instead: string
}

/** Origins that nobody can own (RFC 6761 §6.4): an expression that accepts one accepts strangers. */
const STRANGERS = ['https://nobody.invalid', 'https://www.nobody.invalid', 'http://nobody.invalid:8080']

/**
 * What is wrong with a regular expression for origins; `undefined` when nothing that can be seen is.
 *
 * It must have no state, match a whole origin in each of its alternatives, write dots as dots, be fast whatever it is
 * asked, refuse strangers, and begin what it names at a dot.
 */
export function expressionProblem(expression: RegExp): ExpressionProblem | undefined {
  if (expression.global || expression.sticky) {
    return {
      code: 'unsafe_value',
      // With g or y, test() goes on from lastIndex: every second request of an allowed origin would be denied.
      message: 'has the flag g or y: what it says depends on what it was asked before.',
      instead: 'Write it without g and y.',
    }
  }
  if (expression.multiline) {
    return {
      code: 'unsafe_value',
      message: 'has the flag m: ^ and $ would stand for the ends of a line.',
      instead: 'Write it without m.',
    }
  }
  const scan = scanExpression(expression)
  if (!scan.anchored) {
    return {
      code: 'unsafe_value',
      message: 'does not match whole origins: an origin that merely contains a match would be allowed.',
      instead:
        'Write ^ first and $ last, with alternatives in a group: /^https:\\/\\/(?:a|b)\\.example\\.com$/.',
    }
  }
  if (scan.looseDot) {
    return {
      code: 'unsafe_value',
      message: 'has a dot that stands for any character: app.example would let in app-example.',
      instead: 'Write \\. for a dot, and [^.] for any character of a label.',
    }
  }
  const repetition = repetitionProblem(expression)
  // Before it is run for the first time: an origin is judged before anybody is authenticated.
  if (repetition === 'slow') {
    return {
      code: 'unsafe_value',
      message: 'can take very long: it repeats what repeats or chooses, looks around, or refers to a group.',
      instead: "Write [a-z0-9-]+\\.example\\.com, or the pattern 'https://*.example.com'.",
    }
  }
  const accepted = acceptsStrangers(expression)
  if (accepted === undefined) {
    return {
      code: 'malformed_value',
      message: 'cannot be run: it is too large.',
      instead: "Write a shorter one, or the pattern 'https://*.example.com'.",
    }
  }
  if (accepted) {
    return {
      code: 'unsafe_value',
      message: 'accepts every host.',
      instead: "Name your hosts; an API that every page may read says origins: '*'.",
    }
  }
  if (repetition === 'open') {
    return {
      code: 'unsafe_value',
      message: 'repeats something that no dot ends: .*example\\.com would let in evilexample.com.',
      instead: "Write [a-z0-9-]+\\.example\\.com, or the pattern 'https://*.example.com'.",
    }
  }
  if (repetition === 'unowned') {
    return {
      code: 'unsafe_value',
      message: 'repeats a name right below a top-level domain: [a-z]+\\.com would let in whoever buys one.',
      instead: "Name your hosts, or write the pattern 'https://*.example.com'.",
    }
  }
  return undefined
}

/** `undefined` when it cannot be run: V8 compiles an expression when it is first used, and throws if that is too large. */
function acceptsStrangers(expression: RegExp): boolean | undefined {
  try {
    return STRANGERS.some((origin) => expression.test(origin))
  } catch {
    return undefined
  }
}

/** What {@link scanExpression} sees. */
interface Scan {
  /** Whether every alternative at the top level begins with `^` and ends with `$`. */
  readonly anchored: boolean
  /** Whether a dot outside of a class stands for exactly one character: an escape forgotten. */
  readonly looseDot: boolean
}

/** Reads the source of an expression once, skipping escapes and character classes. */
function scanExpression({ source, flags }: RegExp): Scan {
  // Under the flag v alone, classes nest; else a bracket in a class is a bracket.
  const nesting = flags.includes('v')
  let group = 0
  let charClass = 0
  let anchored = true
  let looseDot = false
  let begin = 0
  let endAnchor = -1
  const endAlternative = (at: number): void => {
    if (source[begin] !== '^' || endAnchor !== at - 1) anchored = false
    begin = at + 1
  }
  for (let i = 0; i < source.length; i++) {
    const char = source[i]
    if (char === '\\') i++
    else if (charClass > 0) {
      if (char === ']') charClass--
      else if (char === '[' && nesting) charClass++
    } else if (char === '[') charClass++
    else if (char === '(') group++
    else if (char === ')') group--
    else if (char === '.') looseDot ||= !'*+?{'.includes(source[i + 1] ?? ' ')
    else if (char === '$') endAnchor = i
    else if (char === '|' && group === 0) endAlternative(i)
  }
  endAlternative(source.length)
  return { anchored, looseDot }
}
