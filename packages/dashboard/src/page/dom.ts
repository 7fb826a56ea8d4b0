/** What an element holds: texts become text nodes, and nothing that a server says is ever read as HTML. */
export type Content = Node | string

/** Makes an element. */
export function make(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  ...content: readonly Content[]
): HTMLElement {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...content)
  return element
}

/** Makes an element of a drawing. */
export function makeSvg(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  return element
}

/** An element that the page begins with. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (element === null) throw new TypeError(`the page has no ${id}`)
  return element
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const DATED = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium' })
const MINUTES = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const NUMBER = new Intl.NumberFormat()
const PERCENT = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 })

/** A moment, on the clock of whoever looks, with its day unless that is today; UTC is in its title. */
export function timeOf(moment: string | number): HTMLElement {
  const date = new Date(moment)
  const utc = date.toISOString()
  const isToday = date.toDateString() === new Date().toDateString()
  return make('time', { datetime: utc, title: utc }, (isToday ? TIME : DATED).format(date))
}

/** A moment, on the clock of whoever looks. */
export function clockOf(ms: number, to: 'minutes' | 'seconds' = 'seconds'): string {
  return (to === 'minutes' ? MINUTES : TIME).format(ms)
}

export function numberOf(value: number): string {
  return NUMBER.format(value)
}

export function percentOf(share: number): string {
  return PERCENT.format(share)
}

/** A time that will pass, as people say it. */
export function spanOf(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}
