import type { RequestListener } from 'node:http'
import type { Gate, JwtPrincipal } from '@gatehouse/core'
import type { Received, Sent } from '../http.ts'
import { type Fixture, fixture } from './fixture.ts'
import type { AppServer } from './transport.ts'
import type { Witness } from './witness.ts'

/**
 * Builds an app of some framework behind a gate, with the routes of `adapterConformance`. Each handler calls
 * `witness.ran(pass)` before all else: so the suite sees that none runs where the gate refuses. It gives a listener, or the
 * server that the framework has made for it, which nobody has told to listen.
 */
export type Mount = (
  gate: Gate<JwtPrincipal>,
  witness: Witness,
) => RequestListener | AppServer | Promise<RequestListener | AppServer>

/** A server that requests can be sent to. */
export interface Serving {
  /**
   * Sends a request, and gives what came back. Tells `onHead` and `onPiece` of it as it comes, goes away when `signal` aborts,
   * and rejects where the response breaks off before its end.
   */
  readonly send: (sent: Sent) => Promise<Received>
  /** Writes bytes, and gives all that comes until the connection ends; left out where that is no text. */
  readonly raw?: (bytes: string) => Promise<string>
  /** Ends the servers, and resolves when they have ended. */
  readonly close: () => Promise<void>
}

/** An app behind a gate of its own. */
export interface Bound<S extends Serving = Serving> {
  readonly server: S
  readonly fixture: Fixture
}

/** Builds the app, and serves it. */
export async function bind<S extends Serving>(
  mount: Mount,
  serve: (app: RequestListener | AppServer, made: Fixture) => Promise<S>,
  patience?: number,
): Promise<Bound<S>> {
  const made = fixture(patience)
  return { server: await serve(await mount(made.gate, made.watch.witness), made), fixture: made }
}
