/** Commands that connect nothing: what they say of files, links and magnets, also of bad ones. */
import { mkdirSync, symlinkSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { someBytes } from '../../shared/peer/testing/test-peer.ts';
import { TerminalLab } from './testing/terminal-lab.ts';

let lab: TerminalLab;
beforeEach(() => (lab = new TerminalLab()));
afterEach(() => lab.end());

const LINK = `https://share.example.org/#${'A'.repeat(42)}E`;
const ID = `${'0'.repeat(62)}01`;
const ESC = '\u001b';

describe('[HL10] create', () => {
  test('[HL10] writes a resource file beside nothing that is there', async () => {
    lab.file('film.mp4', someBytes(300_000));
    const made = await lab.run([
      'create',
      'film.mp4',
      '--comment',
      'for you',
      '--server',
      'https://share.example.org',
    ]);
    expect(made.code).toBe(0);
    expect(made.out.text).toMatch(
      /film\.mp4\.torrentinno: “film\.mp4”, 1 file, 300 kB\.\nlink {4}https:\/\/share\.example\.org\/#[\w-]{43}\nmagnet {2}magnet:\?xt=/,
    );
    const resource = JSON.parse(lab.read('film.mp4.torrentinno').toString()) as Record<string, unknown>;
    expect(resource).toMatchObject({ trackerIp: 'share.example.org', name: 'film.mp4' });
    const again = await lab.run(['create', 'film.mp4']);
    expect([again.code, again.err.text]).toEqual([1, expect.stringContaining('is there already')]);
    expect((await lab.run(['create', 'film.mp4', '--force'])).code).toBe(0);
  });

  test('[HL10] without salt the same files have the same link', async () => {
    lab.file('a.txt', 'hello');
    const [one, other] = [
      await lab.run(['create', 'a.txt', '--no-salt', '-o', '-']),
      await lab.run(['create', 'a.txt', '--no-salt', '-o', '-']),
    ];
    expect(one.out.text).toBe(other.out.text);
    expect(JSON.parse(one.out.text)).toMatchObject({ name: 'a.txt' });
    expect(one.err.text).toMatch(/link {4}http/);
  });

  test('[HL10] says what pieces TorrentInno’s own program cannot load', async () => {
    lab.file('a.bin', someBytes(3_000_000));
    const made = await lab.run(['create', 'a.bin', '--piece-size', '2MiB', '--json', '-o', 'a.torrentinno']);
    expect(made.of('created')).toMatchObject([
      { pieces: 2, pieceSize: 2_097_152, torrentInno: false, file: join(lab.folder, 'a.torrentinno') },
    ]);
    expect(made.of('note')[0]!.message).toContain('at most 1 MB');
    expect(made.of('reading').at(-1)).toMatchObject({ readBytes: 3_000_000, totalBytes: 3_000_000 });
  });

  test.each<[string[], number, RegExp]>([
    [['create'], 2, /^Say which files or folders\.\nSee: shoal create --help$/m],
    [['create', 'nothing-there'], 1, /There is no .*nothing-there/],
    [
      ['create', 'a.txt', '-o', 'no/such/folder/a'],
      1,
      /^There is no folder .*no\/such\/folder\. Make it first/,
    ],
    [['create', 'a.txt', '-o', '.'], 1, /is a folder/],
    [['create', 'a.txt', '--piece-size', '0'], 2, /--piece-size takes a size/],
    [['create', 'a.txt', '--piece-size', '999999999999999999999'], 2, /--piece-size takes a size/],
    [['create', 'a.txt', '--name', 'ä'.repeat(200)], 2, /--name has at most 255 bytes/],
    [['create', 'a.txt', '--comment', 'x'.repeat(1_001)], 2, /--comment has at most 1000 characters/],
    [['create', 'a.txt', '--json', '-o', '-'], 2, /both want the standard output/],
  ])('[HL2] [HL17] shoal %j', async (words, code, message) => {
    lab.file('a.txt', 'hello');
    const run = await lab.run(words);
    expect([run.code, run.out.text + run.err.text]).toEqual([code, expect.stringMatching(message)]);
  });
});

describe('[HL8] info', () => {
  test('[HL8] shows everything of a resource file, and its files as a tree', async () => {
    lab.file('Holiday/a.jpg', someBytes(1_000));
    lab.file('Holiday/sub/b.txt', someBytes(2_000));
    await lab.run(['create', 'Holiday', '-o', 'h.torrentinno', '--comment', 'two\nlines']);
    const { code, out } = await lab.run(['info', 'h.torrentinno']);
    expect(code).toBe(0);
    expect(out.text).toContain('size         3.00 kB in 2 files');
    expect(out.text).toContain('comment      two\n             lines');
    expect(out.text).toContain('TorrentInno  can load it');
    expect(out.text).toMatch(
      /Holiday\/ {2}2 files, 3\.00 kB\n├─ sub\/ {2}1 file, 2\.00 kB\n│ {2}└─ b\.txt {2}2\.00 kB\n└─ a\.jpg {2}1\.00 kB\n$/,
    );
    const json = await lab.run(['info', 'h.torrentinno', '--json']);
    expect(json.of('resource')).toMatchObject([
      { name: 'Holiday', comment: 'two\nlines', list: [{ path: ['Holiday', 'a.jpg'] }, { size: 2_000 }] },
    ]);
  });

  test('[HL8] tells of a link and a magnet what they say', async () => {
    const link = await lab.run(['info', `see ${LINK}.`, '--json']);
    expect(link.said).toEqual([
      { type: 'link', infoHash: ID, link: LINK, magnet: null, name: null, size: null },
    ]);
    const magnet = await lab.run(['info', `magnet:?xt=urn:torrentinno:${ID}&dn=Film%1b%5b31m&xl=5`]);
    expect(magnet.out.text).toContain('name         Film\ufffd[31m (as the magnet says)');
    expect(magnet.out.text).toContain(`link         http://localhost:8000/#`);
  });

  test('[HL1] the server is what was said, what is set, where the link leads, or this machine', async () => {
    const linkOf = async (words: string[], env = {}) => (await lab.run(['info', ...words], { env })).link;
    expect(await linkOf([LINK, '--server', 'http://a'], { SHOAL_SERVER: 'http://b' })).toMatch(
      /^http:\/\/a\/#/,
    );
    expect(await linkOf([LINK], { SHOAL_SERVER: 'http://b' })).toMatch(/^http:\/\/b\/#/);
    expect(await linkOf([LINK], { SHOAL_SERVER: '' })).toBe(LINK);
    expect(await linkOf([`magnet:?xt=urn:torrentinno:${ID}`])).toMatch(/^http:\/\/localhost:8000\/#/);
    const bad = await lab.run(['info', LINK], { env: { SHOAL_SERVER: 'ftp://b' } });
    expect([bad.code, bad.err.text]).toEqual([2, expect.stringMatching(/^SHOAL_SERVER takes the address/)]);
  });

  test.each<[string, number, RegExp]>([
    [LINK.slice(0, -1), 2, /A part of this link was cut off/],
    [`${LINK}A`, 2, /Something was added to this link/],
    [LINK.replace(/E$/, 'F'), 2, /The last character of this link/],
    ['https://share.example.org/', 2, /has no # with a share behind it/],
    [`${LINK} https://a/#${'B'.repeat(42)}E`, 2, /links to different shares/],
    ['magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a', 2, /of BitTorrent/],
    ['film.torrent', 2, /of BitTorrent/],
    ['magnet:?dn=Film', 2, /names no share of Shoal/],
    ['film.torrentinno', 1, /There is no file film\.torrentinno\./],
    ['hello', 2, /hello is no link and no file/],
    [`${ESC}[31mred`, 2, /^\ufffd\[31mred is no link and no file/],
    ['.', 2, /is a folder/],
    ['   ', 2, /Name a link/],
  ])('[HL9] %j is none that leads to a share', async (argument, code, message) => {
    const run = await lab.run(['info', argument]);
    expect([run.code, run.err.text]).toEqual([code, expect.stringMatching(message)]);
    expect(run.err.text).not.toContain(ESC);
  });

  test.each<[string, string, RegExp]>([
    ['d8:announce35:https://t.example/announce4:infod', 'a.torrentinno', /this is a BitTorrent file/],
    ['', 'a.torrentinno', /there is nothing in this file/],
    ['hello', 'a.torrentinno', /no resource file, but one of another program/],
    ['{"trackerIp":"a","pieces":[', 'a.torrentinno', /is damaged/],
  ])('[HL9] a file that holds %j is no resource file', async (content, name, message) => {
    lab.file(name, content);
    const run = await lab.run(['info', name]);
    expect([run.code, run.err.text]).toEqual([1, expect.stringMatching(message)]);
  });

  test('[HL9] a resource file with .. in it is refused', async () => {
    lab.file('a.txt', 'hello');
    await lab.run(['create', 'a.txt', '--no-salt', '-o', 'good.torrentinno']);
    const evil = lab.read('good.torrentinno').toString().replace('"name":"a.txt"', '"name":".."');
    lab.file('evil.torrentinno', evil);
    const run = await lab.run(['get', 'evil.torrentinno']);
    expect([run.code, run.err.text]).toEqual([
      1,
      expect.stringContaining('its name is not one a file can have everywhere'),
    ]);
    expect(lab.hosts).toEqual([]);
  });
});

describe('[HL11] verify', () => {
  test('[HL11] all of it is right, or files are named that are not', async () => {
    for (const [name, salt] of [
      ['a.jpg', 1],
      ['b.jpg', 2],
      ['c.jpg', 3],
    ] as const)
      lab.file(`Holiday/${name}`, someBytes(40_000, salt));
    await lab.run(['create', 'Holiday', '-o', 'h.torrentinno']);
    const right = await lab.run(['verify', 'h.torrentinno', '.']);
    expect([right.code, right.out.text]).toEqual([0, 'All of it is right: 3 files, 120 kB.\n']);
    lab.file('Holiday/a.jpg', someBytes(40_000, 9));
    lab.file('Holiday/b.jpg', 'short');
    const wrong = await lab.run(['verify', 'h.torrentinno', '.']);
    expect(wrong.code).toBe(1);
    expect(wrong.out.text).toBe(
      'wrong      Holiday/a.jpg\nwrong      Holiday/b.jpg\nNot all of it is right: 2 files are wrong. 40.0 kB of 120 kB are.\n',
    );
    const json = await lab.run(['verify', 'h.torrentinno', '.', '--json']);
    expect(json.of('file')).toMatchObject([
      { path: ['Holiday', 'a.jpg'], state: 'wrong' },
      { state: 'wrong' },
    ]);
    expect(json.of('verified')).toMatchObject([
      { right: false, wrong: 2, missing: 0, unproved: 0, rightBytes: 40_000 },
    ]);
  });

  test('[HL17] a path that is not there, or holds none of it', async () => {
    lab.file('a.txt', 'hello');
    mkdirSync(join(lab.folder, 'empty'));
    await lab.run(['create', 'a.txt', '-o', 'a.torrentinno']);
    const none = await lab.run(['verify', 'a.torrentinno', 'nowhere']);
    expect([none.code, none.err.text]).toEqual([1, 'There is no nowhere.\n']);
    const empty = await lab.run(['verify', 'a.torrentinno', 'empty']);
    expect([empty.code, empty.err.text]).toEqual([
      1,
      'None of the files of this resource file are in empty.\n',
    ]);
    expect((await lab.run(['verify', 'a.torrentinno'])).code).toBe(2);
  });
});

describe('[HL2] [HL3] the call', () => {
  test('[HL2] help is there for everything, and not for nothing', async () => {
    const all = await lab.run(['--help']);
    expect([all.code, all.out.text]).toEqual([0, expect.stringContaining('share   share files')]);
    const none = await lab.run([]);
    expect([none.code, none.out.text, none.err.text]).toEqual([2, '', all.out.text]);
    expect((await lab.run(['--version'])).out.text).toBe('0.0.0\n');
    for (const command of ['share', 'get', 'seed', 'create', 'info', 'verify', 'search']) {
      const help = await lab.run([command, '--help']);
      expect([help.code, help.out.text]).toEqual([0, expect.stringContaining(`Usage: shoal ${command} `)]);
      expect(help.out.lines.filter((line) => line.length > 80 && !line.startsWith('  shoal'))).toEqual([]);
      expect((await lab.run(['help', command])).out.text).toBe(help.out.text);
    }
  });

  test('[HL2] what is no command is named, with the nearest', async () => {
    const run = await lab.run(['sare', 'x']);
    expect([run.code, run.err.text]).toEqual([
      2,
      'There is no command "sare". Did you mean share?\nshoal --help lists all commands.\n',
    ]);
    const options = await lab.run(['--server', 'http://s', 'share', 'x']);
    expect([options.code, options.err.text]).toEqual([
      2,
      'The command comes first, then --server: shoal COMMAND --server.\nshoal --help lists all commands.\n',
    ]);
    const json = await lab.run(['sare', '--json']);
    expect(json.of('error')).toMatchObject([{ exit: 2 }]);
  });

  test.each<[string[], RegExp]>([
    [['share', 'a', '--until', '0'], /--until takes a whole number from 1 on/],
    [['share', 'a', '--keep', 'd', '--until', '1'], /--keep hands it to a daemon/],
    [['share', 'a', '--resource', 'r', '--name', 'n'], /--resource says already what --name would/],
    [['share', 'a', '--ti-tracker', 'http://t'], /belong to --torrentinno/],
    [['share', 'a', '--torrentinno', '99999'], /--torrentinno takes a port/],
    [['share', 'a', '--torrentinno', '--public-ip', 'my.example.org'], /--public-ip takes the IP address/],
    [['share', 'a', '--torrentinno', '--ti-tracker', 'tracker'], /--ti-tracker takes an address/],
    [['share', 'a', '--log-level', 'loud'], /--log-level takes one of/],
    [['get', LINK, '--seed-for', 'soon'], /--seed-for takes a time/],
    [['get', LINK, '--limit-down', '0'], /--limit-down takes bytes a second/],
    [['get', LINK, '--select', '!'], /--select takes a pattern/],
    [['get', LINK, LINK], /There is more than one link/],
    [['search', '--limit', '5000'], /--limit is \d+ at most/],
    [['seed', 'x', '--health', 'here'], /--health takes a port/],
  ])('[HL2] shoal %j is a wrong call, and nothing is begun', async (words, message) => {
    const run = await lab.run(words);
    expect([run.code, run.err.text]).toEqual([2, expect.stringMatching(message)]);
    expect([lab.hosts, lab.diskOptions]).toEqual([[], []]);
  });

  test('[HL17] an output folder that is a file, or leads nowhere', async () => {
    lab.file('file', 'x');
    symlinkSync('/proc/nowhere', join(lab.folder, 'link'));
    const file = await lab.run(['get', LINK, '-o', 'file']);
    expect([file.code, file.err.text]).toEqual([
      1,
      expect.stringContaining('is a file, and a folder is needed'),
    ]);
    const nowhere = await lab.run(['get', LINK, '-o', 'link/below']);
    expect(nowhere.code).toBe(1);
    expect(existsSync(join(lab.folder, 'link'))).toBe(false);
  });

  test('[HL13] a server that is away is said to be', async () => {
    lab.peers.tracker.away = true;
    const run = await lab.run(['search', 'x', '--server', 'https://nowhere.example']);
    expect([run.code, run.err.text]).toEqual([
      1,
      expect.stringContaining("Can't reach the Shoal server at https://nowhere.example/"),
    ]);
  });
});
