import type { Quota } from '../contract/store.ts'
import { keyedHash } from '../lib/digest.ts'
import { sfBytes, sfInteger, sfItem, sfString } from '../lib/structured-fields.ts'

/*
 * Items of the fields `RateLimit-Policy` and `RateLimit`, both Lists of Structured Fields (RFC 9651), in the form of
 * draft-ietf-httpapi-ratelimit-headers-11. A list is its items, joined by `, `.
 */

/** Between the items of a list. */
export const BETWEEN = ', '

/** 96 bits: too many for two callers to meet, and no padding in base64. */
const PARTITION_BYTES = 12

/** Milliseconds as whole seconds, rounded up: neither field knows fractions. */
export function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1000)
}

/**
 * What a limit is, for `RateLimit-Policy`: `"default";q=100;w=60`.
 *
 * @throws TypeError when the name has a character outside printable ASCII
 */
export function policyItem(name: string, quota: Quota): string {
  return sfItem(sfString(name), { q: sfInteger(quota.limit), w: sfInteger(wholeSeconds(quota.windowMs)) })
}

/**
 * What is left of a limit, for `RateLimit`: `"default";r=50;t=30`.
 *
 * @param name the serialized name, from {@link sfString}
 * @param seconds the effective window: for so long no more than `remaining` can be used. Left out when 0, for a
 *   client that divides by it would take "now" for "without end"
 */
export function limitItem(name: string, remaining: number, seconds: number): string {
  return seconds === 0 ? `${name};r=${remaining}` : `${name};r=${remaining};t=${seconds}`
}

/**
 * The parameter that tells a client which of its quotas an item is about: `;pk=:...:`.
 *
 * It is a keyed hash of the counter's key, cut short: without the secret nobody finds an address, a subject or a
 * user's key from it, not even by trying all of them (RL-12).
 */
export function partitionParameter(secret: Buffer, key: string): string {
  return `;pk=${sfBytes(Buffer.from(keyedHash(secret, key, PARTITION_BYTES), 'hex'))}`
}
