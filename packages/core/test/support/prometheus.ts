import { createRequire } from 'node:module'

/** A metric as somebody else's parser reads it. */
export interface ParsedFamily {
  readonly name: string
  readonly help: string
  readonly type: 'COUNTER' | 'GAUGE' | 'HISTOGRAM' | 'SUMMARY' | 'UNTYPED'
  readonly metrics: readonly {
    readonly value?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly buckets?: Readonly<Record<string, string>>
    readonly count?: string
    readonly sum?: string
  }[]
}

const require = createRequire(import.meta.url)

/** Reads the text format of Prometheus, and throws where it is not that. */
export const parsePrometheus: (text: string) => readonly ParsedFamily[] =
  require('parse-prometheus-text-format') as (text: string) => readonly ParsedFamily[]
