import assert from 'node:assert/strict'
import * as core from '@gatehouse/core'
import * as express from '@gatehouse/adapter-express'
import * as koa from '@gatehouse/adapter-koa'

for (const loaded of [core, express, koa]) assert.equal(typeof loaded, 'object')
