import cluster from 'node:cluster'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { hashPassword } from '@gatehouse/core'
import { Mistake, startRedis } from './redis.ts'
import { type Told, work } from './worker.ts'

const PROCESSES = Number(process.env['PROCESSES'] ?? 3)

try {
  if (cluster.isPrimary) await lead()
  else await work(JSON.parse(process.env['FLEET'] ?? '') as Told)
} catch (error) {
  if (!(error instanceof Mistake)) throw error
  console.error(`\n${error.message}\n`)
  process.exit(1)
}

/** Starts Redis, unless there is one, and the processes; it serves nothing itself. */
async function lead(): Promise<void> {
  const port = Number(process.env['PORT'] ?? 3000)
  const url = process.env['REDIS_URL']
  const own = url === undefined || url === '' ? await startRedis() : undefined
  // Letters and digits alone: a double click selects all of it.
  const password = randomBytes(6).toString('hex')
  const told: Told = {
    port,
    redis: own?.url ?? url ?? '',
    secret: randomBytes(32).toString('base64url'),
    passwordHash: await hashPassword(password),
    deadlineMs: Number(process.env['STORE_DEADLINE_MS'] ?? 500),
  }

  let isStopping = false
  const stop = async (code: number): Promise<void> => {
    if (isStopping) return
    isStopping = true
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
    const ended = workers.map((worker) => once(worker, 'exit'))
    for (const worker of workers) worker.process.kill('SIGTERM')
    await Promise.all(ended)
    await own?.stop()
    process.exit(code)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0))

  const fork = (): void => void cluster.fork({ FLEET: JSON.stringify(told) })
  let listening = 0
  cluster.on('listening', () => {
    if (++listening === PROCESSES) console.log(banner(port, password, own === undefined))
  })
  cluster.on('exit', () => {
    if (isStopping) return
    // One that served is replaced, and its counts are where they were; one that never did would not do better.
    if (listening >= PROCESSES) fork()
    else void stop(1)
  })
  for (let i = 0; i < PROCESSES; i++) fork()
}

function banner(port: number, password: string, isGiven: boolean): string {
  const base = `http://127.0.0.1:${port}`
  return `
A fleet of ${PROCESSES} processes on one port and one Redis (${isGiven ? 'REDIS_URL' : 'started for it'}).

Ten requests in an hour, whichever process they go to:

  for i in $(seq 12); do curl -s -w ' %{http_code}\\n' ${base}/hello; done

A session that begins in one process, is good in all, and ends in all:

  curl -c jar ${base}/login -H 'Content-Type: application/json' -d '{"user":"alice","password":"${password}"}'
  curl -b jar ${base}/me
  curl -b jar -X POST ${base}/logout
  curl -b jar ${base}/me

Ctrl+C ends it.
`
}
