import type { Check } from './check.ts'
import type { Site } from './site.ts'
import { CORS_SITE_CHECKS } from './site-cors-checks.ts'
import { FIELD_CHECKS } from './site-field-checks.ts'
import { SERVER_CHECKS } from './site-server-checks.ts'
import { TLS_CHECKS } from './site-tls-checks.ts'

/** What is looked for in a running API. */
export const SITE_CHECKS: readonly Check<Site>[] = [
  ...TLS_CHECKS,
  ...FIELD_CHECKS,
  ...CORS_SITE_CHECKS,
  ...SERVER_CHECKS,
]
