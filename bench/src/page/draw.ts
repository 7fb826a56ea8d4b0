import { init } from 'echarts/dist/echarts.esm.mjs'
import type { Bars, Lines, Plot, Stacked } from './plot.ts'

const WIDTH = 640
const ROW = 30
/** What is above and below the bars. */
const AROUND = 116
/** What the names of segments take: two lines. */
const LEGEND = 44

/** The colours of the light, and in their place those of the dark. The lines are told apart by those who see few colours, too. */
const INK = '#1f2328'
const FAINT = '#d1d9e0'
const PAPER = '#ffffff'
const SERIES = ['#0969da', '#bc4c00', '#8250df', '#1a7f37', '#bf3989'] as const
/** The segments of a bar touch: each is lighter or darker than its neighbours. */
const SEGMENTS = [
  '#0a3069',
  '#54aeff',
  '#8c959f',
  '#953800',
  '#ffb77c',
  '#6639ba',
  '#d8b9ff',
  '#116329',
  '#6fdd8b',
  '#cf222e',
] as const
const DARK: Readonly<Record<string, string>> = {
  [INK]: '#f0f6fc',
  [FAINT]: '#3d444d',
  [PAPER]: '#0d1117',
  '#0969da': '#58a6ff',
  '#bc4c00': '#f0883e',
  '#8250df': '#be8fff',
  '#1a7f37': '#56d364',
  '#bf3989': '#ff9bce',
  '#0a3069': '#1f6feb',
  '#54aeff': '#a5d6ff',
  '#8c959f': '#6e7681',
  '#953800': '#db6d28',
  '#ffb77c': '#ffdfb6',
  '#6639ba': '#8957e5',
  '#d8b9ff': '#eddeff',
  '#116329': '#238636',
  '#6fdd8b': '#aff5b4',
  '#cf222e': '#f85149',
}
const FONT = "-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif"

/** Draws a picture as SVG: the same bytes for the same numbers, readable on light and on dark paper. */
export function draw({ title, unit, form }: Plot): string {
  const height = heightOf(form)
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
  try {
    chart.setOption({
      animation: false,
      backgroundColor: PAPER,
      color: [...SERIES],
      textStyle: { fontFamily: FONT, color: INK },
      title: {
        text: title,
        subtext: unit,
        left: 16,
        top: 12,
        borderColor: INK,
        itemGap: 6,
        textStyle: { fontSize: 15, color: INK },
        subtextStyle: { fontSize: 12, color: INK },
      },
      ...(form.type === 'bars' ? bars(form) : form.type === 'stacked' ? stacked(form) : lines(form)),
    })
    return `${withDark(bare(chart.renderToSVGString()))}\n`
  } finally {
    chart.dispose()
  }
}

function heightOf(form: Plot['form']): number {
  if (form.type === 'lines') return 420
  return AROUND + ROW * form.bars.length + (form.type === 'stacked' ? LEGEND : 0)
}

/**
 * Without what is for whoever points at it: classes are numbered through the process, and a picture must not differ by
 * which one was drawn before it.
 */
function bare(svg: string): string {
  return (
    svg
      // Of a line, and of what only clips others.
      .replaceAll(' fill="#000"', ' fill="none"')
      .replaceAll(/ (?:class|ecmeta_\w+|pointer-events)="[^"]*"/g, '')
      .replaceAll(/<style ?><!\[CDATA\[[^\]]*\]\]>\s*<\/style>\s*/g, '')
  )
}

/** Rules of a style sheet go before attributes: whoever reads on dark paper gets other colours. */
function withDark(svg: string): string {
  const rules = Object.entries(DARK)
    .flatMap(([light, dark]) => ['fill', 'stroke'].map((what) => `[${what}="${light}"]{${what}:${dark}}`))
    .join('')
  const style = `<style>@media (prefers-color-scheme:dark){${rules}}</style>`
  return svg.replace(/<svg[^>]*>/, (opening) => `${opening}\n${style}`)
}

const AXIS_NAME = { color: INK, fontSize: 12 } as const
const SPLIT = { lineStyle: { color: FAINT } } as const
const LABELS = { color: INK, fontSize: 12 } as const
const VALUES = { type: 'value', axisLabel: LABELS, splitLine: SPLIT } as const

/** The axis along which bars have their names. */
function namesOf(rows: readonly { readonly name: string }[]): object {
  return {
    type: 'category',
    data: rows.map(({ name }) => name),
    axisLabel: LABELS,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: INK } },
  }
}

function bars({ bars: all, mark }: Bars): object {
  // The first stands above: the axis counts from below.
  const rows = all.toReversed()
  return {
    grid: { left: 24, right: 72, top: 78, bottom: 16, containLabel: true },
    xAxis: VALUES,
    yAxis: namesOf(rows),
    series: [
      {
        type: 'bar',
        data: rows.map(({ value }) => value),
        itemStyle: { color: SERIES[0] },
        barWidth: 14,
        ...(mark !== undefined && {
          markLine: {
            symbol: 'none',
            data: [{ xAxis: mark.value, name: mark.name }],
            lineStyle: { color: SERIES[1], width: 2, type: 'solid' },
            label: { formatter: mark.name, color: INK, position: 'end' },
          },
        }),
      },
      {
        // How far the rounds lie apart, and the middle of them at the end of it.
        type: 'custom',
        renderItem: (_params: unknown, api: DrawApi) => {
          const index = Number(api.value(2))
          const row = rows[index]
          if (row === undefined) return undefined
          const [left = 0, y = 0] = api.coord([row.low, index])
          const [right = 0] = api.coord([row.high, index])
          const style = { stroke: INK, fill: INK, lineWidth: 1.5 }
          const cap = (x: number): object => ({
            type: 'line',
            shape: { x1: x, y1: y - 4, x2: x, y2: y + 4 },
            style,
          })
          return {
            type: 'group',
            children: [
              { type: 'line', shape: { x1: left, y1: y, x2: right, y2: y }, style },
              cap(left),
              cap(right),
              {
                type: 'text',
                style: {
                  text: short(row.value),
                  x: Math.max(left, right) + 8,
                  y: y - 6,
                  fill: INK,
                  fontSize: 12,
                  fontFamily: FONT,
                },
              },
            ],
          }
        },
        data: rows.map(({ low, high }, index) => [low, high, index]),
        encode: { x: [0, 1], y: 2 },
        z: 3,
      },
    ],
  }
}

function stacked({ segments, bars: all }: Stacked): object {
  const rows = all.toReversed()
  const last = segments.length - 1
  return {
    color: [...SEGMENTS],
    grid: { left: 24, right: 72, top: 78 + LEGEND, bottom: 16, containLabel: true },
    legend: {
      top: 58,
      left: 16,
      right: 16,
      itemWidth: 14,
      borderColor: INK,
      textStyle: { color: INK, fontSize: 12 },
    },
    xAxis: VALUES,
    yAxis: namesOf(rows),
    series: segments.map((name, index) => ({
      type: 'bar',
      name,
      stack: 'all',
      barWidth: 14,
      itemStyle: { borderColor: PAPER, borderWidth: 0.5 },
      data: rows.map(({ values }) => values[index] ?? 0),
      ...(index === last && {
        label: {
          show: true,
          position: 'right',
          color: INK,
          fontSize: 12,
          formatter: ({ dataIndex }: { readonly dataIndex: number }) =>
            short(rows[dataIndex]?.values.reduce((sum, value) => sum + value, 0) ?? 0),
        },
      }),
    })),
  }
}

/** What echarts tells whoever draws an item by himself. */
interface DrawApi {
  readonly value: (dimension: number) => unknown
  readonly coord: (point: readonly number[]) => readonly number[]
}

function lines({ of, lines: all }: Lines): object {
  const axis = {
    type: 'log',
    nameLocation: 'middle',
    nameTextStyle: AXIS_NAME,
    axisLabel: { ...LABELS, formatter: (value: number) => value.toLocaleString('en-US') },
    splitLine: SPLIT,
    axisLine: { lineStyle: { color: INK } },
  } as const
  const values = all.flatMap(({ points }) => points.map(([, value]) => value))
  return {
    grid: { left: 24, right: 32, top: 96, bottom: 40, containLabel: true },
    legend: { top: 58, left: 16, borderColor: INK, textStyle: { color: INK, fontSize: 12 } },
    xAxis: { ...axis, name: of, nameGap: 28 },
    yAxis: {
      ...axis,
      min: 10 ** Math.floor(Math.log10(Math.min(...values))),
      max: 10 ** Math.ceil(Math.log10(Math.max(...values))),
    },
    series: all.map(({ name, points }, index) => ({
      type: 'line',
      name,
      data: points.map(([x, y]) => [x, y]),
      symbol: SYMBOLS[index % SYMBOLS.length] ?? 'circle',
      symbolSize: 8,
      lineStyle: { width: 2 },
    })),
  }
}

const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'pin'] as const

/** Three digits that count. */
function short(value: number): string {
  return Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toPrecision(3)))
}
