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

/**
 * Where alerts go: made by {@link webhookAlerts} or {@link slackAlerts}, or of your own.
 *
 * @example
 * const pager: AlertReceiver = {
 *   name: 'the pager',
 *   send: async ([alert], { id, signal }) => {
 *     const body = JSON.stringify({ id, alert })
 *     const { ok, status } = await fetch('https://pager.example.com/', { method: 'POST', body, signal })
 *     return ok ? { type: 'sent' } : { type: 'later', reason: `the answer was ${status}` }
 *   },
 * }
 */
export interface AlertReceiver {
  /** How warnings call it: no URL, which may be a secret. */
  readonly name: string
  /** Hands alerts over: one with each call. */
  readonly send: Send<Alert>
}

/** What of the queue of a receiver is otherwise: nobody but those who make one here can say it. */
const RULES = new WeakMap<AlertReceiver, Partial<DeliveryRules>>()

/** A receiver whose queue has rules of its own. */
export function ruled(receiver: AlertReceiver, rules: Partial<DeliveryRules>): AlertReceiver {
  RULES.set(receiver, rules)
  return receiver
}

/** Hears alerts. It may throw, reject, hang or be slow: then it is called again later, with the same alert. */
export type AlertCallback = (alert: Alert) => unknown

/** A queue before a receiver. */
export function queueFor(receiver: AlertReceiver, ambient: Partial<DeliveryAmbient>): Delivery<Alert> {
  const { name } = receiver
  const rules = { ...DELIVERY_DEFAULTS, ...RULES.get(receiver), name }
  // Called as what it is: a receiver may be an object with a state.
  return delivery(rules, (alerts, attempt) => receiver.send(alerts, attempt), ambient)
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
