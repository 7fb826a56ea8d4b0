import { type Content, make } from './dom.ts'

/** A column: its heading, how its cells look, and what is in them. */
export interface Column<T> {
  readonly name: string
  readonly look?: string
  readonly cell: (row: T) => Content
}

/** A table that can be scrolled with the keyboard; in its place, when there is nothing, what would be there. */
export function table<T>(
  caption: string,
  columns: readonly Column<T>[],
  rows: readonly T[],
  empty: string,
): HTMLElement {
  if (rows.length === 0) return make('p', { class: 'empty' }, empty)
  const head = columns.map(({ name, look = '' }) => make('th', { scope: 'col', class: look }, name))
  const body = rows.map((row) =>
    make(
      'tr',
      {},
      ...columns.map(({ name, look = '', cell }, index) =>
        index === 0
          ? make('th', { scope: 'row', class: look, 'data-column': name }, make('span', {}, cell(row)))
          : make('td', { class: look, 'data-column': name }, make('span', {}, cell(row))),
      ),
    ),
  )
  return make(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    make(
      'table',
      {},
      make('caption', {}, caption),
      make('thead', {}, make('tr', {}, ...head)),
      make('tbody', {}, ...body),
    ),
  )
}
