import * as core from '@gatehouse/core'

const loaded: object = core
if (typeof loaded !== 'object') throw new Error('core is not loaded')
