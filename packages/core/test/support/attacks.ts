export * from '../../../testkit/src/attacks/request-tables.ts'
export * from '../../../testkit/src/attacks/token-tables.ts'
