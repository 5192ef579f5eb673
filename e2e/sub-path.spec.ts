/** Under a path of an origin that is not ours alone, behind a real nginx set up as docs/operation.md says. */
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { sha256Of } from './files.ts';
import { expect, SENDS, test } from './fixtures.ts';
import { TRANSFER_PATIENCE } from './person.ts';
import { startNginx } from './services.ts';
import type { NginxService } from './services.ts';
import { startShoal } from './shoal.ts';

test.describe.configure({ timeout: 150_000 });

/** What browsers write into their consoles about a server that is away. */
const NO_SERVER = /WebSocket|can’t establish a connection|ERR_CONNECTION_(?:REFUSED|RESET)|interrupted/i;
const WHOLE = 'pUr8aVVkdUqzc1NOzO8PR5HYbVRSAD0oYwV3tkjUNdA';

const operation = readFileSync(fileURLToPath(new URL('../docs/operation.md', import.meta.url)), 'utf8');
/** The examples for the root of a site and for a path of it. */
const [atRoot = '', underPath = ''] = [...operation.matchAll(/```nginx\n(.*?)```/gs)].map(
  ([, text]) => text ?? '',
);

type Afterwards = (undo: () => Promise<void>) => void;

/** Skips the test where there is no nginx. */
async function behindNginx(afterwards: Afterwards, ...examples: string[]): Promise<NginxService> {
  const server = await startShoal();
  afterwards(() => server.close());
  const site = examples.join('\n').replaceAll('127.0.0.1:8000', `127.0.0.1:${server.port}`);
  const nginx = await startNginx(site);
  test.skip(nginx.kind === 'missing', nginx.kind === 'missing' ? nginx.sentence : '');
  if (nginx.kind === 'missing') throw new Error(nginx.sentence);
  afterwards(() => nginx.stop());
  return nginx;
}

test('[UI12] [SA2] a file is shared, received and saved, and nothing is asked for outside the path', async ({
  person,
  folder,
  afterwards,
}) => {
  const nginx = await behindNginx(afterwards, underPath);
  const files = [await folder.file('π.bin', 1_000_000), await folder.file('second.txt', 10)];
  const [sender, receiver] = [await person(), await person()];
  for (const one of [sender, receiver]) {
    // The address without the slash leads to the page.
    await one.page.goto(`${nginx.origin}/drop`);
    await one.installed();
  }
  const link = await sender.share(sender.page.url(), files[0]?.path ?? '');
  expect(link.startsWith(`${nginx.origin}/drop/#`)).toBe(true);
  const download = await receiver.receive(link);
  expect(download.suggestedFilename()).toBe('π.bin');
  expect(await sha256Of(await download.path())).toBe(files[0]?.sha256);
  await expect(receiver.page.locator('iframe[src*="/drop/save/"]')).toBeAttached();
  await expect(receiver.status).toHaveText(/Saved to your downloads/);
  // Several files come as a zip, whose code is loaded with the first use.
  const several = await sender.share(
    `${nginx.origin}/drop/#/`,
    files.map(({ path }) => path),
  );
  await receiver.open(several);
  expect((await receiver.downloadSeveral()).suggestedFilename()).toMatch(/\.zip$/);
  const { start_url, scope, icons } = await receiver.page.evaluate(async () => {
    const link = document.querySelector<HTMLLinkElement>('link[rel=manifest]');
    const manifest = await (await fetch(link?.href ?? '')).json();
    const from = (address: string): string => new URL(address, link?.href).pathname;
    const icons: string[] = manifest.icons.map(({ src }: { src: string }) => from(src));
    return { start_url: from(manifest.start_url), scope: from(manifest.scope), icons };
  });
  expect([start_url, scope]).toEqual(['/drop/', '/drop/']);
  expect(icons.every((icon) => icon.startsWith('/drop/icon-'))).toBe(true);
  await Promise.all([sender.leave(), receiver.leave()]);
  await expect.poll(() => nginx.paths()).toContain('/drop/tracker');
  expect(nginx.paths().filter((path) => !path.startsWith('/drop/'))).toEqual(['/drop', '/drop']);
});

for (const order of [
  ['/', '/drop/'],
  ['/drop/', '/'],
]) {
  test(`[ST8] [SA7] [UI12] two on one origin, ${order.join(' before ')}, keep out of each other’s way`, async ({
    person,
    folder,
    afterwards,
  }) => {
    const nginx = await behindNginx(afterwards, atRoot, underPath);
    const file = await folder.file('apart.bin', 500_000);
    const [sender, receiver] = [await person(SENDS), await person()];
    const { page } = receiver;
    for (const path of order) {
      await page.goto(nginx.origin + path);
      await receiver.installed();
    }
    const link = await sender.share(`${nginx.origin}/drop/`, file.path);
    await receiver.open(link);
    await receiver.button('Download').click();
    await expect(receiver.status).toHaveText(/Saved to your downloads/, TRANSFER_PATIENCE);
    await sender.leave();
    await page.goto(link.replace('/drop/', '/'));
    await expect(receiver.status).toHaveText(/Nobody is sharing this/);
    await receiver.readyToConnect();
    await page.goto(link);
    await expect(receiver.button('Save')).toBeVisible();
    await receiver.readyToConnect();
    receiver.pardon(NO_SERVER);
    await nginx.stop();
    for (const path of order) {
      await page.goto(nginx.origin + path);
      await expect(page.getByLabel('Choose files')).toBeAttached();
    }
    await page.goto(link);
    await expect(receiver.button('Save')).toBeVisible();
  });
}

test('[UI12] without the slash, where the proxy does not redirect, the page says what to do', async ({
  person,
  afterwards,
}) => {
  const passedOn = underPath.replace(/return 301 .*/, 'proxy_pass http://127.0.0.1:8000/;');
  const nginx = await behindNginx(afterwards, passedOn);
  const visitor = await person();
  visitor.pardon(/404|Loading .*(?:script|module)|MIME type|stylesheet/i);
  await visitor.page.goto(`${nginx.origin}/drop#${WHOLE}`);
  await expect(visitor.page.getByText('If its address does not end with a slash, add one')).toBeVisible();
  await visitor.page.goto(`${nginx.origin}/drop/`);
  await expect(visitor.page.getByLabel('Choose files')).toBeAttached();
  await expect(visitor.page.getByText('add one')).toBeHidden();
});

test('[SV8] the examples keep the metrics from the world, however their address is spelled', async ({
  afterwards,
}) => {
  const { host } = new URL((await behindNginx(afterwards, atRoot, underPath)).origin);
  for (const path of ['/', '/drop/']) {
    expect((await answerOf(host, `${path}health`)).status).toBe(200);
    for (const spelling of ['metrics', 'metrics?all', '/metrics', './metrics', 'x/../metrics', '%6Detrics']) {
      const { status, body } = await answerOf(host, path + spelling);
      expect([path + spelling, status]).toEqual([path + spelling, 403]);
      expect(body).not.toContain('shoal_');
    }
  }
});

/** Of exactly this path, which fetch would tidy up first. */
function answerOf(host: string, path: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const [hostname, port] = host.split(':');
    get({ hostname, port, path }, async (response) => {
      resolve({ status: response.statusCode, body: (await response.setEncoding('utf8').toArray()).join('') });
    }).on('error', reject);
  });
}
