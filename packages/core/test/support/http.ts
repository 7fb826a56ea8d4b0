export * from '../../../testkit/src/http.ts'
