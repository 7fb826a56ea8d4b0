/**
 * Tests for what is made for Gatehouse.
 *
 * @module
 */
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
