// Compiled, never run: the rows of the tables have the form that they promise.
import { type CodeRow, CODES, type KindRow, KINDS } from '@gatehouse/core'

export const codes: Readonly<Record<string, CodeRow>> = CODES
export const kinds: Readonly<Record<string, KindRow>> = KINDS
