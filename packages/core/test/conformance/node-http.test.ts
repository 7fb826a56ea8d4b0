import { conform } from './suite.ts'
import { nodeHttp } from './node-http.ts'

conform('node:http', nodeHttp)
