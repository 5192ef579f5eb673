/** [WS22] What others sent before a restart, and nobody had looked at by then. */
import { expect, test } from 'vitest';
import { MemoryLibrary } from './library.ts';
import { MemoryStore } from './memory-store.ts';
import { MemoryWeb } from './testing/memory-web.ts';
import { PeerLab, someBytes } from './testing/test-peer.ts';
import { WebLine } from './testing/web-line.ts';

const URL = 'https://example.org/files/film.bin';
const BYTES = someBytes(5_000_000);

/** It stays in the swarm, and has all of it. */
class NeverShare extends MemoryStore {
  override async adopt(): ReturnType<MemoryStore['adopt']> {
    return { kind: 'failed', why: 'quota' };
  }
}

test('[WS22] is looked at afterwards, and nothing of a liar stays', async () => {
  const lab = new PeerLab();
  const [web, false_] = [new MemoryWeb(lab.clock), new MemoryWeb(lab.clock)];
  web.put(URL, BYTES);
  false_.put(
    URL,
    BYTES.map((byte) => byte ^ 1),
  );
  const liar = lab.peer({ urlProbe: false_.probe, webRanges: false_.ranges, store: new NeverShare() });
  const begun = await liar.peer.webFiles.fetch(URL);
  if (begun.kind !== 'begun') throw new Error(begun.kind);
  const file = begun.infoHash;
  await lab.clock.until(() => liar.snapshots.get(file)?.phase === 'complete', 'the liar has it', 120_000);
  const kept = { store: new MemoryStore(), library: new MemoryLibrary() };
  const line = new WebLine(web, lab.clock, 1_000_000);
  line.trouble = 'busy';
  const before = lab.peer({ urlProbe: web.probe, webRanges: line, ...kept });
  await before.peer.webFiles.fetch(URL);
  await lab.clock.until(
    () =>
      (before.snapshots.get(file)?.web?.pending ?? 0) > 50 &&
      (before.snapshots.get(file)?.storedBytes ?? 0) > 4_000_000,
    'all came of the liar',
    120_000,
  );
  await before.peer.close();
  await liar.peer.close();
  line.trouble = null;
  const after = lab.peer({ urlProbe: web.probe, webRanges: line, ...kept });
  await after.peer.restore();
  await lab.clock.until(() => after.became.length > 0, 'it is a share', 300_000);
  const share = after.became[0]?.[1];
  expect(share !== undefined && (await after.holds(share, BYTES))).toBe(true);
});
