// Repeats the closing count of the last `npm test`, alone on a line, for those who read only the end of a log.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cache } from './setup.mjs'

const { counts } = JSON.parse(readFileSync(join(cache, 'tests.json'), 'utf8'))
process.stdout.write(
  `${counts.pass} passed, ${counts.fail + counts.cancelled} failed, ${counts.skipped + counts.todo} skipped\n`,
)
