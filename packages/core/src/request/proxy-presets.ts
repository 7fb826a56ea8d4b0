/** The name of a platform that is known. */
export type ProxyPreset = 'cloudflare' | 'google-cloud' | 'aws-alb' | 'azure-front-door' | 'fly-io' | 'heroku'

/** How a platform tells who its client is, and why that can be believed. */
interface PresetRow {
  /** The header that it writes. */
  readonly header: string
  /** How many entries it appends; `undefined` where it sets one address, or where its addresses tell its entries. */
  readonly hops: number | undefined
  /** Where its connections come from: as published, for the user to say, or not known to anybody. */
  readonly ranges: readonly string[] | 'to be given' | 'unknown'
  /** A field that tells the platform's own requests for this customer from those of another, for the user to say. */
  readonly field: string | undefined
  /** Why it is safe, for people. */
  readonly why: string
  /** The vendor's word for it. */
  readonly source: string
}

/** When the published ranges were looked at: ranges come and go. */
export const PUBLISHED = 'November 2026'

/**
 * Well-known platforms, as data. Only those are here whose vendor says what they write, and where a client cannot write
 * the same; what is missing for that has to be given.
 */
export const PRESETS: Readonly<Record<ProxyPreset, PresetRow>> = {
  cloudflare: {
    header: 'cf-connecting-ip',
    hops: undefined,
    // https://www.cloudflare.com/ips/
    ranges: [
      '173.245.48.0/20',
      '103.21.244.0/22',
      '103.22.200.0/22',
      '103.31.4.0/22',
      '141.101.64.0/18',
      '108.162.192.0/18',
      '190.93.240.0/20',
      '188.114.96.0/20',
      '197.234.240.0/22',
      '198.41.128.0/17',
      '162.158.0.0/15',
      '104.16.0.0/13',
      '104.24.0.0/14',
      '172.64.0.0/13',
      '131.0.72.0/22',
      '2400:cb00::/32',
      '2606:4700::/32',
      '2803:f800::/32',
      '2405:b500::/32',
      '2405:8100::/32',
      '2a06:98c0::/29',
      '2c0f:f248::/32',
    ],
    field: undefined,
    why: 'It sets the header itself, and its ranges are published.',
    source: 'https://developers.cloudflare.com/fundamentals/reference/http-headers/',
  },
  'google-cloud': {
    header: 'x-forwarded-for',
    // The client, and the address of the load balancer.
    hops: 2,
    // Of the front ends that connect to backends, over both families.
    ranges: ['35.191.0.0/16', '130.211.0.0/22', '2600:2d00:1:b029::/64', '2600:2d00:1:1::/64'],
    field: undefined,
    why: 'It appends two entries, and its front ends connect from published ranges.',
    source: 'https://cloud.google.com/load-balancing/docs/https, /docs/firewall-rules',
  },
  'aws-alb': {
    header: 'x-forwarded-for',
    hops: 1,
    // It connects from the subnets that it was given.
    ranges: 'to be given',
    field: undefined,
    why: 'It appends one entry, unless its attribute routing.http.xff_header_processing.mode says otherwise.',
    source: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html',
  },
  'azure-front-door': {
    header: 'x-azure-socketip',
    hops: undefined,
    // The service tag AzureFrontDoor.Backend, which changes weekly.
    ranges: 'to be given',
    // Every customer of Front Door comes from the same ranges.
    field: 'x-azure-fdid',
    why: 'It sets the header itself; its ranges are those of all customers, and the id tells yours.',
    source: 'https://learn.microsoft.com/azure/frontdoor/front-door-http-headers-protocol',
  },
  'fly-io': {
    header: 'x-forwarded-for',
    // The client, and the address of the application.
    hops: 2,
    ranges: 'unknown',
    field: undefined,
    why: 'It appends two entries, and clients reach an application through it alone.',
    source: 'https://fly.io/docs/networking/request-headers/',
  },
  heroku: {
    header: 'x-forwarded-for',
    hops: 1,
    ranges: 'unknown',
    field: undefined,
    why: 'Its router appends one entry, and dynos are reached through it alone.',
    source: 'https://devcenter.heroku.com/articles/http-routing',
  },
}
