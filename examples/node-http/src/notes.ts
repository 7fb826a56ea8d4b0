/** A note, and who wrote it. */
export interface Note {
  readonly id: number
  readonly text: string
  readonly by: string
}

/** The last notes, in memory. */
export class Notes {
  static readonly MAX_LENGTH = 1_000
  static readonly #KEPT = 100
  #last = 0
  readonly #notes: Note[] = []

  add(text: string, by: string): Note {
    const note = { id: ++this.#last, text, by }
    this.#notes.unshift(note)
    if (this.#notes.length > Notes.#KEPT) this.#notes.pop()
    return note
  }

  /** Newest first. */
  list(): readonly Note[] {
    return this.#notes
  }
}
