/**
 * A function of one text that remembers what it gave for the first texts, and makes anew what it gives for the others: for
 * few texts that come again and again, among which an attacker may mix as many of his own as he likes.
 *
 * @param max how many it remembers
 */
export function remembered<V>(max: number, make: (text: string) => V): (text: string) => V {
  const known = new Map<string, V>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const made = make(text)
    if (known.size < max) known.set(text, made)
    return made
  }
}

/**
 * A function of one object that remembers what it gave for those that are frozen, for as long as there are. One that can still
 * change is some request's, and what belongs to a request would be kept until the next full collection.
 */
export function rememberedOfFrozen<K extends object, V>(make: (of: K) => V): (of: K) => V {
  const known = new WeakMap<K, V>()
  return (of) => {
    const found = known.get(of)
    if (found !== undefined) return found
    const made = make(of)
    if (Object.isFrozen(of)) known.set(of, made)
    return made
  }
}
