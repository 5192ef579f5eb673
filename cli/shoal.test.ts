/** `shoal` as processes that reach each other through a real server: a share arrives, and signals end it in order. */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { someBytes } from '../shared/peer/testing/test-peer.ts';
import { ShoalProcess } from './testing/shoal-process.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
let folder = '';
let server: ChildProcessWithoutNullStreams;
let url = '';

/** That it says it is at. */
function addressFrom({ stdout }: ChildProcessWithoutNullStreams): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
      if (address !== undefined) resolve(address);
    });
  });
}

function shoal(...words: string[]): ShoalProcess {
  const env = { SHOAL_SERVER: url, XDG_STATE_HOME: join(folder, 'state') };
  return new ShoalProcess(words, { folder, env });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shoal-processes-'));
  server = spawn(process.execPath, ['--import', 'tsx', 'signal-server/main.ts'], {
    cwd: ROOT,
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1' },
  });
  url = await addressFrom(server);
});
afterAll(() => {
  server.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

describe('[HL10] [HL14] shoal and shoal', () => {
  test('[HL10] [HL14] [HL15] [HL6] a file arrives, a signal ends the share in order, and a daemon goes on with it', async () => {
    const content = someBytes(3_000_000);
    writeFileSync(join(folder, 'film.bin'), content);
    const share = shoal('share', 'film.bin');
    const link = await share.said(/http\S+#[\w-]{43}/);
    const get = shoal('get', link, '-o', 'there');
    expect([await get.ended, get.out]).toEqual([0, `${join(folder, 'there/film.bin')}\n`]);
    expect(readFileSync(join(folder, 'there/film.bin')).equals(content)).toBe(true);
    await share.said(/Delivered to 1 person\./);
    share.child.kill('SIGINT');
    expect([await share.ended, share.err]).toEqual([130, expect.stringMatching(/Stopped\. The link rests/)]);
    const seed = shoal('seed', 'there', '--json');
    await seed.said(/"type":"seeding"/);
    const again = shoal('get', link, '-o', 'later');
    expect([await again.ended, again.out]).toEqual([0, `${join(folder, 'later/film.bin')}\n`]);
    seed.child.kill('SIGTERM');
    expect(await seed.ended).toBe(130);
  });

  test('[HL6] an interrupted download says how to go on, and a reader that goes ends it quietly', async () => {
    const waiting = shoal('get', `${url}/#${'A'.repeat(42)}E`, '-o', 'waits here');
    await waiting.said(/Nobody is sharing this/);
    waiting.child.kill('SIGTERM');
    expect(await waiting.ended).toBe(130);
    expect(waiting.err).toContain(`To go on: shoal get ${url}/#${'A'.repeat(42)}E -o 'waits here'`);
    writeFileSync(join(folder, 'other.bin'), 'x');
    const share = shoal('share', 'other.bin', '--json');
    share.child.stdout.once('data', () => share.child.stdout.destroy());
    expect([await share.ended, share.err]).toEqual([130, '']);
  });
});
