/**
 * What is wrong with the repetitions of an expression for origins.
 *
 * `slow`: a hostile origin could make it run for long. `open`: it repeats something up to what is no dot, so that a
 * name that merely ends like one of yours gets in. `unowned`: it repeats a name right below a top-level domain, or that domain,
 * and anybody can buy one.
 */
export type RepetitionProblem = 'slow' | 'open' | 'unowned'

/** Repetitions that can run across dots: with two, the time grows with the square of an origin, which is short. */
const MAX_WIDE = 2

/** Escapes that stand for no dot. All others count as if they could. */
const NARROW_ESCAPES = 'dw-/:'

/**
 * Judges the repetitions of an expression, in one pass over its source. It knows no more of the grammar than it
 * needs, and takes what it does not know for the worst.
 */
export function repetitionProblem({ source, flags }: RegExp): RepetitionProblem | undefined {
  /** For each group that is open, whether it has a quantifier or a choice in it. */
  const groups: boolean[] = [false]
  let open = false
  let unowned = false
  let wide = 0
  let i = 0
  while (i < source.length) {
    const start = i
    const char = source.charAt(i)
    let isGroup = false
    let isBusy = false
    if (char === '(') {
      const opener = groupOpener(source, i)
      if (opener === undefined) return 'slow'
      groups.push(false)
      i += opener
      continue
    }
    if (char === '|') groups[groups.length - 1] = true
    if (char === ')') {
      isGroup = true
      isBusy = groups.pop() ?? true
      if (isBusy) groups[groups.length - 1] = true
    }
    // A reference to a group reads again what was read: no bound on its time can be seen.
    if (char === '\\' && /[1-9k]/.test(source.charAt(i + 1))) return 'slow'
    i = char === '[' ? afterClass(source, i, flags) : i + (char === '\\' ? 2 : 1)
    const length = quantifierLength(source, i)
    if (length === 0) continue
    const quantifier = source.slice(i, i + length)
    groups[groups.length - 1] = true
    i += length
    if (quantifier[0] === '?') continue
    if (isBusy) return 'slow'
    const atom = source.slice(start, i - length)
    const isDigits = atom === '\\d' || atom === '[0-9]'
    const isWide = isGroup || canBeDot(atom, flags)
    unowned ||= !hasOwnerAfter(source, i, isDigits)
    if (isWide) wide++
    // An exact count of what is no dot is a part of a label that somebody chose.
    else if (/^\{\d+\}/.test(quantifier)) continue
    open ||= !endsAtDot(source, i, isDigits)
  }
  if (wide > MAX_WIDE) return 'slow'
  if (open) return 'open'
  return unowned ? 'unowned' : undefined
}

/**
 * Whether two dots come behind a repetition, as the pattern `https://*.example.com` has them. Digits may be a port, or numbers
 * of an IPv4 address: no top-level domain is one.
 */
function hasOwnerAfter(source: string, at: number, digits: boolean): boolean {
  const dot = source.indexOf('\\.', at)
  if (dot >= 0 && source.includes('\\.', dot + 2)) return true
  return digits && (dot < 0 || /^(?:\\d|\[0-9\]|[0-9])/.test(source.slice(dot + 2)))
}

/** The length of what opens a group; `undefined` for a look ahead or behind, which reads the same text once more. */
function groupOpener(source: string, at: number): number | undefined {
  if (source.charAt(at + 1) !== '?') return 1
  const kind = source.charAt(at + 2)
  if (kind === '=' || kind === '!') return undefined
  if (kind === '<' && '=!'.includes(source.charAt(at + 3))) return undefined
  return 2
}

/** Where a character class ends. Under the flag v alone, classes nest. */
function afterClass(source: string, at: number, flags: string): number {
  let depth = 0
  let i = at
  for (; i < source.length; i++) {
    const char = source.charAt(i)
    if (char === '\\') i++
    else if (char === '[' && (depth === 0 || flags.includes('v'))) depth++
    else if (char === ']' && --depth === 0) break
  }
  return i + 1
}

/** The length of the quantifier that begins here, with the `?` of a lazy one; 0 when there is none. */
function quantifierLength(source: string, at: number): number {
  const char = source.charAt(at)
  if (char === '' || !'*+?{'.includes(char)) return 0
  const close = char === '{' ? source.indexOf('}', at) : at
  const end = (close < 0 ? at : close) + 1
  return end - at + (source.charAt(end) === '?' ? 1 : 0)
}

function canBeDot(atom: string, flags: string): boolean {
  const first = atom.charAt(0)
  if (first === '[') return new RegExp(atom, flags).test('.')
  if (first === '\\') return !NARROW_ESCAPES.includes(atom.charAt(1))
  return first === '.'
}

/**
 * Whether a repetition stops at a dot that must be there. Digits may also stop at the end: they are a port, or the
 * last number of an IPv4 address.
 */
function endsAtDot(source: string, at: number, digits: boolean): boolean {
  let i = at
  while (source.charAt(i) === ')') i += source.charAt(i + 1) === '?' ? 2 : 1
  if (source.startsWith('\\.', i)) return quantifierLength(source, i + 2) === 0
  return digits && source.charAt(i) === '$'
}
