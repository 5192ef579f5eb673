/** Two instances of the server behind one Redis: people who reach different ones find each other. */
import { expect, test } from './fixtures.ts';
import { sha256Of } from './files.ts';
import { startRedis } from './services.ts';
import { startShoal } from './shoal.ts';

test.describe.configure({ timeout: 120_000 });

test('[SV13] a file goes between browsers that are connected to two instances', async ({
  person,
  folder,
}) => {
  const redis = await startRedis();
  test.skip(redis.kind === 'missing', redis.kind === 'missing' ? redis.sentence : '');
  if (redis.kind === 'missing') return;
  const instances = await Promise.all([
    startShoal({ redisUrl: redis.url }),
    startShoal({ redisUrl: redis.url }),
  ]);
  try {
    const [here, there] = [instances[0].url, instances[1].url];
    const file = await folder.file('between instances.bin', 3_000_000);
    const [sender, receiver] = [await person(), await person()];
    const link = await sender.share(here, file.path);
    const download = await receiver.receive(link.replace(here, there));
    expect(await sha256Of(await download.path())).toBe(file.sha256);
    await expect(sender.status).toContainText('1 person');
  } finally {
    await Promise.all(instances.map((instance) => instance.close()));
    await redis.stop();
  }
});
