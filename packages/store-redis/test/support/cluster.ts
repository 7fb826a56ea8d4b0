import { freePort, type Server, startServer, until } from './servers.ts'

/** Three primaries that share the slots. */
export async function startCluster(): Promise<readonly Server[]> {
  const nodes = await Promise.all(
    [0, 1, 2].map(async () =>
      startServer('--cluster-enabled', 'yes', '--cluster-port', String(await freePort())),
    ),
  )
  const [first] = nodes
  if (first === undefined) throw new Error('no node')
  const ranges = [
    ['0', '5460'],
    ['5461', '10922'],
    ['10923', '16383'],
  ]
  for (const [index, node] of nodes.entries()) {
    await node.ask('CLUSTER', 'ADDSLOTSRANGE', ...(ranges[index] ?? []))
    if (node === first) continue
    const bus = /@(\d+)/.exec(String(await first.ask('CLUSTER', 'NODES')))?.[1] ?? ''
    await node.ask('CLUSTER', 'MEET', '127.0.0.1', String(first.port), bus)
  }
  for (const node of nodes) {
    await until('the cluster is whole', async () => {
      const info = String(await node.ask('CLUSTER', 'INFO'))
      return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3')
    })
  }
  return nodes
}
