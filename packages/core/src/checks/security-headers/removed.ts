/**
 * Response headers that tell an attacker what runs here: products, versions, hosts behind the front, trace ids.
 *
 * The list of the OWASP Secure Headers Project (`ci/headers_remove.json`, 88 names as of September 2026), spelled as
 * it is there (HDR-05, ASVS 13.4.6).
 */
const OWASP = `
  $wsep Host-Header K-Proxy-Request Liferay-Portal OracleCommerceCloud-Version Pega-Host Powered-By Product Server
  SourceMap TeamCity-Node-Id X-AspNet-Version X-AspNetMvc-Version X-Atmosphere-error X-Atmosphere-first-request
  X-Atmosphere-tracking-id X-B3-ParentSpanId X-B3-Sampled X-B3-SpanId X-B3-TraceId X-BEServer X-Backside-Transport
  X-CF-Powered-By X-CMS X-CalculatedBETarget X-Cocoon-Version X-Content-Encoded-By X-Datadog-Origin
  X-Datadog-Parent-Id X-Datadog-Sampling-Priority X-Datadog-Tags X-Datadog-Trace-Id X-DiagInfo X-Envoy-Attempt-Count
  X-Envoy-External-Address X-Envoy-Internal X-Envoy-Original-Dst-Host X-Envoy-Upstream-Service-Time X-FEServer
  X-Framework X-Generated-By X-Generator X-Gitlab-Meta X-Jitsi-Release X-Joomla-Version X-Kong-Admin-Latency
  X-Kong-Client-Latency X-Kong-Proxy-Latency X-Kong-Request-Id X-Kong-Response-Latency X-Kong-Third-Party-Latency
  X-Kong-Total-Latency X-Kong-Upstream-Latency X-Kong-Upstream-Status X-Kubernetes-PF-FlowSchema-UI
  X-Kubernetes-PF-PriorityLevel-UID X-LiteSpeed-Cache X-LiteSpeed-Purge X-LiteSpeed-Tag X-LiteSpeed-Vary
  X-Litespeed-Cache-Control X-Mod-Pagespeed X-Nextjs-Cache X-Nextjs-Matched-Path X-Nextjs-Page X-Nextjs-Redirect
  X-OWA-Version X-Old-Content-Length X-OneAgent-JS-Injection X-Page-Speed X-Php-Version X-Powered-By
  X-Powered-By-Plesk X-Powered-CMS X-Redirect-By X-Server-Powered-By X-SourceFiles X-SourceMap X-Turbo-Charged-By
  X-Tyk-Trace-Id X-Umbraco-Version X-Varnish-Backend X-Varnish-Server X-Woodpecker-Version X-dtAgentId X-dtHealthCheck
  X-dtInjectedServlet X-ruxit-JS-Agent
`

/** The OWASP list lacks the last letter of this one, which Kubernetes sends with it. */
const CORRECTED = 'X-Kubernetes-PF-FlowSchema-UID'

/** Names, in lower case, of headers that no response carries. */
export const REMOVED_HEADERS: ReadonlySet<string> = new Set(
  `${OWASP} ${CORRECTED}`.trim().toLowerCase().split(/\s+/),
)
