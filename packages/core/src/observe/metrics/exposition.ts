import { BOUNDS, type HistogramState } from './histogram.ts'

/** One line of a metric: labels (name, value, name, value, ...) and a number. */
export interface Sample {
  readonly labels: readonly string[]
  readonly value: number
}

/** A histogram, and its labels. */
export interface HistogramSample {
  readonly labels: readonly string[]
  readonly state: HistogramState
}

/** A metric and its values. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly samples: readonly Sample[]
}

/** The media type of what {@link exposition} writes. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Writes counters and gauges in the text format of Prometheus, version 0.0.4; a metric without values is left out. */
export function exposition({ name, help, type, samples }: Family): string {
  if (samples.length === 0) return ''
  const lines = samples.map(({ labels, value }) => lineOf(name, labels, value))
  return `${headOf(name, help, type)}${lines.join('')}`
}

/** Writes histograms in the same format. */
export function histogramExposition(name: string, help: string, samples: readonly HistogramSample[]): string {
  if (samples.length === 0) return ''
  const lines = samples.flatMap(({ labels, state }) => [
    ...BOUNDS.map((bound, index) =>
      lineOf(`${name}_bucket`, [...labels, 'le', numberText(bound)], state.buckets[index] ?? 0),
    ),
    lineOf(`${name}_bucket`, [...labels, 'le', '+Inf'], state.count),
    lineOf(`${name}_sum`, labels, state.sum),
    lineOf(`${name}_count`, labels, state.count),
  ])
  return `${headOf(name, help, 'histogram')}${lines.join('')}`
}

function headOf(name: string, help: string, type: string): string {
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`
}

function lineOf(name: string, labels: readonly string[], value: number): string {
  const pairs: string[] = []
  for (let i = 0; i + 1 < labels.length; i += 2)
    pairs.push(`${labels[i] ?? ''}="${escapeLabel(labels[i + 1] ?? '')}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}\n`
}

function escapeHelp(text: string): string {
  return text.replace(/[\\\n]/g, (char) => (char === '\n' ? '\\n' : '\\\\'))
}

/** A lone surrogate has no UTF-8, and an ill-formed page is refused as a whole. */
export function escapeLabel(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : char === '"' ? '\\"' : '\\\\'))
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}
