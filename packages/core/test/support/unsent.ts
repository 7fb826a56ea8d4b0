/** A response that keeps what is set on it. */
export class UnsentResponse {
  headersSent = false
  readonly fields: Map<string, string | readonly string[]> = new Map()

  getHeader(name: string): string | string[] | undefined {
    const value = this.fields.get(name)
    return typeof value === 'string' || value === undefined ? value : [...value]
  }

  setHeader(name: string, value: string | readonly string[]): this {
    this.fields.set(name, value)
    return this
  }

  /** The Set-Cookie fields. */
  get set(): readonly string[] {
    const set = this.fields.get('Set-Cookie') ?? []
    return typeof set === 'string' ? [set] : set
  }

  /** The cookies as a browser sends them back. */
  get cookie(): string {
    return this.set.map((text) => text.split(';', 1)[0]).join('; ')
  }
}
