import { parseArgs } from 'node:util'
import { type EngineName, ENGINES, isEngineName } from './engines.ts'

/** What the command line and the environment say. */
export interface Settings {
  readonly engine: EngineName
  /** 0 takes any free one. */
  readonly port: number
}

/** Something that the person at the terminal can put right: told in a line, without a stack. */
export class Mistake extends Error {
  override readonly name = 'Mistake'
}

const NAMES = Object.keys(ENGINES).join(', ')

/** Reads the settings. */
export function readSettings(args: readonly string[], env: NodeJS.ProcessEnv): Settings {
  const engine = readEngine(args)
  if (!isEngineName(engine))
    throw new Mistake(`There is no engine ${JSON.stringify(engine)}: write one of ${NAMES}.`)
  const text = env['PORT'] || '3000'
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN
  if (port <= 65_535) return { engine, port }
  throw new Mistake(`PORT is not a port: ${JSON.stringify(text)}. Write a number from 0 to 65535.`)
}

function readEngine(args: readonly string[]): string {
  try {
    return parseArgs({ args: [...args], options: { engine: { type: 'string', default: 'cedar' } } }).values
      .engine
  } catch (error) {
    throw new Mistake(`Write npm start -- policy-engines --engine and one of ${NAMES}.`, { cause: error })
  }
}
