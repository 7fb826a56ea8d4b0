import type { Principal } from '../contract/principal.ts'
import type { RequestFacts } from '../contract/request.ts'

/** A request that somebody asks about; it need not have happened. */
export interface Asked<P extends Principal = Principal> {
  /** As it would be sent: methods are case-sensitive (RFC 9110 §9.1). */
  readonly method: string
  /** The path, with a query if it has one. */
  readonly path: string
  /** Who would be calling; nobody unless given. */
  readonly principal?: P
  /**
   * The parts of the path that the pattern names.
   *
   * @default what the path says
   */
  readonly params?: Readonly<Record<string, string>>
}

/** The facts that a question has; whoever asks for another is noted, and gets none. */
export class AskedFacts implements RequestFacts {
  readonly method: string
  readonly target: string
  readonly path: string
  readonly query: string
  readonly principal: Principal | undefined
  params: Readonly<Record<string, string>> = {}
  #lacked: string | undefined = undefined

  constructor({ method, path, principal }: Asked) {
    const mark = path.indexOf('?')
    this.method = method
    this.target = path
    this.path = mark === -1 ? path : path.slice(0, mark)
    this.query = mark === -1 ? '' : path.slice(mark)
    this.principal = principal
  }

  /** The first fact since last time that was asked for and is not there. */
  takeLacked(): string | undefined {
    const lacked = this.#lacked
    this.#lacked = undefined
    return lacked
  }

  #lack(name: string): never {
    this.#lacked ??= name
    throw new TypeError(`There is no request, and so no ${name}.`)
  }

  get id(): never {
    return this.#lack('id')
  }

  get headers(): never {
    return this.#lack('headers')
  }

  get rawHeaders(): never {
    return this.#lack('rawHeaders')
  }

  get httpVersion(): never {
    return this.#lack('httpVersion')
  }

  get peer(): never {
    return this.#lack('peer')
  }

  get client(): never {
    return this.#lack('client')
  }

  get clientKey(): never {
    return this.#lack('clientKey')
  }

  get scheme(): never {
    return this.#lack('scheme')
  }

  get authority(): never {
    return this.#lack('authority')
  }

  get clientCertificate(): never {
    return this.#lack('clientCertificate')
  }

  get forwardedCertificate(): never {
    return this.#lack('forwardedCertificate')
  }

  /** Nobody waits for an answer that could go away. */
  get signal(): AbortSignal {
    return new AbortController().signal
  }

  count(): never {
    return this.#lack('fields')
  }
}
