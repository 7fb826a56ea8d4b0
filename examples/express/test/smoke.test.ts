import { smoke } from '../../node-http/test/support/framework.ts'

smoke('express')
