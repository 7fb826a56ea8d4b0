/**
 * Gatehouse: one typed policy, compiled once, guards an API on node:http.
 *
 * @module
 */
export { EVENT_CHANNEL } from './chain/events.ts'
export type { CheckName } from './chain/order.ts'
export type { Policy, Rule } from './chain/policy.ts'
export type { CorsOptions, OriginResolver } from './checks/cors.ts'
export type { HeaderPreset } from './checks/header-presets.ts'
export type { HstsOptions } from './checks/hsts.ts'
export type { HttpsOptions, HttpsSetting } from './checks/https.ts'
export type { RateLimit } from './checks/rate-limit.ts'
export type { SecurityHeadersOptions, SecurityHeadersSetting } from './checks/security-headers.ts'
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
export { anyOf, type PrincipalOf } from './identity/any-of.ts'
export {
  generateApiKey,
  type GeneratedApiKey,
  hashApiKey,
  parseApiKey,
  type ParsedApiKey,
} from './identity/api-key-format.ts'
export {
  apiKey,
  type ApiKeyLookup,
  type ApiKeyOptions,
  type ApiKeyPrincipal,
  type ApiKeyRecord,
} from './identity/api-key.ts'
export {
  type Account,
  basic,
  type BasicOptions,
  type BasicPrincipal,
  type BasicUser,
  type VerifyUser,
} from './identity/basic.ts'
export { jwt, type JwtOptions, type JwtPrincipal } from './identity/jwt.ts'
export type { AccessFrom } from './identity/jwt/access.ts'
export type { JwtAlgorithm } from './identity/jwt/algorithms.ts'
export type { RegisteredClaims } from './identity/jwt/claims.ts'
export type { KeyMaterial } from './identity/jwt/key-material.ts'
export type { JwtKey } from './identity/jwt/keys.ts'
export {
  type OAuth2PasswordBearer,
  oauth2PasswordBearer,
  type OAuth2PasswordBearerOptions,
  type OAuth2PasswordDescription,
} from './identity/oauth2-password-bearer.ts'
export { parsePasswordForm, type FormProblem, type PasswordForm } from './identity/oauth2-form.ts'
export { hashPassword, verifyPassword } from './identity/passwords.ts'
export {
  signJwt,
  type SignJwtOptions,
  type IssuedToken,
  type TokenInput,
  type TokenIssuer,
  tokenIssuer,
  type TokenIssuerOptions,
} from './identity/sign.ts'
export {
  type TokenAccount,
  tokenEndpoint,
  type TokenEndpointOptions,
  type TokenRequest,
  type VerifyPasswordGrant,
} from './identity/token-endpoint.ts'
export { type Clock, systemClock } from './lib/clock.ts'
export type { Duration } from './lib/duration.ts'
export type { Admitted, Gate, Handler } from './node/gate.ts'
export { gatehouse } from './node/gatehouse.ts'
export { consoleLogger, type ConsoleLoggerOptions } from './observe/console-logger.ts'
export { jsonLines } from './observe/json-lines.ts'
export { memoryStore, type MemoryStoreOptions } from './limiting/memory-store.ts'
export type { AccessRule, Predicate } from './options/access-rule.ts'
export type { RoleHierarchy } from './options/roles.ts'
export type {
  NoProxyOptions,
  ProxyOptions,
  ProxySetting,
  TrustedHopsOptions,
  TrustedProxyOptions,
  TrustedRangesOptions,
} from './request/proxy.ts'
