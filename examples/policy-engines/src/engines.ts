import type { PolicyEngine } from '@gatehouse/core'
import { casbin } from './casbin.ts'
import { casl } from './casl.ts'
import { cedar } from './cedar.ts'

/** The same policy three times; the gate does not know which one it asks. */
export const ENGINES: Readonly<Record<EngineName, () => PolicyEngine | Promise<PolicyEngine>>> = {
  casl,
  casbin,
  cedar,
}

export type EngineName = 'casl' | 'casbin' | 'cedar'

export function isEngineName(name: string): name is EngineName {
  return Object.hasOwn(ENGINES, name)
}
