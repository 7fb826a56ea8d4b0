import { parseArgs } from 'node:util'

/** What the command line and the environment say. */
export interface Settings {
  /** 0 takes any free one. */
  readonly port: number
  /** Where https listens; `undefined` without `--tls`. */
  readonly tlsPort: number | undefined
  /** A name that it is reached by besides localhost; `undefined` where there is none. */
  readonly name: string | undefined
}

/** Something that the person at the terminal can put right: told in a line, without a stack. */
export class Mistake extends Error {
  override readonly name = 'Mistake'
}

/** What `--help` prints. */
export const USAGE = `npm start              the demo at http://127.0.0.1:3000
npm start -- --tls     over https, too: at PORT + 443, or TLS_PORT; http redirects to it

PORT=8080 npm start    at another port; PORT=0 takes any free one
NAME=demo.example      a name that it answers to besides localhost

npm start -- express   another example; a name that is none lists all of them`

/** Reads the settings; `'help'` when help was asked for. */
export function readSettings(args: readonly string[], env: NodeJS.ProcessEnv): Settings | 'help' {
  const { help, tls } = readFlags(args)
  if (help) return 'help'
  const port = readPort('PORT', env['PORT']) ?? 3000
  const name = readName(env['NAME'])
  if (!tls) return { port, tlsPort: undefined, name }
  const tlsPort = readPort('TLS_PORT', env['TLS_PORT']) ?? (port === 0 ? 0 : port + 443)
  if (tlsPort > 65_535) throw new Mistake(`PORT ${port} leaves no port for https: set TLS_PORT.`)
  if (tlsPort === port && port !== 0) throw new Mistake(`PORT and TLS_PORT are both ${port}.`)
  return { port, tlsPort, name }
}

function readFlags(args: readonly string[]): { readonly help: boolean; readonly tls: boolean } {
  const options = {
    help: { type: 'boolean', short: 'h', default: false },
    tls: { type: 'boolean', default: false },
  } as const
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    // node:util goes on to explain what to do with a file name that begins with a dash.
    const [message] = (error instanceof Error ? error.message : String(error)).split('. ', 1)
    throw new Mistake(`${message?.replace(/\.$/, '')}.\n\n${USAGE}`, { cause: error })
  }
}

function readName(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  if (/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(text)) return text
  throw new Mistake(
    `NAME is not the name of a host: ${JSON.stringify(text)}. Write one such as demo.example.`,
  )
}

function readPort(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN
  if (port <= 65_535) return port
  throw new Mistake(`${name} is not a port: ${JSON.stringify(text)}. Write a number from 0 to 65535.`)
}
