import { parseOriginPattern } from '../../lib/origin.ts'
import { nearest } from '../../lib/spelling.ts'
import { sfString } from '../../lib/structured-fields.ts'
import { at, entriesOf, type Place, plainObject, report } from '../../options/read.ts'
import { list } from '../../options/readers.ts'

/** Features that Permissions-Policy decides about: those of its registry, and of browsers in use. */
export const FEATURES = [
  'accelerometer',
  'all-screens-capture',
  'ambient-light-sensor',
  'aria-notify',
  'attribution-reporting',
  'autofill',
  'autoplay',
  'battery',
  'bluetooth',
  'browsing-topics',
  'camera',
  'captured-surface-control',
  'clipboard-read',
  'clipboard-write',
  'compute-pressure',
  'controlled-frame',
  'cross-origin-isolated',
  'deferred-fetch',
  'deferred-fetch-minimal',
  'digital-credentials-create',
  'digital-credentials-get',
  'direct-sockets',
  'direct-sockets-multicast',
  'direct-sockets-private',
  'display-capture',
  'encrypted-media',
  'execution-while-not-rendered',
  'execution-while-out-of-viewport',
  'focus-without-user-activation',
  'fullscreen',
  'gamepad',
  'geolocation',
  'gyroscope',
  'hid',
  'identity-credentials-get',
  'idle-detection',
  'interest-cohort',
  'join-ad-interest-group',
  'keyboard-map',
  'language-detector',
  'language-model',
  'local-fonts',
  'local-network',
  'local-network-access',
  'loopback-network',
  'magnetometer',
  'manual-text',
  'media-playback-while-not-visible',
  'microphone',
  'midi',
  'navigation-override',
  'on-device-speech-recognition',
  'otp-credentials',
  'payment',
  'picture-in-picture',
  'private-aggregation',
  'private-state-token-issuance',
  'private-state-token-redemption',
  'proofreader',
  'publickey-credentials-create',
  'publickey-credentials-get',
  'record-ad-auction-events',
  'rewriter',
  'run-ad-auction',
  'screen-wake-lock',
  'serial',
  'shared-storage',
  'shared-storage-select-url',
  'smart-card',
  'speaker-selection',
  'storage-access',
  'sub-apps',
  'summarizer',
  'sync-xhr',
  'translator',
  'unload',
  'usb',
  'usb-unrestricted',
  'vertical-scroll',
  'web-app-installation',
  'web-share',
  'window-management',
  'writer',
  'xr-spatial-tracking',
] as const

/** A feature of browsers that a page may be denied. */
export type PermissionsFeature = (typeof FEATURES)[number] | `ch-ua-${string}` | `ch-${string}`

/**
 * Who may use a feature: `'self'` and origins, `[]` for nobody, `'*'` for every frame, or `'default'` for what browsers
 * do when nothing is said.
 */
export type PermissionsAllowlist = readonly ('self' | (string & Record<never, never>))[] | '*' | 'default'

/**
 * A Permissions-Policy, feature by feature; what it does not say stays as the preset has it.
 *
 * @example
 * permissionsPolicy: { camera: ['self', 'https://meet.example.com'], fullscreen: [] }
 */
export type PermissionsPolicy = { readonly [F in PermissionsFeature]?: PermissionsAllowlist }

/** The members of the field, by feature, in the order they are sent; the values as they stand there. */
export type Permissions = Map<string, string>

/** Writes the field: a Dictionary of RFC 9651. */
export function formatPermissions(permissions: Permissions): string {
  return [...permissions].map(([feature, allowlist]) => `${feature}=${allowlist}`).join(', ')
}

/** Members of the field, apart: an origin has neither comma nor parenthesis. */
const MEMBER = /^([^=]*)=(\*|self|\(([^()]*)\))(?:;report-to="?[a-z*][a-z0-9_.*-]*"?)?$/

/** Reads the field as it was written, and reports at the place, where there is one, what is wrong with it. */
export function parsePermissions(text: string, place?: Place): Permissions {
  const permissions: Permissions = new Map()
  for (const member of text.split(',').map((each) => each.trim())) {
    const [, feature = '', allowlist = '', inner = ''] = MEMBER.exec(member) ?? []
    const known = place === undefined || isFeature(feature === '' ? member : feature, place)
    permissions.set(feature, member.slice(feature.length + 1))
    if (place === undefined || !known) continue
    const words = inner.split(' ').filter((word) => word !== '')
    const wrong = words.find((word) => !isWord(word))
    if (allowlist === '' || wrong !== undefined)
      report(
        place,
        'malformed_value',
        `has ${(wrong ?? member).slice(0, 80)}, which browsers do not read.`,
        'Write camera=(), camera=* or camera=(self "https://meet.example.com").',
      )
  }
  return permissions
}

function isWord(word: string): boolean {
  return word === 'self' || word === '*' || (/^".*"$/.test(word) && isOrigin(word.slice(1, -1)))
}

/** An origin, or those below a name (Permissions Policy §9.2). */
function isOrigin(text: string): boolean {
  const origin = parseOriginPattern(text)
  return origin !== undefined && origin.port !== '*'
}

function isFeature(feature: string, place: Place): boolean {
  const known: readonly string[] = FEATURES
  // Client hints are features, too, and there are many: `ch-ua-model`, `ch-dpr`.
  if (known.includes(feature) || /^ch-[a-z]+(?:-[a-z]+)*$/.test(feature)) return true
  const near = nearest(feature, known)
  report(
    place,
    'unknown_option',
    `has ${JSON.stringify(feature.slice(0, 80))}, which is not a feature of browsers.`,
    near === undefined ? `Known here: ${known.join(', ')}, and ch-...` : `Did you mean "${near}"?`,
  )
  return false
}

const readAllowed = list(readMember, { example: "['self', 'https://meet.example.com'], or [] for nobody" })

function readMember(value: unknown, place: Place): string | undefined {
  if (value === 'self') return value
  if (typeof value === 'string' && isOrigin(value)) return sfString(value)
  return report(
    place,
    'malformed_value',
    "is neither 'self' nor an origin.",
    "Write 'self', or one such as 'https://meet.example.com'.",
  )
}

/** Applies what an option says of a Permissions-Policy, feature by feature. */
export function changePermissions(place: Place, value: unknown, permissions: Permissions): void {
  const given = plainObject(place, value, 'an object of features', 'Write { camera: [] }.')
  for (const [feature, wanted] of given === undefined ? [] : entriesOf(place, given)) {
    const where = at(place, feature)
    if (wanted === undefined || !isFeature(feature, where)) continue
    if (wanted === 'default') permissions.delete(feature)
    else if (wanted === '*') permissions.set(feature, '*')
    else if (Array.isArray(wanted)) {
      const allowed = readAllowed(wanted, where)
      if (allowed !== undefined) permissions.set(feature, `(${[...new Set(allowed)].join(' ')})`)
    } else {
      // `false` could be read as "nobody" or as "says nothing", which are opposites.
      report(
        where,
        'wrong_type',
        'is not a list of those who may use it.',
        "Write [] for nobody, ['self'], '*', or 'default' for what browsers do by themselves.",
      )
    }
  }
}
