import {
  exposition,
  type Family,
  histogramExposition,
  type HistogramSample,
  type Sample,
} from './exposition.ts'
import type { MetricsSnapshot, StoreCallTimes } from './snapshot.ts'

/** Writes all that is measured in the text format of Prometheus. */
export function prometheusText(snapshot: MetricsSnapshot): string {
  const { responses, store } = snapshot
  return [
    ...familiesOf(snapshot).map(exposition),
    histogramExposition(
      'gatehouse_response_duration_seconds',
      'How long responses took, by rule, class of status, and the check that refused or answered.',
      responses.map(({ rule, status, check, times }) => ({
        labels: ['rule', rule, 'status', status, 'check', check ?? ''],
        state: times,
      })),
    ),
    histogramExposition('gatehouse_store_call_duration_seconds', 'How long the store took.', [
      ...callsOf('limits', store),
      ...callsOf('records', store.records),
    ]),
  ].join('')
}

function callsOf(use: string, { answered, failed }: StoreCallTimes): readonly HistogramSample[] {
  return [
    { labels: ['use', use, 'result', 'answered'], state: answered },
    { labels: ['use', use, 'result', 'failed'], state: failed },
  ]
}

function familiesOf({
  events,
  active,
  store,
  keySets,
  loopDelay,
  dropped,
}: MetricsSnapshot): readonly Family[] {
  return [
    {
      name: 'gatehouse_events_total',
      help: 'Security events by outcome, kind, check and rule.',
      type: 'counter',
      samples: events.map(({ outcome, kind, check, rule, count }) => ({
        labels: ['outcome', outcome, 'kind', kind, 'check', check ?? '', 'rule', rule],
        value: count,
      })),
    },
    {
      name: 'gatehouse_requests_active',
      help: 'Requests that are under way.',
      type: 'gauge',
      samples: [{ labels: [], value: active }],
    },
    {
      name: 'gatehouse_store_up',
      help: 'Whether the store of the limits answers.',
      type: 'gauge',
      samples: store.up === undefined ? [] : [{ labels: [], value: store.up ? 1 : 0 }],
    },
    {
      name: 'gatehouse_key_set_age_seconds',
      help: 'How old the keys of an issuer are; NaN while there are none.',
      type: 'gauge',
      samples: oldest(keySets),
    },
    {
      name: 'gatehouse_event_loop_delay_seconds',
      help: 'How late the event loop was between two of the last looks at it, ten seconds or more apart.',
      type: 'gauge',
      samples: Object.entries(loopDelay ?? {}).map(([stat, value]) => ({
        labels: ['stat', stat],
        value: value as number,
      })),
    },
    {
      name: 'gatehouse_sink_dropped_total',
      help: 'Events that a sink has lost.',
      type: 'counter',
      samples: Object.entries(dropped).flatMap(([sink, lost]) =>
        typeof lost === 'number'
          ? { labels: ['sink', sink], value: lost }
          : Object.entries(lost).map(([outcome, value]) => ({
              labels: ['sink', sink, 'outcome', outcome],
              value,
            })),
      ),
    },
  ]
}

/** Several gates may have keys of one issuer, and no two lines have the same labels: the worst of them is told. */
function oldest(keySets: MetricsSnapshot['keySets']): readonly Sample[] {
  const ages = new Map<string, number>()
  for (const { issuer, age = NaN } of keySets) ages.set(issuer, Math.max(ages.get(issuer) ?? age, age))
  return [...ages].map(([issuer, value]) => ({ labels: ['issuer', issuer], value }))
}
