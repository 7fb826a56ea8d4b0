import { smoke } from '../../../packages/core/test/support/framework.ts'

smoke('hono')
