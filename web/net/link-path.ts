/**
 * How a connection travels, read from its statistics ([PN1]): through a relay where either end of the pair in use is one,
 * within one network where both ends are addresses of the devices themselves, else directly.
 */
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
  const ends = [byId.get(pair?.['localCandidateId']), byId.get(pair?.['remoteCandidateId'])];
  if (ends.some((end) => end?.['candidateType'] === 'relay')) return 'relayed';
  return ends.every(isInside) ? 'lan' : 'direct';
}

/**
 * An address that only its own network knows (RFC 1918, RFC 4193, RFC 3927, RFC 4291), or a name that stands for one
 * (mDNS, RFC 6762). Browsers keep some addresses from the page: of these the kind of candidate has to do.
 */
function isInside(end: Record<string, unknown> | undefined): boolean {
  if (end === undefined) return false;
  const address = end['address'] ?? end['ip'];
  if (typeof address !== 'string' || address === '') return end['candidateType'] === 'host';
  return (
    /^(10|127|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\./.test(address) ||
    /^(f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|::1$)/i.test(address) ||
    address.endsWith('.local')
  );
}
