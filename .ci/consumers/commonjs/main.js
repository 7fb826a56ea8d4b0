const assert = require('node:assert/strict')
const core = require('@gatehouse/core')

assert.equal(typeof core, 'object')

async function main() {
  // One copy of the code however it is loaded, so one set of counters.
  const imported = await import('@gatehouse/core')
  for (const [name, value] of Object.entries(core)) assert.equal(imported[name], value, name)
}

void main()
