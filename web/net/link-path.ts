/** How a browser's connection travels, and how long ([PN1] [PN14]): from the statistics of the pair of candidates in use. */
import { pathBetween } from '../../shared/peer/link-path.ts';
import type { LinkEndpoint } from '../../shared/peer/link-path.ts';
import type { LinkPath } from '../../shared/peer/ports.ts';

type Entry = Readonly<Record<string, unknown>>;

export async function pathOf(connection: RTCPeerConnection): Promise<LinkPath> {
  const byId = await statsOf(connection);
  const pair = pairIn(byId);
  const [local, remote] = [pair?.['localCandidateId'], pair?.['remoteCandidateId']].map((id) =>
    endpointOf(byId.get(id)),
  );
  return pathBetween(local ?? null, remote ?? null);
}

/** Of the last look whether the other side is there; null: the browser does not say. */
export async function roundTripMsOf(connection: RTCPeerConnection): Promise<number | null> {
  const seconds = pairIn(await statsOf(connection))?.['currentRoundTripTime'];
  return typeof seconds === 'number' ? seconds * 1_000 : null;
}

async function statsOf(connection: RTCPeerConnection): Promise<Map<unknown, Entry>> {
  const stats = [...(await connection.getStats()).values()] as Entry[];
  return new Map(stats.map((entry) => [entry['id'], entry]));
}

function pairIn(byId: ReadonlyMap<unknown, Entry>): Entry | undefined {
  const stats = [...byId.values()];
  const transport = stats.find(({ type }) => type === 'transport');
  return (
    byId.get(transport?.['selectedCandidatePairId']) ??
    stats.find(
      ({ type, nominated, state }) =>
        type === 'candidate-pair' && nominated === true && state === 'succeeded',
    )
  );
}

function endpointOf(end: Record<string, unknown> | undefined): LinkEndpoint | null {
  if (end === undefined) return null;
  const address = end['address'] ?? end['ip'];
  return {
    kind: String(end['candidateType']),
    address: typeof address === 'string' && address !== '' ? address : null,
  };
}
