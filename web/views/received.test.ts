// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { linkFragment } from '../../shared/manifest/link.ts';
import { idOf } from '../state/transfer.fixture.ts';
import type { Meaning } from '../state/handed.ts';
import { FakeWorker, chosen, settle } from '../testing/fake-worker.ts';
import { button, person, render, screen, sentence } from '../testing/shown.ts';
import Received from './Received.svelte';

const waiting = vi.hoisted(() => ({ meanings: [] as unknown[] }));
vi.mock('../state/take-handed.ts', () => ({ takeMeanings: async () => waiting.meanings.splice(0) }));

let worker: FakeWorker;
let went: string[];

beforeEach(() => {
  worker = new FakeWorker();
  went = [];
});

async function shown(...meanings: Meaning[]): Promise<void> {
  waiting.meanings = meanings;
  render(Received, { transfers: worker.transfers(), replace: (fragment: string) => went.push(fragment) });
  await settle();
  flushSync();
}

const names = (): (string | undefined)[] => worker.request?.files.map(({ file }) => file.name) ?? [];

describe('[AP3] the page that other apps lead to', () => {
  it('makes a share of files, as if they were chosen, and leaves no step back to itself', async () => {
    await shown({ kind: 'share', chosen: chosen('a.txt', 'b.txt') });
    expect(went).toEqual(['#/']);
    expect(worker.went).toEqual(['#/share/new']);
    expect(names()).toEqual(['a.txt', 'b.txt']);
  });

  it('opens a link', async () => {
    const infoHash = idOf('a');
    await shown({ kind: 'open', infoHash });
    expect([went, worker.asked]).toEqual([[`#${linkFragment(infoHash)}`], []]);
  });

  it('[MF10] opens a resource file, and says what is wrong with one that is none', async () => {
    worker.resourceOutcome = { kind: 'opened', infoHash: idOf('a') };
    await shown({ kind: 'resource', file: new File(['{}'], 'film.torrentinno') });
    await vi.dynamicImportSettled();
    await settle();
    expect([went, worker.request]).toEqual([['#/'], null]);
    expect(worker.resources.map((bytes) => new TextDecoder().decode(bytes))).toEqual(['{}']);
    expect(worker.went).toEqual([`#${linkFragment(idOf('a'))}`]);
  });

  it('asks before it shares a text, and shows it as it is', async () => {
    await shown({ kind: 'text', text: '<b>one</b>\ntwo' });
    expect([went, worker.request]).toEqual([[], null]);
    expect(screen.getByText(/<b>one<\/b>/).textContent).toBe('<b>one</b>\ntwo');
    await person.click(button('Share this text'));
    await settle();
    expect([went, names()]).toEqual([['#/'], ['Text.txt']]);
    expect(await worker.request?.files[0]?.file.text()).toBe('<b>one</b>\ntwo');
  });

  it.each<[Meaning[], RegExp, string[]]>([
    [[], /Nothing.*arrived.*once more/, ['To the first page']],
    [[{ kind: 'no-room' }], /no room.*did not arrive/, ['To the first page', 'To the settings']],
  ])('says what did not come, and what to do: %j', async (meanings, says, links) => {
    await shown(...meanings);
    expect(sentence()).toMatch(says);
    expect(screen.getAllByRole('link').map(({ textContent }) => textContent)).toEqual(links);
    expect(went).toEqual([]);
  });

  it('takes files before all else where several things wait, one after the other', async () => {
    await shown(
      { kind: 'text', text: 'words' },
      { kind: 'share', chosen: chosen('first.txt') },
      { kind: 'share', chosen: chosen('second.txt') },
    );
    expect(names()).toEqual(['first.txt']);
    worker.answer({ kind: 'shared', infoHash: idOf('a') });
    await settle();
    expect(names()).toEqual(['second.txt']);
  });
});
