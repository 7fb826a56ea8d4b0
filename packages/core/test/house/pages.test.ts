import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import * as core from '../../src/index.ts'
import { fencesOf, textOf } from '../support/documents/fences.ts'

const root = new URL('../../../../', import.meta.url)
const INDEX = textOf('docs/README.md')

/** The guides that whoever begins looks for, by what they want to do. */
const TASKS: Readonly<Record<string, string>> = {
  'protect an API in five minutes': 'five-minutes',
  'put it behind a proxy': 'behind-a-proxy',
  'add roles': 'add-roles',
  'limit a login': 'limit-a-login',
  'go to several machines': 'several-machines',
  'read the dashboard': 'dashboard',
}

/** The page of a scheme, where it is not called like it. */
const PAGE_OF: Readonly<Record<string, string>> = {
  clientCertificate: 'mutual-tls',
  oauth2AuthorizationCodeBearer: 'oauth2',
  oauth2PasswordBearer: 'oauth2',
  openIdConnect: 'oauth2',
}

interface Manifest {
  readonly name: string
  readonly bin?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** The exported functions that give a scheme, and what a session is made with. */
const schemes = [
  ...readdirSync(new URL('packages/core/src/identity/', root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const text = readFileSync(new URL(`packages/core/src/identity/${name}`, root), 'utf8')
      return [...text.matchAll(/^export function (\w+)[^{}]*?\)?: (?:Token)?Scheme<[^]*?> \{$/gm)]
    })
    .flatMap(([, name = '']) => (name in core ? [name] : [])),
  'session',
]

const members = readdirSync(new URL('packages/', root)).filter((name) =>
  existsSync(new URL(`packages/${name}/package.json`, root)),
)

describe('the pages', () => {
  test('there are schemes to look for', () => {
    for (const name of [
      'jwt',
      'apiKey',
      'basic',
      'digest',
      'allOf',
      'anyOf',
      'openIdConnect',
      'mutualTls',
      'dpop',
    ])
      assert.ok(schemes.includes(name), name)
  })

  for (const name of schemes) {
    test(`the scheme ${name} has a page, which shows it and stands in the index`, () => {
      const page = PAGE_OF[name] ?? name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
      assert.match(textOf(`docs/checks/${page}.md`), new RegExp(`\\b${name}\\b`))
      assert.ok(INDEX.includes(`(checks/${page}.md)`), `docs/README.md does not link ${page}`)
    })
  }

  for (const [task, name] of Object.entries(TASKS)) {
    test(`there is a guide for who wants to ${task}, with code, in the index`, () => {
      const page = `docs/guides/${name}.md`
      assert.ok(fencesOf(page, textOf(page)).some(({ language }) => language === 'ts'))
      assert.ok(INDEX.includes(`(guides/${name}.md)`))
    })
  }

  test('every guide, store and move from another package is in the index', () => {
    for (const folder of ['guides', 'stores', 'migrating', 'decisions'])
      for (const name of readdirSync(new URL(`docs/${folder}/`, root)))
        assert.ok(INDEX.includes(`(${folder}/${name})`), `${folder}/${name}`)
  })
})

describe('the README of every package', () => {
  for (const folder of members) {
    const manifest = JSON.parse(textOf(`packages/${folder}/package.json`)) as Manifest
    const { name, bin = {}, dependencies = {}, peerDependencies = {} } = manifest
    const page = `packages/${folder}/README.md`

    test(`${name}: says how it is installed, before anything else`, () => {
      const [first] = fencesOf(page, textOf(page))
      assert.equal(first?.language, 'sh')
      assert.match(first.code.split('\n')[0] ?? '', new RegExp(`^pnpm add .*${name}( |$)`))
    })

    test(`${name}: shows the first five minutes`, () => {
      const fences = fencesOf(page, textOf(page))
      const commands = Object.keys(bin)
      const isShown = fences.some(({ language, code }) =>
        commands.length > 0
          ? commands.some((command) => code.includes(`npx ${command} `))
          : language === 'ts' && code.includes(`'${name}'`),
      )
      assert.ok(isShown)
    })

    test(`${name}: says what it depends on, as its manifest does`, () => {
      const [text = ''] = /\bIt needs [^]*?(?=\n\n|$)/.exec(textOf(page).trimEnd()) ?? []
      const words = text.replaceAll(/\s+/g, ' ')
      for (const [peer, range] of Object.entries(peerDependencies))
        assert.ok(
          words.includes(range.startsWith('workspace:') ? `\`${peer}\`` : `\`${peer}\` \`${range}\``),
          peer,
        )
      for (const one of Object.keys(dependencies)) assert.ok(words.includes(`\`${one}\``), one)
      if (Object.keys(dependencies).length > 0) assert.match(words, / brings (?!nothing)/)
      else assert.match(words, / brings nothing else|It needs nothing but Node/)
      assert.match(words, /Node 20\.19 or newer/)
    })
  }
})
