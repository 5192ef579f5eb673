/** Two headless peers that know each other by `POST /peers` of our own server alone, over real TCP. */
import { expect, test } from 'vitest';
import { opened, resourceOf, TcpLab, testId } from '../cli/torrentinno/testing/peers.ts';
import { startServer } from '../signal-server/server.ts';

test('[HL56] our own server introduces peers over TCP as well', async () => {
  const server = await startServer({ port: 0, logLevel: 'silent' });
  const lab = new TcpLab();
  lab.network.way = 'blocked';
  try {
    const url = `http://127.0.0.1:${server.port}`;
    const bytes = new Uint8Array(500_000).map((_, at) => (at * 7) & 255);
    const made = resourceOf(bytes, 100_000);
    const seed = await lab.withTcp(testId('50'), url);
    const leecher = await lab.withTcp(testId('20'), url);
    const infoHash = await opened(seed.peer, made, bytes);
    await seed.peer.peer.download(infoHash);
    await seed.announced;
    await leecher.peer.peer.download(infoHash);
    await leecher.peer.told(infoHash, ({ phase }) => phase === 'complete');
    expect(await leecher.peer.holds(infoHash, bytes)).toBe(true);
    expect(leecher.peer.of(infoHash).peers).toMatchObject([{ extended: true, path: 'lan' }]);
  } finally {
    await lab.close();
    await server.close();
  }
});
