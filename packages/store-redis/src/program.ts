import type { Counted } from './quotas.ts'

/** How much longer than needed a key may live, in milliseconds. */
const SLACK = 1_000

/** The same where the time is not that of the server, which removes keys by its own. */
const SLACK_OF_CLOCK = 60_000

/** What one run of the script is told: its keys, and its calls one after the other. See script/calls.ts. */
export class Program {
  readonly #cells = new Map<string, number>()
  readonly #records = new Map<string, number>()
  readonly #quotas = new Map<Counted, number>()
  readonly #texts: string[] = []
  #words = ''

  /** Goes on with words, as JSON: numbers, and names of calls. */
  say(words: string): void {
    this.#words += this.#words === '' ? words : `,${words}`
  }

  /** The number of a key that is a counter or a block. */
  cell(key: string): number {
    return numberOf(this.#cells, key)
  }

  /** The number of a key that is a record. */
  record(key: string): number {
    return numberOf(this.#records, key)
  }

  /** The number of a quota, which is told before the first call on it. */
  quota(counted: Counted): number {
    const known = this.#quotas.get(counted)
    if (known !== undefined) return known
    this.say(`"quota",${counted.words}`)
    return numberOf(this.#quotas, counted)
  }

  /** Hands over a text; the calls take them in the order in which they were given. */
  text(text: string): void {
    this.#texts.push(text)
  }

  keys(): string[] {
    return [...this.#cells.keys(), ...this.#records.keys()]
  }

  /** @param now the time, in place of the server's */
  args(now: number | undefined): string[] {
    const time = now === undefined ? '' : String(Math.floor(now))
    const slack = now === undefined ? SLACK : SLACK_OF_CLOCK
    return [time, String(slack), String(this.#cells.size), `[${this.#words}]`, ...this.#texts]
  }
}

function numberOf<T>(numbers: Map<T, number>, key: T): number {
  const known = numbers.get(key)
  if (known !== undefined) return known
  const number = numbers.size + 1
  numbers.set(key, number)
  return number
}

const SPACE = 0x20
const ZERO = 0x30

/** What one run of the script answers: numbers, and the texts of records. */
export class Replies {
  readonly #values: readonly unknown[]
  readonly #numbers: string
  #at = 0
  #value = 1
  /** When the server decided, by its clock. */
  readonly now: number

  /** @throws Error when it does not begin with a time */
  constructor(values: readonly unknown[]) {
    this.#values = values
    this.#numbers = textOf(values[0]) ?? ''
    this.now = this.number()
  }

  /**
   * The next number.
   *
   * @throws Error when there is none
   */
  number(): number {
    const text = this.#numbers
    let at = this.#at
    let number = 0
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === SPACE) break
      number = number * 10 + (code - ZERO)
      if (code < ZERO || code > ZERO + 9) number = NaN
    }
    if (at === this.#at || !Number.isSafeInteger(number))
      throw new Error('Redis gave another reply than was asked for')
    this.#at = at + 1
    return number
  }

  /** The next text; `undefined` for a record that is not there. */
  text(): string | undefined {
    return textOf(this.#values[this.#value++])
  }

  /** Whether all was read, and no more. */
  get isOver(): boolean {
    return this.#at > this.#numbers.length && this.#value === this.#values.length
  }
}

/** A client may be told to give buffers for texts. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return Buffer.isBuffer(value) ? value.toString() : undefined
}
