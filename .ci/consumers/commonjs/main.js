const assert = require('node:assert/strict')
const { readFileSync, readdirSync } = require('node:fs')
const { join } = require('node:path')

async function main() {
  // Of every package that is installed here there is one copy of the code, however it is loaded, so one set of counters.
  const folder = join(__dirname, 'node_modules', '@gatehouse')
  const names = readdirSync(folder)
  assert.ok(names.includes('core'))
  for (const name of names) {
    const path = join(folder, name, 'package.json')
    assert.equal(JSON.parse(readFileSync(path, 'utf8')).type, 'module')
    const required = require(`@gatehouse/${name}`)
    const imported = await import(`@gatehouse/${name}`)
    assert.ok(Object.keys(required).length > 0, name)
    for (const [key, value] of Object.entries(required)) assert.equal(imported[key], value, `${name} ${key}`)
  }
}

void main()
