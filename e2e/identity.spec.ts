/** Whose an id is, in real browsers: a peer proves its own with the browser's cryptography. */
import { swarmOf, parseLink } from '../shared/manifest/link.ts';
import type { PeerId, SwarmId } from '../shared/ids.ts';
import { parseServerMessage } from '../shared/tracker/messages.ts';
import { announce, connect, three } from '../signal-server/testing/client.ts';
import { sha256Of } from './files.ts';
import { expect, SENDS, test } from './fixtures.ts';
import { TRANSFER_PATIENCE } from './person.ts';
import { freePort } from './services.ts';
import { startShoal } from './shoal.ts';

test.describe.configure({ timeout: 180_000 });

const NO_SERVER = /WebSocket|can’t establish a connection|ERR_CONNECTION_(?:REFUSED|RESET)|interrupted/i;

async function swarmOfLink(link: string): Promise<SwarmId> {
  const parsed = parseLink(link);
  if (parsed.kind !== 'link') throw new Error(parsed.kind);
  return swarmOf(parsed.infoHash);
}

test('[ID3] [TR4] who announces a sharer’s id first after a restart keeps nobody from its link', async ({
  person,
  folder,
  afterwards,
}) => {
  const file = await folder.file('mine.bin', 1_000_000);
  const port = await freePort();
  const before = await startShoal({ port });
  const [sharer, receiver] = [await person(SENDS), await person()];
  for (const one of [sharer, receiver]) one.pardon(NO_SERVER);
  const link = await sharer.share(before.url, file.path);
  await expect(sharer.status).toContainText('Ready. Send the link');
  const swarm = await swarmOfLink(link);
  const watcher = await connect(port);
  watcher.say(announce(three, { swarm }));
  const id = (await watcher.hear('peers')).peers[0]?.peerId as PeerId;
  expect(id).toMatch(/^[0-9a-f]{64}$/);
  await before.close();
  const after = await startShoal({ port });
  afterwards(() => after.close());
  const thief = await connect(port);
  const refusals: string[] = [];
  thief.socket.on('message', (data) => {
    const message = parseServerMessage(String(data));
    if (message?.type === 'error') refusals.push(message.code);
  });
  thief.say(announce(id, { swarm, left: 0 }));
  await expect.poll(() => refusals, TRANSFER_PATIENCE).toContain('in-use');
  const download = await receiver.receive(link);
  expect(await sha256Of(await download.path())).toBe(file.sha256);
  thief.close();
});
