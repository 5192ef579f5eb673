/** [WS12] A server that says once that the file is another one, and then that it is not. */
import { expect, test } from 'vitest';
import type { WebRanges } from './ports.ts';
import { MemoryWeb } from './testing/memory-web.ts';
import { PeerLab, someBytes } from './testing/test-peer.ts';

const URL = 'https://example.org/files/film.bin';
const BYTES = someBytes(5_000_000);

test('[WS12] is asked on, after a while', async () => {
  const lab = new PeerLab();
  const web = new MemoryWeb(lab.clock);
  web.put(URL, BYTES);
  let asked = 0;
  const webRanges: WebRanges = {
    fetch(order, listener) {
      if (++asked !== 2) return web.ranges.fetch(order, listener);
      return lab.clock.after(10, () => listener.failed('changed', 0));
    },
  };
  const one = lab.peer({ urlProbe: web.probe, webRanges });
  expect((await one.peer.webFiles.fetch(URL)).kind).toBe('begun');
  await lab.clock.until(() => one.became.length > 0, 'it is a share', 120_000);
  expect(one.changed).toEqual([]);
});
