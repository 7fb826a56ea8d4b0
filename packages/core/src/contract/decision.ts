/**
 * What a predicate or a policy engine decides, with what the log should know of it (AZ-08).
 *
 * The texts go to the log alone: name the policy and say why, and quote nothing that is secret.
 */
export interface Decision {
  /** Whether the request may go on. */
  readonly allowed: boolean
  /** Why, for people who read logs. */
  readonly reason?: string
  /** Which policy, rule or statement decided, by the name that its authors know. */
  readonly policy?: string
}
