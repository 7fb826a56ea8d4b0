import { createPublicKey, type KeyObject } from 'node:crypto'

/** The odd primes to 167: enough that one sound key in about a hundred million would look flawed. */
const PRIMES = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107,
  109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
] as const

/** For each prime, the remainders that powers of 65537 leave: made for the first key. */
let marks: readonly (readonly [prime: bigint, remainders: ReadonlySet<bigint>])[] | undefined

function remaindersOf(prime: number): ReadonlySet<bigint> {
  const remainders = new Set<bigint>()
  for (let power = 1; !remainders.has(BigInt(power)); power = (power * 65_537) % prime) {
    remainders.add(BigInt(power))
  }
  return remainders
}

/**
 * Whether an RSA key comes from the generator of which the private half can be computed: its primes, and so its
 * modulus, are powers of 65537 modulo many small primes.
 *
 * @see CVE-2017-15361; Nemec, Sys, Svenda, Klinec, Matyas: The Return of Coppersmith's Attack (2017)
 */
export function hasRocaMark(key: KeyObject): boolean {
  const half = key.type === 'private' ? createPublicKey(key) : key
  const bytes = Buffer.from(half.export({ format: 'jwk' }).n ?? '', 'base64url')
  const modulus = BigInt(`0x0${bytes.toString('hex')}`)
  marks ??= PRIMES.map((prime) => [BigInt(prime), remaindersOf(prime)] as const)
  return marks.every(([prime, remainders]) => remainders.has(modulus % prime))
}
