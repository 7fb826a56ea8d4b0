/**
 * Tests for what is made for Gatehouse.
 *
 * @module
 */
export {
  adapterChecks,
  type AdapterCheck,
  adapterConformance,
  type AdapterConformanceOptions,
  type Mount,
} from './adapter-conformance.ts'
export type { Malformed } from './adapter/malformed.ts'
export type { AppServer, TlsSettings } from './adapter/transport.ts'
export {
  type Attacked,
  type RequestAttack,
  type RequestAttackFamily,
  requestAttacks,
} from './attacks/requests.ts'
export { type MustNot, type TokenAttack, type TokenAttackFamily, tokenAttacks } from './attacks/tokens.ts'
export { StatusError } from './adapter/reference.ts'
export type { Witness } from './adapter/witness.ts'
export { fakeIssuer, type FakeIssuer, type FakeIssuerOptions } from './fake-issuer.ts'
export type { Received, Sent } from './http.ts'
export {
  type Caller,
  type CallerName,
  CALLERS,
  type TokenClaims,
  type TokenOptions,
} from './issuer/callers.ts'
export type { IssuerEndpoint, Misbehaviour } from './issuer/endpoints.ts'
export type { FakeAlgorithm, SigningKey } from './issuer/signing.ts'
export { movableClock, type MovableClock } from './movable-clock.ts'
export { referenceStore, type ReferenceStore } from './reference-store.ts'
export type { ExpectedRoute } from './refusals/routes.ts'
export type { BadToken, Granted, TokenSource } from './refusals/tokens.ts'
export {
  type OpenRoute,
  type RefusalCheck,
  refusalChecks,
  type RefusalOptions,
  type Refusals,
  refusesWithout,
} from './refuses-without.ts'
export {
  admitted,
  type ClockedPart,
  type Expiry,
  type StoreCheck,
  storeChecks,
  storeConformance,
  type StoreConformanceOptions,
} from './store-conformance.ts'
export type { Target } from './target.ts'
export { attackChecks, type AttackCheck, type AttackOptions, violationOf, withstands } from './withstands.ts'
