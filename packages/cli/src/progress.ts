import ora from 'ora'
import { type Io, tell } from './io.ts'

/** Shows what a long piece of work is doing. */
export interface Progress {
  readonly say: (text: string) => void
  readonly stop: () => void
}

/** A spinner on standard error where a person watches; a line for each step with `verbose`; else nothing. */
export function progressOf(
  io: Io,
  options: { readonly quiet: boolean; readonly verbose: boolean },
): Progress {
  if (options.quiet) return { say: () => undefined, stop: () => undefined }
  if (!io.isTerminal) return { say: (text) => options.verbose && tell(io, text), stop: () => undefined }
  // In a terminal that says it has no width the spinner would count lines without end.
  if ((io.stderr as Partial<NodeJS.WriteStream>).columns === 0)
    return { say: () => undefined, stop: () => undefined }
  const spinner = ora({ stream: io.stderr as NodeJS.WriteStream, discardStdin: false })
  return {
    say(text) {
      if (spinner.isSpinning) spinner.text = text
      else spinner.start(text)
    },
    stop: () => void spinner.stop(),
  }
}
