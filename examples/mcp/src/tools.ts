import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { z } from 'zod'

/** The scopes that callers need, by tool. What is not in the table nobody may call. */
export const SCOPES: Readonly<Record<ToolName, readonly [string]>> = {
  'list-notes': ['notes:read'],
  'add-note': ['notes:write'],
}

/** The tools that there are. */
export type ToolName = 'list-notes' | 'add-note'

/** A note, and who has written it. */
interface Note {
  readonly text: string
  readonly by: string
}

const notes: Note[] = [{ text: 'Water the plants.', by: 'the example' }]

/** The tools, for one caller. Nothing here looks at tokens: whoever gets here has passed the gate. */
export function toolsFor(caller: string): McpServer {
  const server = new McpServer({ name: 'notes', version: '1.0.0' })
  server.registerTool('list-notes', { description: 'All notes.' }, () => ({
    content: notes.map(({ text, by }) => ({ type: 'text', text: `${by}: ${text}` })),
  }))
  server.registerTool(
    'add-note',
    { description: 'Adds a note.', inputSchema: { text: z.string().min(1).max(1_000) } },
    ({ text }) => {
      notes.push({ text, by: caller })
      return { content: [{ type: 'text', text: `There are ${notes.length} notes.` }] }
    },
  )
  return server
}
