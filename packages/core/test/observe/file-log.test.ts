import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, describe, test } from 'node:test'
import { ConfigError } from '../../src/contract/mistakes.ts'
import { createFileLog, type FileLog, fileLog, type FileLogOptions } from '../../src/observe/file-log.ts'
import { allowedEvent, eventWith } from '../support/events.ts'
import { until } from '../support/until.ts'

const folders: string[] = []
after(() => {
  for (const each of folders) rmSync(each, { recursive: true, force: true })
})
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'gatehouse-log-'))
  folders.push(made)
  return made
}

/** What makes a file system full here is of Linux. */
const PRLIMIT = 'prlimit'
const skip = spawnSync(PRLIMIT, ['--version']).status === 0 ? false : 'prlimit is not installed'
const source = fileURLToPath(new URL('../../src/observe/file-log.ts', import.meta.url))
const events = fileURLToPath(new URL('../support/events.ts', import.meta.url))
/**
 * A process that tells two hundred events to a log while no file may be larger than 8 KiB, which is the same as no space to
 * whoever writes, and then what became of them. With `lift` there is space again when the log tries again.
 */
function onFullDisk(
  path: string,
  then: 'close' | 'lift',
): { readonly dropped: number; readonly failures: number } {
  const program = `
    import { execFileSync } from 'node:child_process'
    const { createFileLog } = await import(${JSON.stringify(source)})
    const { eventWith } = await import(${JSON.stringify(events)})
    const [path, then] = process.argv.slice(1)
    let isResting = false
    const startTimer = (_ms, ring) => {
      isResting = true
      if (then === 'lift') execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited'])
      if (then === 'lift') setImmediate(ring)
      return () => undefined
    }
    const log = createFileLog({ path }, { startTimer })
    for (let i = 0; i < 200; i++) log.observe(eventWith({ requestId: String(i) }))
    while (!isResting) await new Promise((resolve) => setImmediate(resolve))
    await log.close()
    console.log(JSON.stringify({ dropped: log.dropped(), failures: log.failures() }))`
  const node = [process.execPath, ...process.execArgv, '--input-type=module', '--eval', program, path, then]
  const { status, stdout, stderr } = spawnSync(PRLIMIT, ['--fsize=8192:unlimited', ...node], {
    encoding: 'utf8',
    timeout: 60_000,
    // What is written besides is not to be too large.
    env: { ...process.env, NODE_V8_COVERAGE: undefined, TSX_DISABLE_CACHE: '1' },
  })
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout) as { readonly dropped: number; readonly failures: number }
}

/** A log whose pauses last until they are ended. */
function held(options: FileLogOptions): {
  readonly log: FileLog
  readonly rings: (() => void)[]
  readonly waits: number[]
} {
  const rings: (() => void)[] = []
  const waits: number[] = []
  const log = createFileLog(options, {
    startTimer(ms, ring) {
      waits.push(ms)
      rings.push(ring)
      return () => undefined
    },
  })
  return { log, rings, waits }
}

const linesOf = (path: string): readonly string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1)
const idsOf = (path: string): readonly string[] =>
  linesOf(path).map((line) => (JSON.parse(line) as { readonly requestId: string }).requestId)

describe('fileLog()', () => {
  test('LOG-01: appends each event as a line, to what is there', async () => {
    const path = join(folder(), 'events.log')
    writeFileSync(path, '{"requestId":"before"}\n')
    const log = fileLog({ path })
    for (let i = 0; i < 1_000; i++) log.observe(eventWith({ requestId: `${i}` }))
    await log.close()
    assert.deepEqual(idsOf(path), ['before', ...Array.from({ length: 1_000 }, (_, index) => `${index}`)])
    assert.deepEqual([log.dropped(), log.failures()], [0, 0])
  })

  test(
    'LOG-02: nobody else may read a file that it makes',
    { skip: process.platform === 'win32' },
    async () => {
      for (const [mode, expected] of [
        [undefined, 0o600],
        [0o640, 0o640],
      ] as const) {
        const path = join(folder(), 'events.log')
        const log = fileLog(mode === undefined ? { path } : { path, mode })
        log.observe(eventWith())
        await log.close()
        assert.equal(statSync(path).mode & 0o777 & ~process.umask(), expected & ~process.umask())
      }
    },
  )

  test('LOG-04: sets a full file aside, keeps so many, and tears no line', async () => {
    const at = folder()
    const path = join(at, 'events.log')
    const log = fileLog({ path, maxBytes: 4_096, keep: 2 })
    for (let i = 0; i < 100; i++) log.observe(eventWith({ requestId: `${i}` }))
    await log.close()
    assert.deepEqual(readdirSync(at).sort(), ['events.log', 'events.log.1', 'events.log.2'])
    const kept = [`${path}.2`, `${path}.1`, path].flatMap(idsOf)
    assert.equal(kept.at(-1), '99')
    assert.deepEqual(
      kept,
      Array.from({ length: kept.length }, (_, index) => `${100 - kept.length + index}`),
    )
    for (const name of readdirSync(at)) assert.ok(statSync(join(at, name)).size <= 4_096, name)
  })

  test('keeps none where none is to be kept, and gives a line that is larger than a file one of its own', async () => {
    const at = folder()
    const path = join(at, 'events.log')
    const log = fileLog({ path, maxBytes: 4_096, keep: 0 })
    log.observe(eventWith({ requestId: 'a' }))
    log.observe(eventWith({ requestId: 'b', reason: 'x'.repeat(5_000) }))
    log.observe(eventWith({ requestId: 'c' }))
    await log.close()
    assert.deepEqual(readdirSync(at), ['events.log'])
    assert.deepEqual(idsOf(path), ['c'])
  })

  test('LOG-04: a folder that is not there costs nothing but what finds no room, and is tried again', async () => {
    const at = folder()
    const path = join(at, 'later', 'events.log')
    const { log, rings, waits } = held({ path, maxWaiting: 100 })
    for (let i = 0; i < 100; i++) log.observe(eventWith({ requestId: `${i}` }))
    await until(() => rings.length === 1)
    // The first batch is out of the queue, and not lost.
    for (let i = 0; i < 150; i++) log.observe(eventWith({ requestId: `more-${i}` }))
    assert.equal(log.dropped(), 50)
    rings.shift()?.()
    await until(() => rings.length === 1)
    assert.deepEqual(waits, [1_000, 2_000])
    assert.equal(log.failures(), 2)
    mkdirSync(join(at, 'later'))
    rings.shift()?.()
    await log.close()
    assert.equal(idsOf(path).length, 200)
    assert.equal(idsOf(path)[0], '0')
  })

  test('LOG-04: a file that cannot be written is told at once, though nothing is lost yet, and once', async () => {
    const warned: string[] = []
    const hear = (warning: Error): void => {
      // What another log has lost may be told in the meantime.
      if (/cannot be written/.test(warning.message)) warned.push(warning.message)
    }
    process.on('warning', hear)
    try {
      const { log, rings } = held({ path: join(folder(), 'none', 'events.log') })
      log.observe(eventWith())
      await until(() => rings.length === 1)
      rings.shift()?.()
      await until(() => rings.length === 1 && warned.length > 0)
      assert.deepEqual([log.failures(), log.dropped()], [2, 0])
      assert.equal(warned.length, 1, warned.join())
      assert.match(String(warned[0]), /^A log in a file cannot be written \(ENOENT\): events wait for it\./)
      await log.close()
    } finally {
      process.off('warning', hear)
    }
  })

  test('LOG-04: closed while it fails, it counts what is lost, and comes to an end', async () => {
    const { log, rings } = held({ path: join(folder(), 'none', 'events.log') })
    for (let i = 0; i < 3; i++) log.observe(eventWith())
    await until(() => rings.length === 1)
    await Promise.all([log.close(), log.close()])
    assert.equal(log.dropped(), 3)
    log.observe(eventWith())
    assert.equal(log.dropped(), 4)
  })

  test('LOG-01: a file that ends within a line gets a new one, and loses no event to it', async () => {
    const path = join(folder(), 'events.log')
    writeFileSync(path, '{"requestId":"before"}\n{"requestId":"to')
    const log = fileLog({ path })
    log.observe(eventWith({ requestId: 'after' }))
    await log.close()
    const [before, torn, after_] = linesOf(path)
    assert.deepEqual([before, torn], ['{"requestId":"before"}', '{"requestId":"to'])
    assert.equal((JSON.parse(after_ ?? '') as { readonly requestId: string }).requestId, 'after')
  })

  test(
    'LOG-04: a file that somebody deletes is made again, and one that somebody empties has room again',
    { skip: process.platform === 'win32' },
    async () => {
      const at = folder()
      const path = join(at, 'events.log')
      const log = fileLog({ path, maxBytes: 4_096 })
      const tell = async (requestId: string): Promise<void> => {
        log.observe(eventWith({ requestId }))
        await until(() => existsSync(path) && readFileSync(path, 'utf8').includes(`"${requestId}"`))
      }
      await tell('first')
      unlinkSync(path)
      await tell('second')
      assert.deepEqual(idsOf(path), ['second'])
      for (let i = 0; i < 8; i++) await tell(`third-${i}`)
      truncateSync(path)
      for (let i = 0; i < 8; i++) await tell(`fourth-${i}`)
      await log.close()
      assert.deepEqual(readdirSync(at), ['events.log'])
      assert.deepEqual([idsOf(path).length, log.dropped(), log.failures()], [8, 0, 0])
    },
  )

  describe('on a disk that is full', { skip }, () => {
    test('LOG-04: what is not in the file is counted, and nothing twice', () => {
      const path = join(folder(), 'events.log')
      const { dropped, failures } = onFullDisk(path, 'close')
      // Closed, it tries once more.
      assert.equal(failures, 2)
      assert.equal(statSync(path).size, 8 * 1024)
      // The last line is torn: it is no line, and counted.
      const ids = idsOf(path)
      assert.ok(ids.length > 10)
      assert.equal(ids.length + dropped, 200)
    })

    test('LOG-04: when there is space again, each line is in the file once, and none is torn', () => {
      const path = join(folder(), 'events.log')
      const { dropped, failures } = onFullDisk(path, 'lift')
      assert.deepEqual([dropped, failures], [0, 1])
      assert.deepEqual(
        idsOf(path),
        Array.from({ length: 200 }, (_, index) => `${index}`),
      )
    })
  })

  test('a log that was told nothing makes no file', async () => {
    const path = join(folder(), 'events.log')
    await fileLog({ path }).close()
    assert.equal(existsSync(path), false)
  })

  test(
    'LOG-04: writes through no link, and to no pipe, folder or device',
    { skip: process.platform === 'win32' },
    async () => {
      const at = folder()
      const target = join(at, 'target')
      writeFileSync(target, '')
      symlinkSync(target, join(at, 'link'))
      execFileSync('mkfifo', [join(at, 'pipe')])
      for (const path of [join(at, 'link'), join(at, 'pipe'), at, '/dev/null']) {
        const { log, rings } = held({ path })
        log.observe(eventWith())
        await until(() => rings.length === 1)
        await log.close()
        assert.equal(log.dropped(), 1, path)
      }
      assert.equal(readFileSync(target, 'utf8'), '')
    },
  )

  test('LOG-04: a flood of what was allowed leaves room for refusals, and what is lost is counted by outcome', async () => {
    const { log, rings } = held({ path: join(folder(), 'none', 'x'), maxWaiting: 8 })
    for (let i = 0; i < 20; i++) log.observe(allowedEvent())
    for (let i = 0; i < 8; i++) log.observe(eventWith())
    assert.deepEqual([log.droppedByOutcome().allowed, log.droppedByOutcome().refused], [20, 0])
    await until(() => rings.length === 1)
    // Those are out of the queue, and not in the file yet.
    for (let i = 0; i < 3; i++) log.observe(allowedEvent())
    await log.close()
    assert.deepEqual([log.droppedByOutcome().allowed, log.droppedByOutcome().refused], [23, 8])
  })

  test('ERR-03: what cannot be used is refused when it is made', () => {
    for (const [options, path] of [
      [{}, 'fileLog.path'],
      [{ path: '' }, 'fileLog.path'],
      [{ path: 'a', maxBytes: 10 }, 'fileLog.maxBytes'],
      [{ path: 'a', keep: -1 }, 'fileLog.keep'],
      [{ path: 'a', mode: 0o1777 }, 'fileLog.mode'],
    ] as const)
      assert.throws(
        () => fileLog(options as FileLogOptions),
        (error) => error instanceof ConfigError && error.mistakes[0]?.path === path,
      )
  })
})
