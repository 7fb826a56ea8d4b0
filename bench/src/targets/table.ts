import { adapter, row, scenario, sustained } from './figures.ts'
import type { Target } from './target.ts'

const REFUSAL =
  'All that is checked before it is refused has to be checked, and its own answer has to be written.'
const PREFLIGHT = 'node:http has no cheaper way to read the request and to write the answer.'
const SPREAD_OUT =
  'It is spread over all checks: none of the ten functions of the gate that take most takes much.'

/** What was set out to be reached, in the order of the page. */
export const TARGETS: readonly Target[] = [
  scenario(
    'allowed',
    'whole policy, HS256, callers return',
    { must: 0.88, aim: 0.95 },
    {
      profile: 'allowed',
      why: SPREAD_OUT,
    },
  ),
  scenario(
    'rs256',
    'whole policy, RS256, callers return',
    { must: 0.85, aim: 0.92 },
    {
      profile: 'rs256',
      why: `It is the work of HS256 with longer tokens, of which a digest is made each time. ${SPREAD_OUT}`,
    },
  ),
  scenario(
    'distinct-hs256',
    '100,000 tokens, HS256, each seen once',
    { must: 0.55, aim: 0.65 },
    {
      profile: 'distinct-hs256',
      why: 'A token that was never seen has to be decoded, parsed and verified, and its caller gets a limit of its own.',
    },
  ),
  scenario(
    'distinct-rs256',
    '100,000 tokens, RS256, each seen once',
    { must: 0.4, aim: 0.5 },
    {
      profile: 'distinct-rs256',
      why: 'OpenSSL takes longer to verify one RSA signature than the floor for the whole request, and there is no way around it.',
    },
  ),
  scenario(
    '401',
    '401 without a token',
    { must: 0.98, aim: 1.05 },
    {
      profile: '401',
      why: REFUSAL,
    },
  ),
  scenario(
    '403',
    '403 by scope',
    { must: 0.98, aim: 1.05 },
    {
      profile: '403',
      why: `${REFUSAL} Only the handler is spared of what is done for \`allowed\`, and that of the bench takes next to nothing: it can be cheaper than \`allowed\` by no more than its answer is.`,
    },
  ),
  scenario(
    '429',
    '429',
    { must: 0.95, aim: 1 },
    {
      profile: '429',
      why: `${REFUSAL} Only what comes after the limit is spared.`,
    },
  ),
  scenario(
    'preflight',
    'preflight that is allowed',
    { must: 1.25, aim: 1.4 },
    {
      profile: 'preflight',
      why: PREFLIGHT,
    },
  ),
  scenario(
    'preflight-refused',
    'preflight that is refused',
    { must: 1.25, aim: 1.4 },
    {
      profile: 'preflight-refused',
      why: PREFLIGHT,
    },
  ),
  scenario(
    'redis',
    'whole policy, its limits on Redis',
    { must: 0.75, aim: 0.88 },
    {
      profile: 'redis',
      why: 'The client, Redis and the gate share two cores: a process that is pushed off its core while it writes looks as if it wrote for longer. To ask twice, before the caller is known and after, is what the policy says. `floor-redis`, which makes the same two charges and checks nothing, has what they take by themselves; with leases most requests ask nobody.',
    },
  ),
  adapter(
    'express',
    'Express 5 behind the adapter, both served with its `serverOptions`',
    'Beside an app so fast the same microseconds are a larger part than beside Express as it is: `express-plain` has that.',
    'express',
  ),
  adapter('koa', 'Koa behind the adapter', SPREAD_OUT),
  adapter(
    'fastify',
    'Fastify behind the adapter',
    'Fastify alone is the fastest of the floors here: the same microseconds are a larger part of it.',
    'fastify',
  ),
  adapter('hono', 'Hono behind the adapter', SPREAD_OUT),
  sustained(
    'p99 at a sustained load',
    { must: 1.5, aim: 1.2 },
    'A pause of the garbage collector is in the p99 of both; more of them come where more is left behind.',
    'allowed',
  ),
  row(
    'allowed, writeHead',
    'in-process: checks and finisher of an allowed request, above the floor',
    SPREAD_OUT,
    { profile: 'allowed' },
  ),
  row(
    'limiter decision',
    'one decision of a limiter in memory, a million keys',
    'A key that is picked by chance of a million is in no cache of the processor, and one that no caller can foresee has to be hashed before it is known where to look. What the time is, that hash and one wait for memory are the least that can be; the rest are the list, the charge and the outcome that the contract of stores asks for, and a look at a few others that may be over.',
    { pieces: ['decision on one key', 'clock reading', 'hash of a key', 'random read'] },
  ),
  row(
    'bytes of a key',
    'resident memory of a key at a million keys',
    'A table that is to be fast has room to spare: it grows before it is full, by an eighth.',
  ),
  row(
    'compile of 1,000',
    'to compile a policy of 1,000 routes',
    'It is done once, by code that V8 has not compiled yet.',
  ),
  row(
    'match of a path with a parameter',
    'to match one of 1,000 routes, that with a parameter',
    'The path is folded to its widest reading, looked up segment by segment, and compared with the pattern that binds it.',
  ),
  row(
    'import',
    'import of `@gatehouse/core`, above an empty process',
    'All that can be asked of the core is in one file, which V8 reads before any of it is used, and the modules of Node that every gate needs are loaded with it. What is shipped is not minified, since people read what they install, and that would not be enough. Nor is the smallest gate: who bundles `gatehouse` and `jwt` alone, and minifies that, has the nearest that can be.',
    { pieces: ['modules of Node', 'compiling the source', 'import, minified', 'import, least gate'] },
  ),
  row(
    'packed',
    '`@gatehouse/core`, packed with its types',
    'Most of it is code, of all that a policy can ask for, and no part of that is large. The rest are types with their documentation, which editors show. Minified, which it is not since people read what they install, it would still be too much; a gate with one scheme and no types is the nearest that can be.',
    { pieces: ['packed code', 'packed types', 'packed code, minified', 'packed code, least gate'] },
  ),
]
