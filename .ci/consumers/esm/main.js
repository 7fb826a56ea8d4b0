import assert from 'node:assert/strict'
import * as core from '@gatehouse/core'

assert.equal(typeof core, 'object')
