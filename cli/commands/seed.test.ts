/** A daemon over a real folder and a peer in memory: what comes, what goes, what does not fit, and a restart. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseManifest } from '../../shared/manifest/resource.ts';
import { someBytes } from '../../shared/peer/testing/test-peer.ts';
import { keepIn } from './keep.ts';
import { TerminalLab } from './testing/terminal-lab.ts';
import type { Run } from './testing/terminal-lab.ts';

let lab: TerminalLab;
beforeEach(() => (lab = new TerminalLab()));
afterEach(() => lab.end());

const FILM = someBytes(300_000);

async function begun(...more: string[]): Promise<Run> {
  const run = lab.start(['seed', 'srv', '--json', ...more]);
  await lab.until(() => run.code !== null || run.out.text.includes('"watching"'), 'the first look');
  return run;
}

async function stopped(run: Run): Promise<void> {
  run.interrupt();
  await lab.until(() => run.code !== null, 'the end');
  expect(run.code).toBe(130);
}

/** Made of a file in the daemon's folder, without its content moving. */
async function withResource(name: string, content: Uint8Array): Promise<string> {
  lab.file(`srv/${name}`, content);
  const made = await lab.run(['create', `srv/${name}`, '-o', `srv/${name}.torrentinno`, '--json']);
  return made.of('created')[0]!.link;
}

/** As `get` remembers it, and without a resource file. */
function asDownload(name: string): void {
  lab.file('srv/.shoal/a/b/manifest.torrentinno', lab.read(`srv/${name}.torrentinno`));
  rmSync(join(lab.folder, `srv/${name}.torrentinno`));
}

describe('[HL15] seed', () => {
  test('[HL15] what lies there is shared, and arrives', async () => {
    const link = await withResource('film.mp4', FILM);
    const seed = await begun();
    expect(seed.of('seeding')).toMatchObject([{ link, resource: 'film.mp4.torrentinno', name: 'film.mp4' }]);
    expect(seed.of('watching')).toMatchObject([{ shares: 1 }]);
    const get = await lab.run(['get', link, '-o', 'there']);
    expect(get.code).toBe(0);
    expect(Buffer.compare(lab.read('there/film.mp4'), FILM)).toBe(0);
    await stopped(seed);
  });

  test('[HL15] share --keep hands it to the daemon, which notices', async () => {
    lab.file('Holiday/a.jpg', someBytes(70_000, 1));
    lab.file('Holiday/sub/b.txt', someBytes(10, 2));
    lab.file('srv/.hidden/x.torrentinno', 'x');
    const seed = await begun();
    const kept = await lab.run(['share', 'Holiday', '--keep', 'srv', '--json']);
    expect([kept.code, kept.of('kept')]).toMatchObject([0, [{ folder: join(lab.folder, 'srv', 'Holiday') }]]);
    expect(readdirSync(join(lab.folder, 'srv')).sort()).toEqual(['.hidden', '.shoal', 'Holiday']);
    expect(readdirSync(join(lab.folder, 'srv/Holiday')).sort()).toEqual(['Holiday', 'Holiday.torrentinno']);
    const { link } = kept.of('shared')[0]!;
    await lab.until(() => seed.of('seeding').length === 1, 'it is picked up');
    expect(seed.of('seeding')).toMatchObject([{ link }]);
    const get = await lab.run(['get', link, '-o', 'there']);
    expect(get.code).toBe(0);
    expect(lab.read('there/Holiday/sub/b.txt').equals(Buffer.from(someBytes(10, 2)))).toBe(true);
    // A second share of that name gets a folder of its own.
    const again = await lab.run(['share', 'Holiday', '--keep', 'srv', '--json']);
    expect(again.of('kept')).toMatchObject([{ folder: join(lab.folder, 'srv', 'Holiday (2)') }]);
    await stopped(seed);
  });

  test('[HL15] what get has loaded there is shared, and once where its resource file comes as well', async () => {
    const link = await withResource('film.mp4', FILM);
    asDownload('film.mp4');
    const seed = await begun();
    expect(seed.of('seeding')).toMatchObject([{ link, name: 'film.mp4' }]);
    const manifest = lab.read('srv/.shoal/a/b/manifest.torrentinno');
    lab.file('srv/film.torrentinno', manifest);
    await lab.until(() => seed.of('seeding').length === 2, 'the resource file is what counts');
    expect(seed.of('seeding')[1]).toMatchObject({ link, resource: 'film.torrentinno' });
    await stopped(seed);
    const next = await begun();
    expect([next.of('seeding').length, next.of('skipped'), next.of('watching')[0]?.shares]).toEqual([
      1,
      [],
      1,
    ]);
    expect((await lab.run(['get', link, '-o', 'there'])).code).toBe(0);
    expect(lab.read('there/film.mp4').equals(Buffer.from(FILM))).toBe(true);
    await stopped(next);
  });

  test('[HL15] of a download that is not whole nothing is said, and it is shared when it is', async () => {
    await withResource('film.mp4', FILM);
    asDownload('film.mp4');
    rmSync(join(lab.folder, 'srv/film.mp4'));
    const seed = await begun();
    expect([seed.of('skipped'), seed.of('watching')[0]?.shares]).toEqual([[], 0]);
    lab.file('srv/film.mp4', FILM);
    await lab.until(() => seed.of('seeding').length === 1, 'it is whole');
    await stopped(seed);
  });

  test('[HL15] --keep of one file, and of two that are called alike', async () => {
    lab.file('one/a.txt', 'first');
    lab.file('two/a.txt', 'second');
    const kept = await lab.run(['share', 'one/a.txt', 'two/a.txt', '--name', 'Both', '--keep', 'srv']);
    expect(kept.code).toBe(0);
    expect(['a.txt', 'a (2).txt'].map((name) => lab.read(`srv/Both/${name}`).toString())).toEqual([
      'first',
      'second',
    ]);
    const seed = await begun();
    expect(seed.of('watching')).toMatchObject([{ shares: 1 }]);
    await stopped(seed);
  });

  test('[HL15] --keep of a file that is called like the resource file, and one that is interrupted', async () => {
    lab.file('notes.torrentinno', 'words');
    const kept = await lab.run(['share', 'notes.torrentinno', '--name', 'notes', '--keep', 'srv', '--json']);
    const [folder, name] = [join(lab.folder, 'srv/notes'), '2 notes.torrentinno'];
    expect(kept.of('kept')).toMatchObject([{ folder, resource: join(folder, name) }]);
    expect(readdirSync(folder).sort()).toEqual([name, 'notes.torrentinno']);
    expect(lab.read('srv/notes/notes.torrentinno').toString()).toBe('words');
    const seed = await begun();
    expect(seed.of('seeding')).toMatchObject([{ resource: `notes/${name}` }]);
    await stopped(seed);
    const parsed = parseManifest(new Uint8Array(lab.read(`srv/notes/${name}`)));
    if (parsed.kind !== 'parsed') throw new Error('it is a resource file');
    const sources = [{ path: join(lab.folder, 'notes.torrentinno') }];
    const daemon = join(lab.folder, 'other');
    await expect(keepIn(daemon, parsed.manifest, sources, AbortSignal.abort())).rejects.toThrow(/^Stopped\./);
    expect(readdirSync(daemon)).toEqual([]);
  });

  test('[HL15] what is not whole is named once, and shared when it is', async () => {
    await withResource('film.mp4', FILM);
    renameSync(join(lab.folder, 'srv/film.mp4'), join(lab.folder, 'film.mp4'));
    const seed = await begun();
    expect(seed.of('skipped')).toMatchObject([
      {
        why: 'no-content',
        message: 'its content is not beside it. It is shared as soon as all of it is there.',
      },
    ]);
    lab.file('srv/film.mp4', FILM.slice(0, 1_000));
    await lab.until(() => seed.of('skipped').length === 2, 'it is looked at again');
    expect(seed.of('skipped')[1]).toMatchObject({ why: 'changed' });
    await lab.peers.clock.advance(60_000);
    expect(seed.of('skipped').length).toBe(2);
    rmSync(join(lab.folder, 'srv/film.mp4'));
    renameSync(join(lab.folder, 'film.mp4'), join(lab.folder, 'srv/film.mp4'));
    await lab.until(() => seed.of('seeding').length === 1, 'it is whole');
    await stopped(seed);
  });

  test('[HL15] what has other bytes is not shared, nor what is no resource file, nor the same share twice', async () => {
    await withResource('film.mp4', FILM);
    lab.file('srv/film.mp4', someBytes(300_000, 5));
    lab.file('srv/broken.torrentinno', '{"trackerIp":"a","pieces":[');
    lab.file('srv/ok.txt', 'hello');
    await lab.run(['create', 'srv/ok.txt', '-o', 'srv/ok.torrentinno']);
    lab.file('srv/ok-again.torrentinno', lab.read('srv/ok.torrentinno'));
    execFileSync('mkfifo', [join(lab.folder, 'srv/pipe.torrentinno')]);
    const seed = await begun();
    expect(
      seed
        .of('skipped')
        .map(({ resource, why }) => [resource, why])
        .sort(),
    ).toEqual([
      ['broken.torrentinno', 'no-resource'],
      ['film.mp4.torrentinno', 'changed'],
      ['ok.torrentinno', 'same-share'],
    ]);
    expect(seed.of('watching')).toMatchObject([{ shares: 1 }]);
    await stopped(seed);
  });

  test('[HL15] what is removed is let go, also while the daemon was away', async () => {
    await withResource('one.bin', someBytes(50_000, 1));
    await withResource('two.bin', someBytes(50_000, 2));
    const first = await begun();
    expect(first.of('watching')).toMatchObject([{ shares: 2 }]);
    rmSync(join(lab.folder, 'srv/one.bin.torrentinno'));
    await lab.until(() => first.of('unseeded').length === 1, 'it is let go');
    await stopped(first);
    await withResource('three.bin', someBytes(50_000, 3));
    rmSync(join(lab.folder, 'srv/two.bin.torrentinno'));
    const second = await begun();
    expect(second.of('seeding').map(({ name }) => name)).toEqual(['three.bin']);
    expect((await lab.hosts.at(-1)!.peer.library()).map(({ name }) => name)).toEqual(['three.bin']);
    await stopped(second);
  });

  test('[HL15] after a restart it goes on', async () => {
    const link = await withResource('film.mp4', FILM);
    await stopped(await begun());
    const again = await begun('--state', 'elsewhere');
    expect(again.of('seeding')).toMatchObject([{ link }]);
    expect(existsSync(join(lab.folder, 'elsewhere'))).toBe(true);
    await stopped(again);
    const third = await begun();
    expect(third.of('seeding')).toMatchObject([{ link }]);
    expect((await lab.run(['get', link, '-o', 'there'])).code).toBe(0);
    await stopped(third);
  });

  test('[HL17] a folder that is none', async () => {
    lab.file('file', 'x');
    expect((await lab.run(['seed', 'file'])).err.text).toBe('file is no folder. Name one.\n');
    expect((await lab.run(['seed', 'nowhere'])).err.text).toBe('There is no folder nowhere.\n');
  });
});

describe('[HL16] health', () => {
  test('[HL16] answers with numbers and no name', async () => {
    await withResource('secret-film.mp4', FILM);
    const seed = await begun('--health', '0');
    const { url } = seed.of('health')[0]!;
    await lab.until(
      () => [...lab.hosts.at(-1)!.snapshots.values()].some(({ trackerOnline }) => trackerOnline),
      'the server is reached',
    );
    const health = await fetch(`${url}/healthz`);
    expect([health.status, await health.json()]).toEqual([
      200,
      { status: 'ok', shares: 1, skipped: 0, links: 0, server: 'reached' },
    ]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('shoal_seed_shares 1');
    expect(metrics).toContain('shoal_process_resident_memory_bytes');
    expect(metrics).not.toContain('secret');
    expect((await fetch(`${url}/other`)).status).toBe(404);
    expect((await fetch(`${url}/healthz`, { method: 'POST' })).status).toBe(405);
    await stopped(seed);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  test('[HL17] a port that is taken', async () => {
    lab.file('srv/x.txt', 'x');
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const seed = await lab.run(['seed', 'srv', '--health', String(port)]);
    expect([seed.code, seed.err.text]).toEqual([
      1,
      `Port ${port} is taken: another program uses it. Choose another one with --health.\n`,
    ]);
    taken.close();
  });
});
