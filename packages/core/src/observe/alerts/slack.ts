import { readOrThrow } from '../../options/read-or-throw.ts'
import type { Sent } from '../delivery.ts'
import { type Post, post, refuseHttp, sentBy } from '../post.ts'
import type { Alert, AlertSeverity } from './alert.ts'
import { POST_READERS, type PostOptions, postRules } from './post-options.ts'
import { type AlertReceiver, ruled } from './receiver.ts'

/** Options of {@link slackAlerts}. */
export interface SlackAlertsOptions extends PostOptions {
  /** The URL of an incoming webhook of Slack, Mattermost, Rocket.Chat or whatever else takes the same JSON. A secret. */
  readonly url: string
}

/** The most characters of a header, and of a text, that Slack takes; a text is cut long before. */
const LONGEST = { header: 150, text: 2_900 } as const

const MARK: Readonly<Record<AlertSeverity, string>> = { critical: '🔴', warning: '🟠', info: '🔵' }

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['@', '@\u200b'],
  [']', ']\u200b'],
])

/** A message as incoming webhooks take it. */
export interface SlackMessage {
  readonly text: string
  readonly unfurl_links: false
  readonly unfurl_media: false
  readonly blocks: readonly object[]
}

/**
 * Sends alerts to a chat that takes the JSON of Slack's incoming webhooks. What clients chose can name nobody and no channel, and
 * makes no link.
 *
 * @throws ConfigError with every mistake in the options at once
 * @example
 * alerts({ deliver: slackAlerts({ url: process.env['SLACK_URL'] ?? '' }) })
 */
export function slackAlerts(options: SlackAlertsOptions): AlertReceiver {
  return slackBy(options, post)
}

/** {@link slackAlerts}, sent by something that a test may watch. */
export function slackBy(options: SlackAlertsOptions, send: Post): AlertReceiver {
  const read = readOrThrow('slackAlerts', options, POST_READERS, ['url'], refuseHttp)
  const { url, ca } = read
  const receiver: AlertReceiver = {
    name: 'the chat of alerts',
    async send(alerts, { signal }): Promise<Sent> {
      const body = JSON.stringify(alerts.map(slackMessage)[0])
      return sentBy(await send({ url, headers: { 'Content-Type': 'application/json' }, body, signal, ca }))
    },
  }
  return ruled(receiver, postRules(read))
}

/** An alert as a message. */
export function slackMessage(alert: Alert): SlackMessage {
  const { rule, severity, state, meaning, advice, samples } = alert
  const isOver = state === 'cleared'
  const title = `${isOver ? '⚪' : MARK[severity]} ${rule}: ${isOver ? 'over' : severity}`
  const whom = whomOf(alert)
  const seen = samples.map(({ time, kind, method, path }) => `${time}  ${kind}  ${method} ${path}`)
  const blocks = [
    { type: 'header', text: plain(title, LONGEST.header) },
    { type: 'section', text: plain(`${meaning}\n${whom}`, LONGEST.text) },
  ]
  if (!isOver) {
    blocks.push({ type: 'section', text: plain(advice, LONGEST.text) })
    if (seen.length > 0) blocks.push({ type: 'section', text: plain(seen.join('\n'), LONGEST.text) })
  }
  return {
    // What has no blocks shows this, and so do notifications.
    text: escaped(`${title}. ${meaning} ${whom}`, LONGEST.text),
    unfurl_links: false,
    unfurl_media: false,
    blocks,
  }
}

function whomOf({ by, key, others, count, total, window, state, since, until }: Alert): string {
  const whom = key === undefined ? 'All together' : `${by} ${key}`
  const more = others === 0 ? '' : ` and ${others} more`
  const counted = state === 'firing' ? `${count} in ${spanOf(window)}` : `${total} from ${since} to ${until}`
  return `${whom}${more}: ${counted}`
}

function spanOf(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1_000} s`
}

/** A text that is shown as it is: no markup, no mention, no link of its own. */
function plain(text: string, most: number): object {
  return { type: 'plain_text', text: escaped(text, most), emoji: false }
}

/**
 * `&`, `<` and `>` are all that control sequences of Slack need (`<!channel>`, `<@U123>`, `<https://...|text>`). An `@`, the
 * `](` of Markdown, a scheme and a `www.` mean something to other chats, and to whoever turns texts into links: an invisible
 * character parts them.
 */
function escaped(text: string, most: number): string {
  let out = ''
  for (const char of text.replaceAll('://', ':\u200b//').replaceAll(/www\./gi, '$&\u200b')) {
    const piece = ESCAPES.get(char) ?? char
    if (out.length + piece.length >= most) return `${out}…`
    out += piece
  }
  return out
}
