/*
 * What the bench uses of echarts. Its own types do not compile where an optional member may not be `undefined`, and of
 * what is imported declarations are checked, too.
 */
declare module 'echarts/dist/echarts.esm.mjs' {
  export interface Chart {
    readonly setOption: (option: object) => void
    readonly renderToSVGString: () => string
    readonly dispose: () => void
  }
  export function init(
    element: null,
    theme: null,
    options: {
      readonly renderer: 'svg'
      readonly ssr: true
      readonly width: number
      readonly height: number
    },
  ): Chart
}
