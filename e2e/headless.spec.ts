/** A peer without a page among pages: what it receives from one it gives to the next, when nobody else has it. */
import { TestHost } from '../cli/testing/test-host.ts';
import { parseLink } from '../shared/manifest/link.ts';
import { sha256Of } from './files.ts';
import { expect, test } from './fixtures.ts';

test.describe.configure({ timeout: 120_000 });

const BYTES = 6_000_000;

test('[HL21] a headless peer receives from a page, and serves a page when that one has left', async ({
  person,
  shoal,
  folder,
  afterwards,
}) => {
  const file = await folder.file('through a server.bin', BYTES);
  const headless = await TestHost.start(shoal.url);
  afterwards(() => headless.host.close());
  const [sender, receiver] = [await person(), await person()];
  const link = await sender.share(shoal.url, file.path);
  const parsed = parseLink(link);
  if (parsed.kind === 'bad') throw new Error(parsed.why);
  const share = parsed.infoHash;
  await headless.host.peer.download(share);
  const { peers } = await headless.told(share, ({ phase }) => phase === 'complete');
  expect(peers.map(({ path }) => path)).toEqual(['lan']);
  expect(await headless.sha256(share)).toBe(file.sha256);
  await sender.leave();
  // Long before it could be missed.
  await headless.told(share, ({ peers: left }) => left.length === 0);
  const download = await receiver.receive(link);
  expect(await sha256Of(await download.path())).toBe(file.sha256);
});
