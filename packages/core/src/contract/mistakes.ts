/**
 * The codes of mistakes in a policy, each with what it means; none is ever reused.
 *
 * @example
 * MISTAKES.unknown_option // 'There is no option of that name.'
 */
export const MISTAKES = {
  unknown_option: 'There is no option of that name.',
  missing_option: 'An option that has no safe default is missing.',
  wrong_type: 'The value is of another type than the option.',
  out_of_range: 'The number, duration or length is outside what the option allows.',
  malformed_value: 'The text does not have the form that the option needs.',
  duplicate_value: 'The same thing is said twice.',
  contradiction: 'Two options exclude each other.',
  unsafe_value: 'The setting would switch a protection off, and there is a safe way to say what is meant.',
  unknown_reference: 'The value names something that the policy does not define.',
} as const

/** A stable code of a mistake. */
export type MistakeCode = keyof typeof MISTAKES

/** One mistake in a policy (ERR-03). */
export interface Mistake {
  /** A key of {@link MISTAKES}. */
  readonly code: MistakeCode
  /** Where: the path of the option, such as `cors.origins[1]`. */
  readonly path: string
  /** What is wrong. Never contains a secret. */
  readonly message: string
  /** What to write instead. */
  readonly instead: string
}

/** What an option says, where that can be no secret. */
export type Said = string | number | boolean

/**
 * Collects mistakes while a policy is compiled, so that its author sees all of them at once; and what its options say, for
 * whoever judges a policy that has none.
 */
export class Mistakes {
  readonly #all: Mistake[] = []
  readonly #said = new Map<string, Said | undefined>()

  /** Notes a mistake. */
  add(code: MistakeCode, path: string, message: string, instead: string): void {
    this.#all.push({ code, path, message, instead })
  }

  /** How many there are so far. */
  get count(): number {
    return this.#all.length
  }

  /** Whether there is one about this very option. */
  has(path: string): boolean {
    return this.#all.some((mistake) => mistake.path === path)
  }

  /** Notes that an option was given; readers whose values can be no secret say the value as well (LOG-02). */
  say(path: string, value?: Said): void {
    this.#said.set(path, value ?? this.#said.get(path))
  }

  /** Every option that was given, by its path; with its value where a reader said it. */
  get said(): ReadonlyMap<string, Said | undefined> {
    return this.#said
  }

  /** Throws when there is one. */
  throwIfAny(subject?: string): void {
    if (this.#all.length > 0) throw new ConfigError(this.#all, subject)
  }
}

/**
 * A policy, or options, that cannot be used: thrown when it is built, with every mistake at once.
 *
 * @example
 * try { gatehouse(policy) } catch (error) {
 *   if (error instanceof ConfigError) for (const m of error.mistakes) console.error(m.code, m.path, m.instead)
 * }
 */
export class ConfigError extends Error {
  /** Tells it apart where `instanceof` cannot: when another copy of the package has made it. */
  override readonly name = 'ConfigError'
  /** Every mistake, in the order of the policy's options. */
  readonly mistakes: readonly Mistake[]

  /**
   * Makes the error of all mistakes, one in a line.
   *
   * @param subject what has the mistakes: the name of a function, for options outside of a policy
   */
  constructor(mistakes: readonly Mistake[], subject = 'The policy') {
    const lines = mistakes.map((m) => `  ${m.path}: ${m.message} ${m.instead} [${m.code}]`)
    super(
      `${subject} has ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}:\n${lines.join('\n')}`,
    )
    this.mistakes = Object.freeze([...mistakes])
  }
}
