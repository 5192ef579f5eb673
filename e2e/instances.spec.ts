/** Two instances of the server behind one Redis: people who reach different ones find each other. */
import { expect, SENDS, test } from './fixtures.ts';
import { sha256Of } from './files.ts';
import { startRedis } from './services.ts';
import { startShoal } from './shoal.ts';

test.describe.configure({ timeout: 120_000 });

test('[SV13] a file goes between browsers that are connected to two instances', async ({
  person,
  folder,
  afterwards,
}) => {
  const redis = await startRedis();
  test.skip(redis.kind === 'missing', redis.kind === 'missing' ? redis.sentence : '');
  if (redis.kind === 'missing') return;
  afterwards(() => redis.stop());
  const addresses: string[] = [];
  for (let nth = 0; nth < 2; nth++) {
    const instance = await startShoal({ redisUrl: redis.url });
    afterwards(() => instance.close());
    addresses.push(instance.url);
  }
  const [here, there] = addresses as [string, string];
  const file = await folder.file('between instances.bin', 3_000_000);
  const [sender, receiver] = [await person(SENDS), await person()];
  const link = await sender.share(here, file.path);
  const download = await receiver.receive(link.replace(here, there));
  expect(await sha256Of(await download.path())).toBe(file.sha256);
  await expect(sender.status).toContainText('1 person');
});
