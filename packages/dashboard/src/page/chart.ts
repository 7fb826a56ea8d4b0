import type uPlot from 'uplot'
import { clockOf, makeSvg } from './dom.ts'
import type { Look } from './looks.ts'
import type { Columns } from './model.ts'

/** A line of a chart: what it is called, and how it is drawn. */
export interface Line extends Look {
  readonly label: string
}

const HEIGHT = 200

/** A chart of lines over time, drawn by uPlot. */
export class Chart {
  readonly #place: HTMLElement
  #plot: uPlot | undefined
  #lines = ''
  #again: () => void = () => {}

  constructor(place: HTMLElement) {
    this.#place = place
    new ResizeObserver(() => this.#plot?.setSize({ width: this.#width(), height: HEIGHT })).observe(place)
    // Colours are read when a chart is made.
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#lines = ''
      this.#again()
    })
  }

  show(lines: readonly Line[], columns: Columns, summary: string): void {
    this.#again = () => this.show(lines, columns, summary)
    this.#place.setAttribute('role', 'img')
    this.#place.setAttribute('aria-label', summary)
    const key = JSON.stringify(lines)
    const data = columns as unknown as uPlot.AlignedData
    if (key !== this.#lines || this.#plot === undefined) {
      this.#lines = key
      this.#plot?.destroy()
      this.#plot = new Plot(this.#options(lines), data, this.#place)
    } else this.#plot.setData(data)
    this.#tellLast()
  }

  /** Forgets what it shows. */
  clear(): void {
    this.#again = () => {}
    this.#plot?.destroy()
    this.#plot = undefined
  }

  /** While nobody points at a moment, the legend is of the last that is over. */
  #tellLast(): void {
    const plot = this.#plot
    if (plot === undefined || (plot.cursor.left ?? -1) >= 0) return
    plot.setLegend({ idx: Math.max(0, plot.data[0].length - 2) })
  }

  #width(): number {
    return Math.max(200, this.#place.clientWidth)
  }

  #options(lines: readonly Line[]): uPlot.Options {
    const style = getComputedStyle(document.documentElement)
    const colour = (name: string): string => style.getPropertyValue(name).trim()
    const axis = {
      stroke: colour('--soft'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
    }
    const times: uPlot.Axis.DynamicValues = (_plot, splits, _axis, _space, step) =>
      splits.map((second) => clockOf(second * 1000, step >= 60 ? 'minutes' : 'seconds'))
    return {
      width: this.#width(),
      height: HEIGHT,
      // The last time has room for its second half.
      padding: [8, 40, 0, 0],
      cursor: { drag: { x: false, y: false }, y: false },
      // The marks have the dashes of the lines: see below.
      legend: { markers: { width: 0 } },
      hooks: {
        setCursor: [() => this.#tellLast()],
        ready: [(plot) => markLegend(plot.root, lines, colour)],
      },
      scales: { y: { range: (_plot, _least, most) => [0, Math.max(1, (most || 0) * 1.1)] } },
      axes: [
        { ...axis, space: 80, values: times, size: 28 },
        { ...axis, size: 48 },
      ],
      series: [
        {
          label: 'time',
          value: (_plot: uPlot, at: number | null) => (at === null ? '–' : clockOf(at * 1000)),
        },
        ...lines.map(({ label, colour: name, dash }) => ({
          label,
          stroke: colour(name),
          width: 2,
          points: { show: false },
          value: (_plot: uPlot, value: number | null) => (value === null ? '–' : value.toFixed(1)),
          ...(dash === undefined ? {} : { dash }),
        })),
      ],
    }
  }
}

/** Draws each line as it is beside its name. */
function markLegend(root: HTMLElement, lines: readonly Line[], colour: (name: string) => string): void {
  const [, ...marks] = root.querySelectorAll('.u-legend .u-marker')
  for (const [index, mark] of marks.entries()) {
    const line = lines[index]
    if (line === undefined) continue
    const drawn = makeSvg('line', {
      x1: '0',
      y1: '2',
      x2: '28',
      y2: '2',
      stroke: colour(line.colour),
      'stroke-width': '3',
      'stroke-dasharray': line.dash?.join(' ') ?? 'none',
    })
    const svg = makeSvg('svg', { width: '28', height: '4', 'aria-hidden': 'true' })
    svg.append(drawn)
    mark.replaceChildren(svg)
  }
}

/** What uplot.js leaves in the page. */
const Plot = (globalThis as unknown as { readonly uPlot: typeof uPlot }).uPlot
