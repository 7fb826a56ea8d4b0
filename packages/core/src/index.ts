/**
 * Gatehouse: one typed policy, compiled once, guards an API on node:http.
 *
 * @module
 */
export type { Asked } from './chain/asked.ts'
export type { Coverage, RouteCovered } from './chain/coverage.ts'
export type { AddressesDescription, ContentDescription, RouteDescription } from './chain/describe.ts'
export { formatRoutes, routeAsks } from './chain/format-routes.ts'
export type { PolicyDescription, RuleDescription } from './chain/describe-policy.ts'
export { EVENT_CHANNEL } from './chain/events.ts'
export type { Explanation, PartExplained } from './chain/explain.ts'
export type { CheckName } from './chain/order.ts'
export type { OpenApiDocument, SecurityRequirements } from './chain/openapi.ts'
export type { Policy, Rule } from './chain/policy.ts'
export type { PartName } from './checks/authorize/part.ts'
export type { AdaptiveConcurrency, ConcurrencyLimit } from './checks/concurrency.ts'
export { type AddressList, addressList, type AddressRules } from './checks/address.ts'
export type { CorsOptions, CorsSetting, OriginResolver } from './checks/cors.ts'
export {
  type CrossSiteOptions,
  type CrossSiteToken,
  crossSiteToken,
  type CrossSiteTokenOptions,
  type Isolation,
} from './checks/cross-site.ts'
export type { HeaderPreset } from './checks/security-headers/presets.ts'
export type { HstsOptions } from './checks/hsts.ts'
export type { HttpsOptions, HttpsSetting } from './checks/https.ts'
export type {
  ContentOptions,
  ContentSetting,
  ContentType,
  FormContentLimits,
  JsonContentLimits,
} from './checks/content.ts'
export type { IdempotencyOptions, IdempotencySetting } from './checks/idempotency.ts'
export type { ProtectedResource } from './checks/protected-resource.ts'
export type { QueryOptions, RequestOptions } from './checks/request.ts'
export type { Ban, CountedBy, RateLimit, RateLimitFields } from './checks/rate-limit.ts'
export type {
  AuthenticatedCache,
  SecurityHeadersOptions,
  SecurityHeadersSetting,
} from './checks/security-headers.ts'
export type {
  ContentSecurityPolicy,
  CspChange,
  CspKeyword,
  CspListChange,
  CspSource,
  CspSourceDirective,
  SandboxFlag,
} from './checks/security-headers/csp-directives.ts'
export type {
  PermissionsAllowlist,
  PermissionsFeature,
  PermissionsPolicy,
} from './checks/security-headers/permissions.ts'
export type { Reporting } from './checks/security-headers/reporting.ts'
export type { Priority, Shedding } from './checks/shed.ts'
export { CODES, type Code, type CodeRow } from './contract/codes.ts'
export type { Decision } from './contract/decision.ts'
export type { EventOutcome, Observer, SecurityEvent } from './contract/event.ts'
export { type Kind, type KindRow, KINDS } from './contract/kinds.ts'
export type { Gauges, KeySet, Meter, StoreUse } from './contract/meter.ts'
export { ConfigError, type Mistake, type MistakeCode, MISTAKES, type Said } from './contract/mistakes.ts'
export type { Counted, LimitControl, LimitState, PolicyLimit, RequestLimit } from './contract/limits.ts'
export type { Pass } from './contract/pass.ts'
export { type Principal, principalKey } from './contract/principal.ts'
export type { Query } from './contract/query.ts'
export type { RequestContent, RequestFacts } from './contract/request.ts'
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
export type {
  Adjustment,
  Algorithm,
  Charge,
  Counters,
  Outcome,
  Quota,
  Records,
  Store,
  StoreCall,
} from './contract/store.ts'
export type {
  OAuthFlow,
  OAuthFlows,
  SchemeDescription,
  SecuritySchemeObject,
} from './contract/description.ts'
export {
  type WebhookProblem,
  type WebhookVerdict,
  type WebhookVerifier,
  webhookVerifier,
  type WebhookVerifierOptions,
} from './identity/webhook-verifier.ts'
export {
  type MessageProblem,
  type MessageVerdict,
  type MessageVerifier,
  messageVerifier,
  type MessageVerifierOptions,
  type SignedMessage,
} from './identity/message-verifier.ts'
export type { WebhookSecrets } from './options/webhook-secrets.ts'
export { generateWebhookSecret } from './lib/standard-webhook.ts'
export { allOf, type AllOfPrincipal, type PrincipalsOf } from './identity/all-of.ts'
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
  type ApiKeyPlacement,
  type ApiKeyPrincipal,
  type ApiKeyRecord,
  type OnApiKeyUse,
  type UsedApiKey,
} from './identity/api-key.ts'
export { rotateApiKey, type RotateApiKeyOptions, type RotatedApiKey } from './identity/api-key-rotation.ts'
export {
  type Account,
  basic,
  type BasicOptions,
  type BasicPrincipal,
  type BasicUser,
  type VerifyUser,
} from './identity/basic.ts'
export {
  bearer,
  type BearerAccount,
  type BearerOptions,
  type BearerPrincipal,
  type VerifyBearer,
} from './identity/bearer-scheme.ts'
export {
  digest,
  digestHash,
  type DigestLookup,
  type DigestOptions,
  type DigestPrincipal,
  type DigestUser,
  type FoundDigestUser,
} from './identity/digest.ts'
export {
  dpop,
  type DpopAlgorithm,
  type DpopNonceOptions,
  type DpopNonceSecret,
  type DpopOptions,
} from './identity/dpop.ts'
export { jwkThumbprint } from './identity/jwk-thumbprint.ts'
export {
  jwt,
  type JwtCommonOptions,
  type JwtIssuersOptions,
  type JwtOptions,
  type JwtPrincipal,
} from './identity/jwt.ts'
export type { TrustedIssuer } from './identity/jwt/issuers.ts'
export {
  type Revocable,
  type Revocations,
  revocations,
  type RevocationsOptions,
  type Revoked,
} from './identity/revocations.ts'
export { type CertificateSource, mutualTls, type MutualTlsOptions } from './identity/mutual-tls.ts'
export {
  type CertificateHolder,
  type CertificatePrincipal,
  clientCertificate,
  type ClientCertificateOptions,
  type FindHolder,
  type PresentedCertificate,
} from './identity/mutual-tls/client-certificate.ts'
export type { CompiledTokens, TokenPrincipal, TokenScheme, TokenVerdict } from './identity/tokens.ts'
export {
  introspection,
  type IntrospectionOptions,
  type IntrospectionPrincipal,
} from './identity/introspection.ts'
export type { AccessFrom } from './identity/jwt/access.ts'
export {
  auth0,
  type Auth0Options,
  cognito,
  type CognitoOptions,
  entra,
  type EntraOptions,
  keycloak,
  type KeycloakOptions,
  type Provider,
} from './identity/providers.ts'
export { type RemoteKeys, remoteKeys, type RemoteKeysOptions } from './identity/remote-keys.ts'
export type { RemoteOptions } from './identity/remote/options.ts'
export type { JwtAlgorithm } from './identity/jwt/algorithms.ts'
export type { RegisteredClaims } from './identity/jwt/claims.ts'
export type { Jwk } from './identity/jwt/jwk.ts'
export type { KeyMaterial } from './identity/jwt/key-material.ts'
export type { JwtKey } from './identity/jwt/keys.ts'
export {
  oauth2AuthorizationCodeBearer,
  type OAuth2AuthorizationCodeBearerOptions,
  oauth2PasswordBearer,
  type OAuth2PasswordBearerOptions,
  openIdConnect,
  type OpenIdConnectOptions,
} from './identity/oauth2-bearers.ts'
export {
  type AuthorizationServerMetadata,
  authorizationServerMetadata,
  type AuthorizationServerOptions,
  type ClientAuthentication,
  jsonDocument,
  type JsonDocumentOptions,
} from './identity/authorization-server.ts'
export {
  type LoginAttempt,
  type LoginLimit,
  type LoginProtection,
  loginProtection,
  type LoginProtectionOptions,
} from './identity/login-protection.ts'
export type { JwkSet, PublishedKey } from './identity/published-keys.ts'
export {
  type FindAccount,
  type RefreshGrant,
  type RefreshTokens,
  refreshTokens,
  type RefreshTokensOptions,
  type RefreshTokenState,
} from './identity/refresh-tokens.ts'
export { revocationEndpoint, type RevocationEndpointOptions } from './identity/token-endpoint/revocation.ts'
export {
  parsePasswordForm,
  type FormProblem,
  type PasswordForm,
  type PasswordFormOptions,
} from './identity/oauth2-form.ts'
export { hashPassword, verifyPassword } from './identity/passwords.ts'
export {
  session,
  type SessionChanges,
  type SessionInput,
  type SessionKey,
  type SessionOptions,
  type SessionPrincipal,
  type SessionRequest,
  type SessionResponse,
  type Sessions,
} from './identity/session.ts'
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
  type EndpointHandler,
  type EndpointPass,
  type FindClient,
  type GrantType,
  type OAuthClient,
  type TokenAccount,
  tokenEndpoint,
  type TokenEndpointOptions,
  type TokenRequest,
  type VerifyPasswordGrant,
} from './identity/token-endpoint.ts'
export { type Clock, systemClock } from './lib/clock.ts'
export { clearSiteData, type SiteDataType } from './lib/clear-site-data.ts'
export type { Duration } from './lib/duration.ts'
export { networkOf } from './lib/ip.ts'
export { reveal, type Secret, secret } from './lib/secret.ts'
export type { Admitted, Gate, Handler, Listener, UpgradeHandler } from './node/gate.ts'
export type { HttpServer } from './node/http2-sessions.ts'
export { gatehouse } from './node/gatehouse.ts'
export type { ServerLimits } from './node/server-limits.ts'
export {
  type BrowserReport,
  type OnReport,
  reportCollector,
  type ReportCollectorOptions,
} from './node/report-collector.ts'
export {
  type Alert,
  type AlertAction,
  type AlertCallback,
  type AlertReceiver,
  type AlertRule,
  type AlertRuleName,
  type Alerts,
  type AlertSample,
  type AlertSeverity,
  type AlertsOptions,
  type AlertSubject,
  type AlertTuning,
  alerts,
} from './observe/alerts.ts'
export { type BanOptions, banWith } from './observe/alerts/ban.ts'
export { slackAlerts, type SlackAlertsOptions } from './observe/alerts/slack.ts'
export type { PostOptions } from './observe/alerts/post-options.ts'
export { webhookAlerts, type WebhookAlertsOptions } from './observe/alerts/webhook.ts'
export { consoleLogger, type ConsoleLoggerOptions } from './observe/console-logger.ts'
export type { Attempt as AlertAttempt, Sent as AlertSent } from './observe/delivery.ts'
export { type FileLog, fileLog, type FileLogOptions } from './observe/file-log.ts'
export { jsonLines, type JsonLinesOptions, type LineStream } from './observe/json-lines.ts'
export { type Logger, type LogLevel, logTo, type LogToOptions } from './observe/log-to.ts'
export {
  type EventCount,
  type Metrics,
  metrics,
  type MetricsOptions,
  type MetricsSnapshot,
  type ResponseTimes,
  type StoreCallTimes,
} from './observe/metrics.ts'
export type { HistogramState } from './observe/metrics/histogram.ts'
export type { LoopDelays } from './observe/metrics/loop-delay.ts'
export { OTEL_NAMES, otelAttributes, type OtelAttributes } from './observe/otel-attributes.ts'
export { sampled, type Sampling } from './observe/sampled.ts'
export type { Lossy, LossyObserver, OutcomeCounts, Sink } from './observe/sink.ts'
export { webhook, type WebhookOptions } from './observe/webhook.ts'
export {
  clusterStore,
  type ClusterStoreOptions,
  serveClusterStore,
  type ServeClusterStoreOptions,
  type ServedClusterStore,
} from './limiting/cluster-store.ts'
export { memoryStore, type MemoryStoreOptions } from './limiting/memory-store.ts'
export type { AccessRule, DenyPredicate, Predicate, StepUp } from './options/access-rule.ts'
export {
  allowedBy,
  EngineFailure,
  type PolicyEngine,
  type PolicyQuery,
  type PolicyQuestion,
  type PolicyResource,
} from './options/engine.ts'
export type { ObjectRule } from './options/object-rule.ts'
export type { RoleGrant, RoleHierarchy } from './options/roles.ts'
export type {
  NoProxyOptions,
  PresetProxyOptions,
  ProxyOptions,
  ProxySetting,
  TrustedHopsOptions,
  TrustedProxyOptions,
  TrustedRangesOptions,
} from './request/proxy.ts'
export type { OverridingMethod } from './request/method-override.ts'
export type { ProxyFinding } from './node/check-proxy.ts'
export type { ProxyPreset } from './request/proxy-presets.ts'
