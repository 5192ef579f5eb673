/** Whole transfers of commands over peers in memory: what is shared arrives, and what is said of it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { someBytes } from '../../shared/peer/testing/test-peer.ts';
import { TerminalLab } from './testing/terminal-lab.ts';

let lab: TerminalLab;
beforeEach(() => (lab = new TerminalLab()));
afterEach(() => lab.end());

const FILM = someBytes(600_000);

async function shared(...words: string[]) {
  const run = lab.start(['share', ...words]);
  await lab.until(() => run.link !== '' || run.code !== null, 'a link');
  return run;
}

describe('[HL10] [HL14] share and get', () => {
  test('[HL10] [HL14] a file arrives, and each says so', async () => {
    lab.file('film.mp4', FILM);
    const share = await shared('film.mp4');
    const get = await lab.run(['get', share.link, '-o', 'there']);
    expect([get.code, get.err.text]).toEqual([
      0,
      expect.stringContaining('Download complete and verified: “film.mp4”, 1 file, 600 kB.'),
    ]);
    expect(get.out.lines).toEqual([join(lab.folder, 'there', 'film.mp4')]);
    expect(Buffer.compare(lab.read('there/film.mp4'), FILM)).toBe(0);
    await lab.until(() => share.err.text.includes('Delivered to 1 person.'), 'the delivery');
    share.interrupt();
    await lab.until(() => share.code !== null, 'the end');
    expect([share.code, share.err.lines.at(-1)]).toEqual([
      130,
      'Stopped. The link rests; it works again when you share the same files again.',
    ]);
    expect(share.out.lines).toEqual([share.link]);
  });

  test('[HL10] --until ends it when so many have all of it', async () => {
    lab.file('film.mp4', FILM);
    const share = await shared('film.mp4', '--until', '1');
    await lab.run(['get', share.link, '-o', 'there']);
    await lab.until(() => share.code !== null, 'the end');
    expect(share.code).toBe(0);
    // Those of an earlier run do not count: it waits for another one.
    const again = await shared('film.mp4', '--until', '1');
    expect(again.link).toBe(share.link);
    expect(again.err.text).toContain('You have shared this before: same link.');
    await lab.peers.clock.advance(2_000);
    expect(again.code).toBeNull();
    again.interrupt();
    await lab.until(() => again.code !== null, 'the end');
  });

  test('[HL5] with --json everything is one object a line', async () => {
    lab.file('Holiday/a.jpg', someBytes(70_000, 1));
    lab.file('Holiday/sub/b.txt', someBytes(10, 2));
    const share = await shared('Holiday', '--json', '--comment', 'for you');
    const [facts] = share.of('shared');
    expect(facts).toMatchObject({ name: 'Holiday', files: 2, size: 70_010, torrentInno: true, again: false });
    const get = await lab.run(['get', '--json', facts!.magnet, '-o', 'there']);
    expect(get.code).toBe(0);
    expect(get.of('found')).toMatchObject([{ name: 'Holiday', wanted: 2, wantedBytes: 70_010 }]);
    expect(get.of('progress').at(-1)).toMatchObject({
      percent: 100,
      receivedBytes: 70_010,
      totalBytes: 70_010,
    });
    expect(get.of('saved')).toMatchObject([{ path: join(lab.folder, 'there', 'Holiday') }]);
    expect(get.of('got')).toMatchObject([{ files: 2, size: 70_010 }]);
    expect(get.err.text).toBe('');
    share.interrupt();
    await lab.until(() => share.code !== null, 'the end');
    expect(share.said.at(-1)).toMatchObject({ type: 'interrupted' });
  });

  test('[HL14] only what is selected is fetched', async () => {
    lab.file('Holiday/a.jpg', someBytes(70_000, 1));
    lab.file('Holiday/b.txt', someBytes(50_000, 2));
    const share = await shared('Holiday');
    const get = await lab.run(['get', share.link, '--json', '--select', '*.jpg']);
    expect(get.code).toBe(0);
    expect(get.of('found')).toMatchObject([{ files: 2, wanted: 1, wantedBytes: 70_000 }]);
    expect(get.of('got')).toMatchObject([{ files: 1 }]);
    const none = await lab.run(['get', share.link, '--select', '*.mkv', '-o', 'none']);
    expect([none.code, none.err.text]).toEqual([1, expect.stringContaining('No file of “Holiday” matches.')]);
    share.interrupt();
    await lab.until(() => share.code !== null, 'the end');
  });

  test('[HL6] an interrupted download is kept, and the same command goes on', async () => {
    lab.file('film.mp4', FILM);
    const share = await shared('film.mp4', '--limit-up', '100k');
    const first = lab.start(['get', share.link, '-o', 'there', '--json']);
    await lab.until(() => first.of('progress').some(({ percent }) => percent > 60), 'a part');
    first.interrupt();
    await lab.until(() => first.code !== null, 'the end');
    expect(first.code).toBe(130);
    expect(first.said.at(-1)).toMatchObject({
      type: 'interrupted',
      message: `Stopped. What has arrived is kept. To go on: shoal get ${share.link} -o there`,
    });
    const had = first.of('progress').at(-1)!.receivedBytes;
    const again = await lab.run(['get', share.link, '-o', 'there', '--json']);
    expect(again.code).toBe(0);
    expect(again.of('progress')[0]!.receivedBytes).toBeGreaterThan(had / 2);
    expect(Buffer.compare(lab.read('there/film.mp4'), FILM)).toBe(0);
    share.interrupt();
    await lab.until(() => share.code !== null, 'the end');
  });

  test('[HL14] --seed-for passes it on when the sender has gone', async () => {
    lab.file('film.mp4', FILM);
    const share = await shared('film.mp4');
    const first = lab.start(['get', share.link, '-o', 'one', '--seed-for', '10m']);
    await lab.until(() => first.err.text.includes('Passing it on.'), 'the first has it');
    share.interrupt();
    await lab.until(() => share.code !== null, 'the sender goes');
    const second = await lab.run(['get', share.link, '-o', 'two']);
    expect(second.code).toBe(0);
    await lab.peers.clock.advance(600_000);
    await lab.until(() => first.code !== null, 'its time is over');
    expect(first.code).toBe(0);
  });

  test('[HL14] it waits for a sender, says so, and gives up when it was told to', async () => {
    const link = `http://localhost:8000/#${'A'.repeat(42)}E`;
    const get = lab.start(['get', link, '--give-up-after', '1m']);
    await lab.until(() => get.err.text.includes('Nobody is sharing this right now.'), 'it is said');
    await lab.peers.clock.advance(60_000);
    await lab.until(() => get.code !== null, 'it gives up');
    expect([get.code, get.err.lines.at(-1)]).toEqual([1, expect.stringContaining('this was given up')]);
  });

  test('[HL4] who shares while the server is away hears that nobody finds them, though nothing happens', async () => {
    lab.file('film.mp4', FILM);
    lab.peers.tracker.away = true;
    const share = await shared('film.mp4');
    await lab.until(() => share.err.text.includes('so nobody can find you'), 'it is said', 1_000);
    share.interrupt();
    await lab.until(() => share.code !== null, 'the end');
  });

  test('[HL17] a server that is away is waited for', async () => {
    lab.file('film.mp4', FILM);
    const share = await shared('film.mp4');
    lab.peers.tracker.away = true;
    const get = lab.start(['get', share.link, '-o', 'there']);
    await lab.until(() => get.err.text.includes("Can't reach the Shoal server."), 'it is said');
    lab.peers.tracker.away = false;
    await lab.until(() => get.code !== null, 'it goes on');
    expect(get.code).toBe(0);
    share.interrupt();
    await lab.until(() => share.code !== null, 'the end');
  });

  test('[HL9] [LB19] a resource file leads to its share as well, and shares it', async () => {
    lab.file('film.mp4', FILM);
    await lab.run(['create', 'film.mp4', '-o', 'film.torrentinno']);
    const share = await shared('film.mp4', '--resource', 'film.torrentinno');
    const get = await lab.run(['get', 'film.torrentinno', '-o', 'there', '--with-resource']);
    expect(get.code).toBe(0);
    expect(readdirSync(join(lab.folder, 'there')).sort()).toEqual(['film.mp4', 'film.mp4.torrentinno']);
    expect(lab.read('there/film.mp4.torrentinno').equals(lab.read('film.torrentinno'))).toBe(true);
    share.interrupt();
    await lab.until(() => share.code !== null, 'the end');
    lab.file('other/film.mp4', someBytes(600_000, 9));
    const changed = await lab.run(['share', 'other/film.mp4', '--resource', 'film.torrentinno']);
    expect([changed.code, changed.err.text]).toEqual([
      1,
      expect.stringContaining('it has been changed since'),
    ]);
  });

  test('[HL10] --list puts it among the public shares, where search finds it', async () => {
    lab.file('film.mp4', FILM);
    const share = await shared('film.mp4', '--list');
    await lab.until(() => share.err.text.includes('It is listed:'), 'it is listed');
    const found = await lab.run(['search', 'film', '--json']);
    expect(found.code).toBe(0);
    expect(found.of('result')).toMatchObject([{ name: 'film.mp4', link: share.link, seeds: 1, leechers: 0 }]);
    expect(found.of('results')).toEqual([{ type: 'results', total: 1, shown: 1 }]);
    const nothing = await lab.run(['search', 'song']);
    expect([nothing.code, nothing.err.text]).toEqual([1, '0 shares found.\n']);
    share.interrupt();
    await lab.until(() => share.code !== null, 'the end');
    // Not asked for again, it is not public again.
    const again = await shared('film.mp4');
    expect(again.link).toBe(share.link);
    await lab.peers.clock.advance(60_000);
    expect((await lab.run(['search', 'film'])).code).toBe(1);
    again.interrupt();
    await lab.until(() => again.code !== null, 'the end');
  });

  test('[HL6] what is read for a link is not read on when it is interrupted', async () => {
    lab.file('film.mp4', FILM);
    const share = await shared('film.mp4');
    const before = { ...lab.doors };
    let stop: () => void = () => undefined;
    const reading = new Promise<void>((resolve) => (stop = resolve));
    lab.doors.openDisk = async (options) => ({ ...(await before.openDisk(options)), stopLooking: stop });
    // What is written waits for what is read of the same share, and the end for both.
    lab.doors.startHost = async (options) => {
      const host = await before.startHost(options);
      return { ...host, close: () => reading.then(() => host.close()) };
    };
    const get = lab.start(['get', share.link, '-o', 'there']);
    await lab.until(() => lab.hosts.length === 2, 'it has begun');
    get.interrupt();
    await lab.until(() => get.code !== null, 'the end');
    expect(get.code).toBe(130);
    share.interrupt();
    await lab.until(() => share.code !== null, 'the end of the share');
  });

  test('[HL6] a download that still looks at what is here is interrupted at once', async () => {
    lab.file('film.mp4', FILM);
    await lab.run(['create', 'film.mp4']);
    const before = { ...lab.doors };
    lab.doors.openDisk = async (options) => ({
      ...(await before.openDisk(options)),
      gather: () => new Promise(() => undefined),
    });
    const get = lab.start(['get', 'film.mp4.torrentinno', '-o', 'there']);
    await lab.until(() => lab.hosts.length === 1, 'it has begun');
    get.interrupt();
    await lab.until(() => get.code !== null, 'the end');
    expect([get.code, get.err.text]).toEqual([
      130,
      expect.stringContaining('To go on: shoal get film.mp4.torrentinno -o there'),
    ]);
  });

  test('[HL12] limits and connections go to the peer as they were typed', async () => {
    lab.file('film.mp4', FILM);
    const words = [
      '--relay-only',
      '--torrentinno',
      '8123',
      '--ti-tracker',
      'http://t.example:8080',
      '--public-ip',
      '192.0.2.1',
    ];
    const share = await shared('film.mp4', '--server', 'https://share.example.org/drop', ...words);
    expect(lab.hostOptions).toMatchObject([
      {
        serverUrl: 'https://share.example.org/drop/',
        relayOnly: true,
        torrentInno: { port: 8123, publicIp: '192.0.2.1' },
      },
    ]);
    expect(lab.hostOptions[0]?.torrentInno?.tracker?.href).toBe('http://t.example:8080/peers');
    expect(share.link).toMatch(/^https:\/\/share\.example\.org\/drop\/#/);
    share.interrupt();
    await lab.until(() => share.code !== null, 'the end');
  });

  test('[HL7] the log names nothing unless it may', async () => {
    lab.file('secret name.txt', FILM);
    const share = await shared('secret name.txt');
    expect(JSON.stringify(share.logged)).not.toContain('secret');
    expect(JSON.stringify(share.logged)).toContain('a share is open');
    share.interrupt();
    await lab.until(() => share.code !== null, 'the end');
    const named = await shared('secret name.txt', '--log-names');
    expect(JSON.stringify(named.logged)).toContain('secret name.txt');
    named.interrupt();
    await lab.until(() => named.code !== null, 'the end');
  });

  test('[HL10] --qr draws the link above it', async () => {
    lab.file('film.mp4', FILM);
    const share = await shared('film.mp4', '--qr');
    expect(share.out.lines.length).toBeGreaterThan(15);
    expect(share.out.lines.at(-1)).toBe(share.link);
    share.interrupt();
    await lab.until(() => share.code !== null, 'the end');
  });
});
