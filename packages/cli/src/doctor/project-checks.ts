import { basename } from 'node:path'
import type { Check, Seen } from './check.ts'
import { numbersOf, type Older } from './outdated.ts'
import type { Project } from './project.ts'

/** When each line of Node.js is out of maintenance; lines with odd numbers never were in it for long. */
const END_OF_LIFE: Readonly<Record<number, string>> = {
  18: '2025-04-30',
  20: '2026-04-30',
  22: '2027-04-30',
  24: '2028-04-30',
  26: '2029-04-30',
}

/** Options of node that open what it closes. */
const LOOSE = [
  ['NODE_TLS_REJECT_UNAUTHORIZED=0', /NODE_TLS_REJECT_UNAUTHORIZED[= ]"?'?0/],
  ['--insecure-http-parser', /--insecure-http-parser/],
  ['--inspect on every address', /--inspect(?:-brk)?=(?:0\.0\.0\.0|\[?::)/],
  ['--tls-min-v1.0', /--tls-min-v1\.[01]/],
  ['--openssl-legacy-provider', /--openssl-legacy-provider/],
] as const

/** Packages that do what the gate does, at another time and in another order. */
const BESIDE = new Set([
  'helmet',
  'cors',
  '@koa/cors',
  'express-rate-limit',
  'koa-ratelimit',
  'express-jwt',
  'koa-jwt',
  'csurf',
  'lusca',
  'koa-helmet',
  'hpp',
])

/** What is looked for around the policy. */
export const PROJECT_CHECKS: readonly Check<Project>[] = [
  {
    code: 'project.node-end',
    severity: 'error',
    title: 'This line of Node.js is no longer maintained.',
    why: 'Holes in its parser of HTTP and in its TLS stay open from then on.',
    instead: 'FROM node:24-slim // or nvm install --lts',
    reference: 'https://github.com/nodejs/release#release-schedule',
    *find({ nodeVersion, now }) {
      const major = Number(/^v?(\d+)/.exec(nodeVersion)?.[1])
      const end = endOf(major)
      if (end !== undefined && now.getTime() > Date.parse(end))
        yield { where: `Node.js ${nodeVersion}`, detail: `Its maintenance ended on ${end}.` }
    },
  },
  {
    code: 'project.engines-end',
    severity: 'info',
    title: 'The project says that it runs on a line of Node.js that is no longer maintained.',
    why: 'Whoever installs it there is not warned.',
    instead: '"engines": { "node": ">=24" }',
    reference: 'https://github.com/nodejs/release#release-schedule',
    *find({ manifest, now }) {
      const least = Number(/\d+/.exec(manifest?.engines ?? '')?.[0] ?? Number.NaN)
      const end = endOf(least)
      if (end !== undefined && now.getTime() > Date.parse(end))
        yield { where: 'package.json: engines.node', detail: `It is "${manifest?.engines ?? ''}".` }
    },
  },
  {
    code: 'project.node-env',
    severity: 'warning',
    title: 'It is started as in development.',
    why: 'Frameworks then put stacks into their errors, and switch off what they keep.',
    instead: 'ENV NODE_ENV=production',
    reference:
      'https://nodejs.org/en/learn/getting-started/nodejs-the-difference-between-development-and-production',
    *find(project) {
      for (const [where, line] of startLines(project))
        if (/NODE_ENV[= ]"?'?(?:dev|test)/.test(line)) yield { where }
    },
  },
  {
    code: 'project.node-loose',
    severity: 'error',
    title: 'Node.js is started with a protection switched off.',
    why: 'What it lets through reaches the gate in a form that it was promised not to see, or reaches others unverified.',
    instead: 'Leave it out.',
    reference: 'https://nodejs.org/api/cli.html',
    *find(project) {
      for (const [where, line] of startLines(project))
        for (const [name, pattern] of LOOSE) if (pattern.test(line)) yield { where, detail: `It is ${name}.` }
      if (project.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0')
        yield { where: 'the environment', detail: 'It is NODE_TLS_REJECT_UNAUTHORIZED=0.' }
    },
  },
  {
    code: 'project.as-root',
    severity: 'warning',
    title: 'The image runs as root.',
    why: 'A hole in the process is then one in its container, and more often in its host.',
    instead: 'USER node',
    reference: 'https://github.com/nodejs/docker-node/blob/main/docs/BestPractices.md',
    *find({ dockerfile }) {
      const isImage = dockerfile.some((line) => /^\s*(?:CMD|ENTRYPOINT)\b/i.test(line))
      const users = dockerfile.filter((line) => /^\s*USER\b/i.test(line))
      const last = users.at(-1)?.trim().split(/\s+/)[1]
      if (isImage && (last === undefined || /^(?:root|0)(?::|$)/.test(last))) yield { where: 'Dockerfile' }
    },
  },
  {
    code: 'project.no-lock-file',
    severity: 'warning',
    title: 'There is no lock file.',
    why: 'Each installation gets what was published last, by whoever could publish it, and no audit knows what that is.',
    instead: 'npm install // and commit package-lock.json',
    reference: 'ASVS 15.1.1',
    *find({ manifest, lockFile }) {
      if (manifest !== undefined && Object.keys(manifest.dependencies).length > 0 && lockFile === undefined)
        yield { where: 'package.json' }
    },
  },
  {
    code: 'project.loose-dependency',
    severity: 'warning',
    title: 'A dependency is of any version, or from no registry.',
    why: 'What is installed is decided by whoever publishes or pushes last, and no audit knows it.',
    instead: '"express": "^5.1.0"',
    reference: 'ASVS 15.1.1',
    *find({ manifest }) {
      for (const [name, range] of Object.entries(manifest?.dependencies ?? {}))
        if (
          /^(?:\*|x|latest|next|>=?\s*[\d.]+|)$/.test(range.trim()) ||
          /^(?:git|https?|github):|\.git(?:#|$)/.test(range)
        )
          yield { where: `package.json: dependencies.${name}`, detail: `It is "${range}".` }
    },
  },
  {
    code: 'project.secret-in-git',
    severity: 'error',
    title: 'A file of secrets is not kept out of git.',
    why: 'What was once pushed is read by everybody who ever gets the repository, whatever is removed later.',
    instead: '.env // a line of .gitignore; and change the secrets, if it was ever committed',
    reference: 'ASVS 13.3.1',
    *find({ unignored }) {
      for (const name of unignored) yield { where: name }
    },
  },
  {
    code: 'project.several-cores',
    severity: 'warning',
    title: 'Several versions of @gatehouse/core are installed.',
    why: 'A scheme or a store of one is used by a gate of the other, with the rules of neither.',
    instead: 'npm dedupe',
    reference: 'docs/guides/doctor.md',
    *find({ coreVersions }) {
      if (coreVersions.length > 1)
        yield { where: 'node_modules', detail: `They are ${coreVersions.join(', ')}.` }
    },
  },
  {
    code: 'project.beside-the-gate',
    severity: 'info',
    title: 'A package does what the gate does, a second time.',
    why: 'Two answers to one question: headers that contradict each other, limits that count twice, an order that nobody wrote down.',
    instead: 'npm uninstall it, and say it in the policy',
    reference: 'README.md',
    *find({ manifest }) {
      for (const name of Object.keys(manifest?.dependencies ?? {}))
        if (BESIDE.has(name)) yield { where: `package.json: dependencies.${name}` }
    },
  },
  {
    code: 'project.audit-high',
    severity: 'error',
    title: 'A dependency has a hole that is known to be a bad one.',
    why: 'How to use it is written down for everybody.',
    instead: 'npm audit fix',
    reference: 'ASVS 15.2.1',
    *find({ audit }) {
      for (const { name, severity, title } of advisoriesOf(audit))
        if (severity === 'high' || severity === 'critical')
          yield { where: name, detail: `${severity}: ${title}` }
    },
  },
  {
    code: 'project.audit-known',
    severity: 'warning',
    title: 'A dependency has a known hole.',
    why: 'How to use it is written down for everybody.',
    instead: 'npm audit fix',
    reference: 'ASVS 15.2.1',
    *find({ audit }) {
      for (const { name, severity, title } of advisoriesOf(audit))
        if (severity !== 'high' && severity !== 'critical')
          yield { where: name, detail: `${severity}: ${title}` }
    },
  },
  {
    code: 'project.no-audit',
    severity: 'warning',
    title: 'The dependencies could not be audited.',
    why: 'Nobody has looked whether one of them has a known hole.',
    instead: 'gatehouse doctor // where the registry is within reach, or --no-audit',
    reference: 'docs/guides/doctor.md',
    *find({ audit, lockFile }) {
      if (audit?.done === false) yield { where: nameOf(lockFile), detail: sentence(audit.why) }
    },
  },
  {
    code: 'project.outdated',
    severity: 'info',
    title: 'There is a newer version of a dependency, in the same line.',
    why: 'Holes are often mended before anybody writes down that they were there: no audit knows those.',
    instead: 'npm update',
    reference: 'ASVS 15.1.1',
    *find({ outdated }) {
      for (const each of olderOf(outdated)) if (!isOtherLine(each)) yield seenOlder(each)
    },
  },
  {
    code: 'project.outdated-major',
    severity: 'info',
    title: 'A dependency is of a line that a newer one has taken the place of.',
    why: 'Old lines are mended for a while only, and nobody says when that while is over.',
    instead: 'npm install NAME@latest // and read what has changed',
    reference: 'ASVS 15.1.1',
    *find({ outdated }) {
      for (const each of olderOf(outdated)) if (isOtherLine(each)) yield seenOlder(each)
    },
  },
  {
    code: 'project.no-outdated',
    severity: 'info',
    title: 'Whether there are newer versions of the dependencies could not be asked.',
    why: 'Nobody has looked whether one of them has been mended since.',
    instead: 'gatehouse doctor // where the registry is within reach, or --no-audit',
    reference: 'docs/guides/doctor.md',
    *find({ outdated, lockFile }) {
      if (outdated?.done === false) yield { where: nameOf(lockFile), detail: sentence(outdated.why) }
    },
  },
]

function endOf(major: number): string | undefined {
  if (!Number.isInteger(major)) return undefined
  if (major < 18) return '2025-04-30'
  // A line with an odd number ends when the next one begins.
  return END_OF_LIFE[major] ?? (major % 2 === 1 ? `${2013 + (major + 1) / 2}-06-01` : undefined)
}

/** The lines by which it is started. */
function* startLines({ manifest, dockerfile }: Project): Iterable<readonly [where: string, line: string]> {
  for (const [name, line] of Object.entries(manifest?.scripts ?? {}))
    if (/^(?:pre|post)?(?:start|serve|production|prod)(?::|$)/.test(name))
      yield [`package.json: scripts.${name}`, line]
  for (const line of dockerfile)
    if (/^\s*(?:ENV|CMD|ENTRYPOINT|ARG)\b/i.test(line)) yield ['Dockerfile', line]
}

function advisoriesOf(audit: Project['audit']): Extract<Project['audit'], { done: true }>['advisories'] {
  return audit?.done === true ? audit.advisories : []
}

function olderOf(outdated: Project['outdated']): readonly Older[] {
  return outdated?.done === true ? outdated.older : []
}

/** Another major version; below 1.0 each minor one is a line of its own. */
function isOtherLine({ current, latest }: Older): boolean {
  const [ones, others] = [numbersOf(current), numbersOf(latest)]
  return ones[0] !== others[0] || (ones[0] === 0 && ones[1] !== others[1])
}

function seenOlder({ name, current, latest }: Older): Seen {
  return { where: name, detail: `It is ${current}, and there is ${latest}.` }
}

/** The name of the file alone: where it lies on this machine is nobody else's to know. */
function nameOf(lockFile: string | undefined): string {
  return lockFile === undefined ? 'package.json' : basename(lockFile)
}

function sentence(text: string): string {
  return text.includes('. Is ') ? `${text}?` : `${text}.`
}
