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
  type Serving,
} from './adapter-conformance.ts'
export type { Malformed } from './adapter/malformed.ts'
export { StatusError } from './adapter/reference.ts'
export type { Received, Sent } from './http.ts'
export { movableClock, type MovableClock } from './movable-clock.ts'
export { referenceStore, type ReferenceStore } from './reference-store.ts'
export {
  admitted,
  type ClockedPart,
  type Expiry,
  type StoreCheck,
  storeChecks,
  storeConformance,
  type StoreConformanceOptions,
} from './store-conformance.ts'
