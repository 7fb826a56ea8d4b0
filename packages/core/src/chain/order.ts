/**
 * The order of the checks, whatever order the user wrote them in, with the reason for each place.
 *
 * This table is the only place that knows it.
 */
export const ORDER = [
  {
    name: 'request',
    reason:
      'Nothing can be decided about a request that can be read in two ways: its shape comes before every rule.',
  },
  {
    name: 'address',
    reason: 'Who may not come at all is sent away before anything is spent on what it wants.',
  },
  {
    name: 'hosts',
    reason: 'A request for another host is not ours to redirect, to answer cross-origin, or to count.',
  },
  {
    name: 'https',
    reason:
      'What comes in clear is sent to https before anything of it is used; the redirect needs a host that was checked.',
  },
  {
    name: 'cors',
    reason:
      'Browsers send preflights without credentials: they are answered before limits and authentication (COR-23).',
  },
  {
    name: 'cross-site',
    reason:
      'What another site makes a browser send must not use up the limits of its user; a preflight is none of it.',
  },
  {
    name: 'shed',
    reason:
      'A server that is late sheds load before it spends anything on it; a page reads the 503 only after its preflight.',
  },
  {
    name: 'client-limits',
    reason:
      'Counting an address costs less than checking a signature: a flood is stopped before it costs (RL-18).',
  },
  {
    name: 'client-concurrency',
    reason:
      'What a limit refuses holds no permit, so a flood of it takes none away; checking signatures needs one already.',
  },
  {
    name: 'protected-resource',
    reason:
      'A client asks it how to authenticate, so it is answered before; after the limits, since anybody may ask.',
  },
  { name: 'authenticate', reason: 'Who is calling must be known before it is counted or judged.' },
  {
    name: 'caller-limits',
    reason: 'A limit per caller needs the caller, and must count only callers that are real.',
  },
  {
    name: 'caller-concurrency',
    reason: 'Permits per caller need the caller; what the limits refused holds none.',
  },
  {
    name: 'authorize',
    reason: 'What the caller may do is asked last: it may be the costliest, and needs all the rest.',
  },
  {
    name: 'content',
    reason:
      'Reading costs most and holds memory: only for who may do this. Malformed content uses up no key.',
  },
  {
    name: 'idempotency',
    reason:
      'A key belongs to a caller who may do this: it is taken last, so that no refusal uses it up, and no replay passes by the others.',
  },
] as const

/** The name of a check, as `shadow` and events use it. */
export type CheckName = (typeof ORDER)[number]['name']
