import {
  delivery,
  DELIVERY_DEFAULTS,
  type Delivery,
  type DeliveryAmbient,
  type DeliveryRules,
  type Send,
  sent,
} from '../delivery.ts'
import type { Alert } from './alert.ts'

/** Where alerts go: made by {@link webhookAlerts} or {@link slackAlerts}. */
export interface AlertReceiver {
  /** How warnings call it: no URL, which may be a secret. */
  readonly name: string
  /** Hands an alert over. */
  readonly send: Send<Alert>
  /** What of its queue is otherwise. */
  readonly rules?: Partial<DeliveryRules>
}

/** Hears alerts. It may throw, reject, hang or be slow: then it is called again later, with the same alert. */
export type AlertCallback = (alert: Alert) => unknown

/** A queue before a receiver. */
export function queueFor(receiver: AlertReceiver, ambient: Partial<DeliveryAmbient>): Delivery<Alert> {
  return delivery({ ...DELIVERY_DEFAULTS, ...receiver.rules, name: receiver.name }, receiver.send, ambient)
}

/** A function of the user's own as a receiver. */
export function callbackReceiver(call: AlertCallback, name: string): AlertReceiver {
  return {
    name,
    send: async (alerts) => {
      await Promise.all(alerts.map((alert) => call(alert)))
      return sent()
    },
  }
}
