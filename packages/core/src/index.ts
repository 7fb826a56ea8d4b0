/**
 * Gatehouse: one typed policy, compiled once, guards an API on node:http.
 *
 * @module
 */
export { EVENT_CHANNEL } from './chain/events.ts'
export type { CheckName } from './chain/order.ts'
export type { Policy, Rule } from './chain/policy.ts'
export type { CorsOptions, OriginResolver } from './checks/cors.ts'
export { CODES, type Code, type CodeRow } from './contract/codes.ts'
export type { EventOutcome, Observer, SecurityEvent } from './contract/event.ts'
export { type Kind, type KindRow, KINDS } from './contract/kinds.ts'
export { ConfigError, type Mistake, type MistakeCode, MISTAKES } from './contract/mistakes.ts'
export type { Pass } from './contract/pass.ts'
export { type Principal, principalKey } from './contract/principal.ts'
export type { RequestFacts } from './contract/request.ts'
export {
  authenticated,
  bad,
  type ChallengeParams,
  type CompiledScheme,
  type CredentialKind,
  type Identification,
  NO_CREDENTIALS,
  type Scheme,
  type SchemeContext,
} from './contract/scheme.ts'
export type { Charge, Outcome, Quota, Store } from './contract/store.ts'
export { jwt, type JwtOptions, type JwtPrincipal } from './identity/jwt.ts'
export { signJwt } from './identity/sign.ts'
export { type Clock, systemClock } from './lib/clock.ts'
export type { Duration } from './lib/duration.ts'
export type { Admitted, Gate, Handler } from './node/gate.ts'
export { gatehouse } from './node/gatehouse.ts'
export { consoleLogger, type ConsoleLoggerOptions } from './observe/console-logger.ts'
export { jsonLines } from './observe/json-lines.ts'
export type { AccessRule, Predicate } from './options/access-rule.ts'
