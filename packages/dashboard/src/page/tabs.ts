import { byId, make, numberOf } from './dom.ts'
import { PANELS, type Panel } from './panels.ts'
import type { View } from '../view.ts'

/** Tabs, by the pattern of the ARIA Authoring Practices: arrows move, and what has the focus is shown. */
export class Tabs {
  readonly #tabs: readonly HTMLElement[]
  readonly #panels: readonly HTMLElement[]
  readonly #changed: () => void
  #current = 0
  #filter = ''
  /** What the panel shows: a table is made anew when that is something else. */
  #shown = ''

  constructor(changed: () => void) {
    this.#changed = changed
    this.#tabs = PANELS.map(({ id, name }, index) => {
      const tab = make(
        'button',
        { type: 'button', role: 'tab', id: `tab-${id}`, 'aria-controls': `panel-${id}` },
        name,
        make('span', { class: 'count' }),
      )
      tab.addEventListener('click', () => this.#select(index))
      return tab
    })
    this.#panels = PANELS.map((panel) =>
      make(
        'div',
        { role: 'tabpanel', id: `panel-${panel.id}`, 'aria-labelledby': `tab-${panel.id}`, hidden: '' },
        ...(panel.filtered === true ? [this.#filterField()] : []),
        make('div', {}),
      ),
    )
    byId('tabs').append(...this.#tabs)
    byId('tabs').addEventListener('keydown', (event) => this.#move(event))
    byId('panels').append(...this.#panels)
    this.#select(0)
  }

  show(view: View): void {
    for (const [index, { count, most = Infinity }] of PANELS.entries()) {
      const badge = this.#tabs[index]?.querySelector('.count')
      const text = `${numberOf(count(view))}${count(view) < most ? '' : '+'}`
      if (badge && badge.textContent !== text) badge.textContent = text
    }
    const panel: Panel | undefined = PANELS[this.#current]
    const place = this.#panels[this.#current]?.lastElementChild
    if (panel === undefined || !(place instanceof HTMLElement)) return
    const made = panel.show(view, this.#filter)
    const key = made.map(({ outerHTML }) => outerHTML).join('')
    if (key === this.#shown) return
    this.#shown = key
    replaceKeepingPlace(place, made)
  }

  #filterField(): HTMLElement {
    const input = make('input', {
      type: 'search',
      autocomplete: 'off',
      spellcheck: 'false',
    }) as HTMLInputElement
    input.addEventListener('input', () => {
      this.#filter = input.value.trim()
      this.#changed()
    })
    return make('label', { class: 'filter' }, 'Only those with the word', input)
  }

  #select(index: number): void {
    this.#current = index
    this.#shown = ''
    for (const [each, tab] of this.#tabs.entries()) {
      tab.setAttribute('aria-selected', String(each === index))
      tab.tabIndex = each === index ? 0 : -1
    }
    for (const [each, panel] of this.#panels.entries()) panel.hidden = each !== index
    this.#changed()
  }

  #move(event: KeyboardEvent): void {
    const count = PANELS.length
    const next: Readonly<Record<string, number>> = {
      ArrowRight: (this.#current + 1) % count,
      ArrowLeft: (this.#current + count - 1) % count,
      Home: 0,
      End: count - 1,
    }
    const index = next[event.key]
    if (index === undefined) return
    event.preventDefault()
    this.#select(index)
    this.#tabs[index]?.focus()
  }
}

/** A table that is made anew stays where it was scrolled to, and has the focus if it had it. */
function replaceKeepingPlace(place: HTMLElement, made: readonly HTMLElement[]): void {
  const before = [...place.children]
  const tops = before.map((element) => element.scrollTop)
  const focused = document.activeElement === null ? -1 : before.indexOf(document.activeElement)
  place.replaceChildren(...made)
  for (const [index, element] of made.entries()) element.scrollTop = tops[index] ?? 0
  made[focused]?.focus({ preventScroll: true })
}
