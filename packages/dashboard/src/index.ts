/**
 * A live page of what a gate decides, served by the gate itself.
 *
 * @module
 */
export { type Dashboard, DASHBOARD_HEADERS, dashboard } from './dashboard.ts'
export type { DashboardAlerts, DashboardOptions } from './options.ts'
export type { WatchedGate } from './near.ts'
export type { Near, Outcomes, Ranked, Second, ShownAlert, ShownRoute, Told, View } from './view.ts'
