/** An article, as it is stored. */
export interface Article {
  readonly id: string
  readonly title: string
  /** The subject of whoever wrote it. With several issuers this would be a `principalKey`. */
  readonly author: string
  readonly published: boolean
}

/** The articles, in memory; as slow to answer as a database. */
export class Articles {
  readonly #articles = new Map<string, Article>(
    [
      { id: 'launch', title: 'We have launched', author: 'alice', published: true },
      { id: 'plans', title: 'What comes next', author: 'alice', published: false },
      { id: 'diary', title: 'A day at the office', author: 'bob', published: false },
    ].map((article) => [article.id, article]),
  )

  find(id: string): Promise<Article | undefined> {
    return Promise.resolve(this.#articles.get(id))
  }

  /** Publishes an article; gives it as it is now. */
  publish(id: string): Promise<Article | undefined> {
    const article = this.#articles.get(id)
    if (article !== undefined) this.#articles.set(id, { ...article, published: true })
    return this.find(id)
  }

  remove(id: string): Promise<boolean> {
    return Promise.resolve(this.#articles.delete(id))
  }
}
