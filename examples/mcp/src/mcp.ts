import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { Gate, Handler, JwtPrincipal } from '@gatehouse/core'
import { SCOPES, toolsFor } from './tools.ts'

/** Serves MCP over Streamable HTTP, without sessions: every request has all that it needs, its token among it. */
export function mcpHandler(gate: Gate<JwtPrincipal>): Handler<JwtPrincipal> {
  // Rules behind the policy: which of them a request has to keep to stands in its content.
  const rules = new Map(
    Object.entries(SCOPES).map(([tool, scopes]) => [tool, gate.allow({ scopes }, `tool ${tool}`)]),
  )
  const nobody = gate.allow({ when: () => false }, 'unknown tool')

  return async (req, res, pass) => {
    if (pass.path !== '/mcp') return gate.notFound(req, res)
    // No stream of the server's own, and no session to end: MCP wants 405 then.
    if (pass.method !== 'POST') return res.writeHead(405, { Allow: 'POST' }).end()
    // A batch could hold calls that nobody looks at; MCP has had none since 2025-06-18.
    if (Array.isArray(pass.content)) return res.writeHead(400).end()
    const tool = toolOf(pass.content)
    if (tool !== undefined) {
      const admitted = await (rules.get(tool) ?? nobody)(req, res)
      if (admitted === undefined) return // it was refused, and answered
    }
    const server = toolsFor(pass.principal.subject)
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
    res.once('close', () => void server.close())
    await server.connect(transport)
    await transport.handleRequest(req, res, pass.content)
  }
}

/** The tool that a message calls: no name but a text is one of the table. */
function toolOf(content: unknown): string | undefined {
  const { method, params } = content as {
    readonly method?: unknown
    readonly params?: { readonly name?: unknown }
  }
  if (method !== 'tools/call') return undefined
  return typeof params?.name === 'string' ? params.name : ''
}
