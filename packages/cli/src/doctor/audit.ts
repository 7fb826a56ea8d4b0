import { askManager, type HowAsked, isObject, type Manager, objectsOf, textOf, whyOf } from './manager.ts'

/** A dependency with a known hole. */
export interface Advisory {
  readonly name: string
  readonly severity: string
  readonly title: string
}

/** What an audit said, or why it said nothing. */
export type Audit =
  | { readonly done: true; readonly advisories: readonly Advisory[] }
  | { readonly done: false; readonly why: string }

const ARGS: Readonly<Record<Manager, readonly string[]>> = {
  npm: ['audit', '--json', '--omit=dev'],
  pnpm: ['audit', '--json', '--prod'],
  yarn: ['npm', 'audit', '--json', '--recursive', '--environment', 'production'],
  'yarn-1': ['audit', '--json', '--groups', 'dependencies'],
}

/** Asks the package manager for known holes; never throws. */
export async function audit(manager: Manager, folder: string, how: HowAsked): Promise<Audit> {
  const told = await askManager(manager, ARGS[manager], folder, how)
  if (!told.done) return told
  const advisories = readAudit(told.output)
  if (advisories !== undefined) return { done: true, advisories }
  // Yarn says nothing at all when there is nothing to say; of any other it is no answer.
  if (manager === 'yarn' && told.code === 0 && told.output.trim() === '')
    return { done: true, advisories: [] }
  return {
    done: false,
    why: `${manager.split('-')[0]} audit gave no answer${whyOf(told.output)}. Is the registry within reach`,
  }
}

/** What the managers write: npm 7 and newer, pnpm (as npm 6), yarn, a line for each, and yarn 1, too. */
export function readAudit(output: string): readonly Advisory[] | undefined {
  const found: Advisory[] = []
  let understood = false
  for (const line of objectsOf(output)) {
    if (isObject(line['vulnerabilities'])) {
      understood = true
      for (const [name, each] of Object.entries(line['vulnerabilities']))
        if (isObject(each)) found.push(advisory(name, each['severity'], titleOf(each['via'])))
    } else if (isObject(line['advisories'])) {
      understood = true
      for (const each of Object.values(line['advisories']))
        if (isObject(each)) found.push(advisory(each['module_name'], each['severity'], each['title']))
    } else if (isObject(line['children'])) {
      understood = true
      const { children } = line
      found.push(advisory(line['value'], children['Severity'], children['Issue']))
    } else if (isObject(line['data']) && line['type'] === 'auditAdvisory') {
      const { advisory: each } = line['data']
      if (isObject(each)) found.push(advisory(each['module_name'], each['severity'], each['title']))
    } else if (line['type'] === 'auditSummary') understood = true
  }
  return understood ? found.slice(0, 200) : undefined
}

function advisory(name: unknown, severity: unknown, title: unknown): Advisory {
  return { name: textOf(name), severity: textOf(severity).toLowerCase(), title: textOf(title) }
}

/** Of a dependency of a dependency npm names only which one it is. */
function titleOf(via: unknown): unknown {
  if (!Array.isArray(via)) return ''
  const [first] = via as readonly unknown[]
  return isObject(first) ? first['title'] : `by ${via.map(textOf).join(', ')}`
}
