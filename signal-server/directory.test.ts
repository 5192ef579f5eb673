import { describe, expect, test } from 'vitest';
import { infoHash, swarmId } from '../shared/ids.ts';
import { Directory } from './directory.ts';
import { MAX_LOOKS } from './name-index.ts';
import { NOBODY } from './swarms.ts';
import { counterOf } from './testing/fakes.ts';
import { freshSwarm, member } from './testing/registry.suite.ts';

const listing = (name: string, serial = 1) => ({
  infoHash: infoHash(serial.toString(16).padStart(64, 'f'))!,
  name,
  size: 1,
  files: 1,
});
const publisher = (serial: number, addressKey = 'address', instance = 'here') => ({
  peerId: member(serial),
  instance,
  addressKey,
});
const names = async (directory: Directory, query: string) =>
  (await directory.search(query, 0, 50, counterOf())).results.map(({ name }) => name);

describe('directory', () => {
  test('[TR8] part of a name, whatever its case and spelling', async () => {
    const directory = new Directory();
    directory.publish(freshSwarm(), publisher(1), listing('Ünïcode — π.txt'));
    directory.publish(freshSwarm(), publisher(1), listing('ＦＵＬＬ width', 2));
    expect(await names(directory, 'U\u0308NI\u0308code')).toEqual(['Ünïcode — π.txt']);
    expect(await names(directory, 'full WIDTH')).toEqual(['ＦＵＬＬ width']);
    expect(await names(directory, '  π ')).toEqual(['Ünïcode — π.txt']);
    expect(await names(directory, 'width full')).toEqual([]);
    expect(await names(directory, listing('', 2).infoHash.toUpperCase())).toEqual(['ＦＵＬＬ width']);
  });

  test('[TR8] most seeds first, paged', async () => {
    const directory = new Directory();
    const swarms = Array.from({ length: 10 }, () => freshSwarm());
    swarms.forEach((swarm, at) => directory.publish(swarm, publisher(1), listing(`share ${at}`, at + 1)));
    const counter = counterOf((swarm) => ({ ...NOBODY, complete: swarms.indexOf(swarm) % 5 }));
    const all = await directory.search('', 0, 50, counter);
    expect(all.results.map(({ complete }) => complete)).toEqual([4, 4, 3, 3, 2, 2, 1, 1, 0, 0]);
    const page = await directory.search('', 3, 4, counter);
    expect(page).toEqual({ total: 10, results: all.results.slice(3, 7) });
    expect((await directory.search('', 99, 4, counter)).results).toEqual([]);
  });

  test('[TR8] counts for the order are what is known at once; those that are shown are of the moment', async () => {
    const directory = new Directory();
    const swarms = Array.from({ length: 200 }, () => freshSwarm());
    swarms.forEach((swarm, at) =>
      directory.publish(swarm, publisher(at >> 6), listing(`share ${at}`, at + 1)),
    );
    const asked: number[] = [];
    const page = await directory.search('share', 10, 5, {
      glance: (swarm) => ({ ...NOBODY, complete: swarms.indexOf(swarm) }),
      scrape: (shown) => {
        asked.push(shown.length);
        return shown.map((swarm) => ({ ...NOBODY, complete: 1_000 - swarms.indexOf(swarm) }));
      },
    });
    expect(asked).toEqual([5]);
    expect(page.results.map(({ name }) => name)).toEqual(
      [185, 186, 187, 188, 189].map((at) => `share ${at}`),
    );
    expect(page.results[0]?.complete).toBe(815);
  });

  test('[TR8] a search looks at so many names and no more, those listed longest', async () => {
    const directory = new Directory({ listings: 10_000, perAddress: 10_000, perPeer: 10_000 });
    for (let at = 0; at < MAX_LOOKS + 500; at++)
      directory.publish(
        swarmId(at.toString(16).padStart(64, '0'))!,
        publisher(1),
        listing(`abc ${at}`, at + 1),
      );
    let glances = 0;
    const counter = counterOf(() => {
      glances += 1;
      return NOBODY;
    });
    for (const query of ['', 'a', 'abc', 'bc ']) {
      glances = 0;
      expect((await directory.search(query, 0, 50, counter)).total).toBe(MAX_LOOKS);
      expect(glances).toBe(MAX_LOOKS + 50);
    }
    // Rare ones are found wherever they stand.
    expect(await names(directory, `c ${MAX_LOOKS + 400}`)).toEqual([`abc ${MAX_LOOKS + 400}`]);
  });

  test('[TR8] a share is found by its hash beside those that are called like it', async () => {
    const directory = new Directory();
    const one = listing('one', 1);
    directory.publish(freshSwarm(), publisher(1), one);
    directory.publish(freshSwarm(), publisher(2), listing(one.infoHash, 2));
    expect(await names(directory, one.infoHash)).toEqual([one.infoHash, 'one'].toSorted());
    expect(await names(directory, one.infoHash.slice(1))).toEqual([one.infoHash]);
  });

  test('[TR8] the first publisher speaks for a share; when it leaves, the next', async () => {
    const directory = new Directory();
    const swarm = freshSwarm();
    directory.publish(swarm, publisher(1), listing('first'));
    directory.publish(swarm, publisher(2), listing('second'));
    expect(await names(directory, '')).toEqual(['first']);
    directory.publish(swarm, publisher(1), listing('first, corrected'));
    expect(await names(directory, '')).toEqual(['first, corrected']);
    expect(directory.unpublish(swarm, member(1))).toBe(true);
    expect(await names(directory, '')).toEqual(['second']);
    expect(directory.unpublish(swarm, member(1))).toBe(false);
    expect(directory.unpublish(swarm, member(2))).toBe(true);
    expect(directory.size).toBe(0);
  });

  test('[TR8] one peer cannot fill it, nor one address, nor all together', () => {
    const directory = new Directory({ listings: 10, perAddress: 6, perPeer: 4 });
    const publish = (serial: number, address: string) =>
      directory.publish(freshSwarm(), publisher(serial, address), listing('x'));
    const many = (times: number, serial: number, address: string) =>
      Array.from({ length: times }, () => publish(serial, address)).filter(
        (outcome) => outcome === 'published',
      ).length;
    expect(many(10, 1, 'a')).toBe(4);
    expect(many(10, 2, 'a')).toBe(2);
    expect(many(10, 3, 'b')).toBe(4);
    expect(many(10, 4, 'c')).toBe(0);
  });

  test('[TR8] taking back makes room, correcting takes none', () => {
    const directory = new Directory({ listings: 1, perAddress: 1, perPeer: 1 });
    const swarm = freshSwarm();
    expect(directory.publish(swarm, publisher(1), listing('x'))).toBe('published');
    expect(directory.publish(swarm, publisher(1), listing('y'))).toBe('published');
    expect(directory.publish(freshSwarm(), publisher(1), listing('z'))).toBe('full');
    directory.unpublish(swarm, member(1));
    expect(directory.publish(freshSwarm(), publisher(1), listing('z'))).toBe('published');
  });

  test('[SV13] an instance that is lost takes its listings with it', async () => {
    const directory = new Directory();
    directory.publish(freshSwarm(), publisher(1, '', 'there'), listing('theirs'));
    directory.publish(freshSwarm(), publisher(2), listing('ours', 2));
    directory.instanceLost('there');
    expect(await names(directory, '')).toEqual(['ours']);
    expect([...directory.published('here')]).toHaveLength(1);
  });
});
