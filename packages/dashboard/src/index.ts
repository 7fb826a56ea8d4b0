/**
 * A live page of what a gate decides, served by the gate itself.
 *
 * @module
 */
export {
  type Dashboard,
  DASHBOARD_HEADERS,
  dashboard,
  type DashboardAlerts,
  type DashboardOptions,
} from './dashboard.ts'
export type { WatchedGate } from './near.ts'
export type { Near, Outcomes, Ranked, Second, ShownAlert, Told, View } from './view.ts'
