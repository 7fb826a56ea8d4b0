// Where the stripped form of a source is kept. A change of how it is stripped wants another FORM.
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository, as setup.mjs has it: that loads too much for a process of a test. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const FORM = '1'

export const folder = join(root, 'node_modules', '.gatehouse', 'stripped')

export function keptAs(source) {
  return join(folder, `${FORM}-${createHash('sha256').update(source).digest('hex')}.js`)
}
