// The bin that npm links, over a policy that it wrote itself.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

const bin = join('node_modules', '.bin', process.platform === 'win32' ? 'gatehouse.cmd' : 'gatehouse')
const gatehouse = (...args) =>
  execFileSync(bin, args, { encoding: 'utf8', shell: process.platform === 'win32' })

gatehouse('init', '--yes', '--out', 'gate.js')
const routes = gatehouse('routes', 'gate.js')
if (!routes.includes('GET /notes')) throw new Error(`gatehouse routes printed\n${routes}`)
const report = JSON.parse(gatehouse('doctor', 'gate.js', '--no-project', '--json'))
if (report.counts.error !== 0)
  throw new Error('gatehouse doctor found an error in the policy of gatehouse init')
