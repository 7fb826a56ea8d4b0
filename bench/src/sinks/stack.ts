import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { fileLog, jsonLines, type Lossy, type Observer, webhook } from '@gatehouse/core'
import { serve } from '../stacks/serve.ts'
import { wholeGate } from '../stacks/whole-gate.ts'
import type { SinkName } from './sink-stack.ts'

/* The whole gate, an observer that counts, and the sink that is named in the first argument. */

/** What hears events, and what of it says how many were lost. */
interface Listeners {
  readonly observe: readonly Observer[]
  readonly sinks: readonly Pick<Lossy, 'dropped'>[]
}

const NONE = (): Listeners => ({ observe: [], sinks: [] })

const LISTENERS: Readonly<Record<SinkName, () => Listeners | Promise<Listeners>>> = {
  none: NONE,
  'none again': NONE,
  healthy: () => lines(createWriteStream('/dev/null')),
  'hung stream': () => lines(new Writable({ write: () => undefined })),
  'hung webhook': hungWebhook,
  throws: throwing,
  'broken pipe': brokenPipe,
  'full disk': fullDisk,
}

/** How many events wait: so few that what hangs is full before it is measured. */
const MAX_WAITING = 1_000

function lines(stream: Writable): Listeners {
  const observe = jsonLines(stream, { maxWaiting: MAX_WAITING })
  return { observe: [observe], sinks: [observe] }
}

/** A receiver that takes connections and says nothing. */
async function hungWebhook(): Promise<Listeners> {
  const receiver = createServer((socket) => socket.on('error', () => undefined).resume())
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
  const hook = webhook({ url, dangerouslyAllowHttp: true, maxWaiting: MAX_WAITING })
  return { observe: [hook.observe], sinks: [hook] }
}

function throwing(): Listeners {
  const observe = jsonLines({
    write() {
      throw new Error('it throws each time')
    },
  })
  return { observe: [observe], sinks: [observe] }
}

async function brokenPipe(): Promise<Listeners> {
  const reader = spawn(process.execPath, ['-e', ''], { stdio: ['pipe', 'ignore', 'ignore'] })
  await once(reader, 'exit')
  return lines(reader.stdin)
}

/** A device that has no space left, and a file that cannot be made. */
function fullDisk(): Listeners {
  const { observe, sinks } = lines(createWriteStream('/dev/full'))
  const log = fileLog({ path: join('/dev/null', 'events.log'), maxWaiting: MAX_WAITING })
  return { observe: [...observe, log.observe], sinks: [...sinks, log] }
}

let events = 0
const name = process.argv[2] as SinkName
const { observe, sinks } = await LISTENERS[name]()
const count: Observer = () => {
  events += 1
}

serve(wholeGate([count, ...observe]), {
  events: () => events,
  lost: () => sinks.reduce((sum, sink) => sum + sink.dropped(), 0),
})
