// The bin, over a policy that it wrote itself. Whatever flags this process has are those of the bin, too; only what
// starts a process needs the right to start one.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join('node_modules', '@gatehouse', 'cli')
const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
const flags = process.execArgv.filter((flag) => flag !== '--allow-child-process')
const gatehouse = (...args) =>
  execFileSync(process.execPath, [...flags, join(folder, bin.gatehouse), ...args], {
    encoding: 'utf8',
    // What node hands down of its permissions by itself are those of this process.
    env: { ...process.env, NODE_OPTIONS: '' },
  })

if (flags.length === 0) {
  // What npm links is that bin.
  const link = join('node_modules', '.bin', process.platform === 'win32' ? 'gatehouse.cmd' : 'gatehouse')
  const linked = execFileSync(link, ['--version'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  assert.equal(linked, gatehouse('--version'))
}
gatehouse('init', '--yes', '--force', '--out', 'gate.js')
const routes = gatehouse('routes', 'gate.js')
assert.ok(routes.includes('GET /notes'), routes)
const report = JSON.parse(gatehouse('doctor', 'gate.js', '--no-project', '--json'))
assert.equal(report.counts.error, 0, 'gatehouse doctor found an error in the policy of gatehouse init')
