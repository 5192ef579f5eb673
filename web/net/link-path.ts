/** How a browser's connection travels, read from its statistics ([PN1]): those of the pair of candidates in use. */
import { pathBetween } from '../../shared/peer/link-path.ts';
import type { LinkEndpoint } from '../../shared/peer/link-path.ts';
import type { LinkPath } from '../../shared/peer/ports.ts';

export async function pathOf(connection: RTCPeerConnection): Promise<LinkPath> {
  const stats = [...(await connection.getStats()).values()] as Record<string, unknown>[];
  const byId = new Map(stats.map((entry) => [entry['id'], entry]));
  const transport = stats.find(({ type }) => type === 'transport');
  const pair =
    byId.get(transport?.['selectedCandidatePairId']) ??
    stats.find(
      ({ type, nominated, state }) =>
        type === 'candidate-pair' && nominated === true && state === 'succeeded',
    );
  const [local, remote] = [pair?.['localCandidateId'], pair?.['remoteCandidateId']].map((id) =>
    endpointOf(byId.get(id)),
  );
  return pathBetween(local ?? null, remote ?? null);
}

function endpointOf(end: Record<string, unknown> | undefined): LinkEndpoint | null {
  if (end === undefined) return null;
  const address = end['address'] ?? end['ip'];
  return {
    kind: String(end['candidateType']),
    address: typeof address === 'string' && address !== '' ? address : null,
  };
}
