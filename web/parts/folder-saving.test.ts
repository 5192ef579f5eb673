// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { idOf, manifestOf } from '../state/transfer.fixture.ts';
import { FakeFolder } from '../testing/fake-folder.ts';
import { FakeWorker, settle } from '../testing/fake-worker.ts';
import { button, loaded, person, pressable, render, screen, sentence, tell } from '../testing/shown.ts';
import Receive from '../views/Receive.svelte';

const id = idOf('a');
const manifest = manifestOf([3, 6]);
const lastModified = new Date(0);
const entries = manifest.files.map(({ path, size }, file) => ({
  ...{ kind: 'file' as const, file, name: path.join('/'), size, lastModified },
}));

async function complete(picker: unknown) {
  vi.stubGlobal('showDirectoryPicker', picker);
  const worker = new FakeWorker();
  worker.plan = { file: 'zip', name: 'Photos.zip', entries, renamed: [] };
  worker.bytesOf = (file) => new Uint8Array(file === 0 ? 3 : 6).fill(file);
  render(Receive, { transfers: worker.transfers(), infoHash: id });
  await settle();
  tell(worker, { phase: 'complete', manifest, receivedBytes: 9, storedBytes: 9, savable: true });
  await here();
  return worker;
}

async function here(): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await loaded();
    await settle();
  }
  flushSync();
}

afterEach(() => vi.unstubAllGlobals());

describe('putting several files into a folder', () => {
  it('[SA13] is offered where the browser can', async () => {
    await complete(undefined);
    expect(pressable()).not.toContain('Put into a folder');
  });

  it('[SA13] writes them, says where they are, and notes that the share is saved', async () => {
    const folder = new FakeFolder();
    const asked: unknown[] = [];
    const worker = await complete(async (options: unknown) => {
      asked.push(options);
      return folder.handle;
    });
    await person.click(button('Put into a folder'));
    await here();
    expect(asked).toEqual([{ id: 'shoal-save', mode: 'readwrite', startIn: 'downloads' }]);
    expect(folder.tree).toEqual(['Photos/0.jpg 3', 'Photos/1.jpg 6']);
    expect(sentence()).toMatch(/^Saved into the folder “Photos”/);
    expect(worker.asked).toContain('saved');
    expect(worker.savings).toEqual([true, false]);
    expect(screen.queryByRole('progressbar', { name: 'Saving progress' })).toBeNull();
  });

  it('[SA13] shows how far it is, and can be stopped, after which all ways to save are there', async () => {
    let go: () => void = () => undefined;
    const folder = new FakeFolder();
    const worker = await complete(async () => folder.handle);
    const { fileBytes } = worker.session;
    Object.assign(worker.session, {
      fileBytes: async (...asked: Parameters<typeof fileBytes>) => {
        if (asked[2] > 0) await new Promise<void>((resolve) => (go = resolve));
        return fileBytes(...asked);
      },
    });
    await person.click(button('Put into a folder'));
    await here();
    expect(screen.getByText(/^1 of 2 files, 7\sbytes of 9\sbytes$/)).toBeTruthy();
    expect(sentence()).toMatch(/Saving it into the folder “Photos”/);
    await person.click(button('Stop saving'));
    go();
    await here();
    expect(folder.tree).toEqual(['Photos/0.jpg 3']);
    expect(pressable()).toEqual(expect.arrayContaining(['Save', 'Put into a folder']));
    expect(worker.asked).not.toContain('saved');
  });

  it('[SA13] closing the dialogue is no failure, and what fails says why', async () => {
    const answers = [new DOMException('', 'AbortError'), new DOMException('', 'SecurityError')];
    await complete(async () => {
      throw answers.shift();
    });
    const before = sentence();
    await person.click(button('Put into a folder'));
    await here();
    expect(sentence()).toBe(before);
    await person.click(button('Put into a folder'));
    await here();
    expect(sentence()).toMatch(
      /no folder could be made there, because this page was not allowed to write there/,
    );
  });
});

describe('changed names', () => {
  it('[SA15] are said after saving by any way, with the list folded', async () => {
    const worker = await complete(undefined);
    expect(screen.queryByText(/names were changed/)).toBeNull();
    worker.plan = {
      ...{ file: 'zip', name: 'Photos.zip', entries },
      renamed: [
        { from: ['Photos', 'gpj.\u202eexe'], to: ['Photos', 'gpj.exe'] },
        { from: ['Photos', 'a\u200bb'], to: ['Photos', 'ab'] },
      ],
    };
    await person.click(button('Save'));
    await settle();
    worker.saves[0]?.ended({ kind: 'saved' });
    await here();
    const details = screen.getByText('2 names were changed to save them').closest('details');
    expect(details?.open).toBe(false);
    expect([...(details?.querySelectorAll('li') ?? [])].map(({ textContent }) => textContent)).toEqual([
      'Photos/gpj.\ufffdexe → Photos/gpj.exe',
      'Photos/ab (without characters that cannot be seen)',
    ]);
  });
});
