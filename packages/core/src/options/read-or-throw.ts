import { ConfigError, Mistakes } from '../contract/mistakes.ts'
import { type OptionReader, type OptionsRead, type Place, readOptions } from './read.ts'

type Readers = Readonly<Record<string, OptionReader<unknown>>>

/** Options without mistakes: those that are needed are there. */
type Read<R extends Readers, K extends keyof R> = OptionsRead<R> & {
  readonly [P in K]: NonNullable<OptionsRead<R>[P]>
}

/**
 * Reads the options of what is built outside a policy.
 *
 * @param name of the function that builds it: the path of its options in mistakes
 * @param needed the names of the options that are `required` among the readers
 * @param findMore reports what is wrong with several options together
 * @throws ConfigError with every mistake at once
 */
export function readOrThrow<R extends Readers, K extends keyof R>(
  name: string,
  options: unknown,
  readers: R,
  needed: readonly K[],
  findMore?: (read: OptionsRead<R>, place: Place) => void,
): Read<R, K> {
  const place: Place = { mistakes: new Mistakes(), path: name }
  const read = readOptions(place, options, readers)
  if (read !== undefined) findMore?.(read, place)
  place.mistakes.throwIfAny(name)
  // A reader that gives nothing has reported why; should one forget to, this is still no usable object.
  if (read === undefined || needed.some((key) => read[key] === undefined)) throw new ConfigError([])
  return read as Read<R, K>
}
