/** What documents import from `../src/my-store.ts`. */
import { type Clock, memoryStore, type Store } from '../../../../src/index.ts'

export function myStore(options: { readonly clock?: Clock; readonly prefix?: string } = {}): Store {
  return memoryStore(options.clock === undefined ? {} : { clock: options.clock })
}
