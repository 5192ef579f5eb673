/** How a connection travels, read from its statistics: a relay on either end of the pair in use is a relay. */
export async function isRelayed(connection: RTCPeerConnection): Promise<boolean> {
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
  return ends.some((end) => end?.['candidateType'] === 'relay');
}
