import { nearest } from './spelling.ts'

/** The types of Clear-Site-Data that browsers know; `*` is all there are, and will be. */
export const SITE_DATA_TYPES = [
  'cache',
  'cookies',
  'storage',
  'executionContexts',
  'clientHints',
  '*',
] as const

/** What a browser can be told to forget of a site. */
export type SiteDataType = (typeof SITE_DATA_TYPES)[number]

/**
 * The value of `Clear-Site-Data`: what a browser forgets of this site when it gets the response.
 *
 * Browsers act on it over https only. `cookies` are those of the whole registrable domain, sibling hosts and all;
 * everything else is that of this origin.
 *
 * @throws TypeError for no type, or one that browsers do not know
 * @example
 * res.setHeader('Clear-Site-Data', clearSiteData(['cookies', 'storage']))
 * @see https://w3c.github.io/webappsec-clear-site-data/
 */
export function clearSiteData(types: readonly SiteDataType[]): string {
  if (!Array.isArray(types) || types.length === 0)
    throw new TypeError("Clear-Site-Data names what to forget: clearSiteData(['cookies', 'storage']).")
  for (const type of types as readonly unknown[]) {
    if (SITE_DATA_TYPES.some((known) => known === type)) continue
    const near = typeof type === 'string' ? nearest(type, SITE_DATA_TYPES) : undefined
    throw new TypeError(
      `Clear-Site-Data has no such type. ${near === undefined ? `Known here: ${SITE_DATA_TYPES.join(', ')}.` : `Did you mean "${near}"?`}`,
    )
  }
  return [...new Set(types)].map((type) => `"${type}"`).join(', ')
}
