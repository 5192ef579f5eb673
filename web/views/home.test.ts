// @vitest-environment happy-dom
import { createEvent, fireEvent } from '@testing-library/dom';
import { flushSync } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MAX_FILES } from '../../shared/limits.ts';
import { linkFragment } from '../../shared/manifest/link.ts';
import { UNDO_MS } from '../state/kept.svelte.ts';
import type { Transfer } from '../state/session.ts';
import { idOf, manifestOf } from '../state/transfer.fixture.ts';
import { carried, happens } from '../testing/dragged.ts';
import { chosen, FakeWorker, settle } from '../testing/fake-worker.ts';
import { button, person, render, rowsUnder, screen, tell } from '../testing/shown.ts';
import type { FileHandle, LibraryEntry } from '../worker/contract.ts';
import Home from './Home.svelte';

const id = idOf('a');
const fragment = `#${linkFragment(id)}`;
const link = `https://example.org/drop/${fragment}`;

async function atHome() {
  const worker = new FakeWorker();
  const transfers = worker.transfers();
  const went: string[] = [];
  const view = render(Home, { transfers, go: (to: string) => void went.push(to) });
  await transfers.start();
  return { worker, transfers, went, view };
}

const box = (): HTMLInputElement => screen.getByRole('textbox', { name: 'Link, magnet or resource' });
const pathsOf = ({ request }: FakeWorker) => request?.files.map(({ path }) => path.join('/'));

const file = (name: string): File => new File(['12345'], name);

describe('choosing files', () => {
  afterEach(() => {
    Reflect.deleteProperty(HTMLInputElement.prototype, 'webkitdirectory');
  });

  it('[UI3] shares what is chosen at once, also the same file again', async () => {
    const { worker } = await atHome();
    const input = screen.getByLabelText<HTMLInputElement>('Choose files');
    await person.upload(input, [file('a.txt'), file('b.txt')]);
    await settle();
    expect(pathsOf(worker)).toEqual(['a.txt', 'b.txt']);
    expect(worker.went).toEqual(['#/share/new']);
    expect(input.value).toBe('');
    worker.answer({ kind: 'shared', infoHash: id });
    await settle();
    worker.request = null;
    await person.upload(input, [file('a.txt')]);
    await settle();
    expect(pathsOf(worker)).toEqual(['a.txt']);
  });

  it('[UI3] offers folders where the browser can choose them, and keeps their tree', async () => {
    Object.defineProperty(HTMLInputElement.prototype, 'webkitdirectory', {
      configurable: true,
      writable: true,
      value: '',
    });
    const { worker } = await atHome();
    const inside = Object.defineProperty(file('a.txt'), 'webkitRelativePath', { value: 'Photos/a.txt' });
    await person.upload(screen.getByLabelText('Choose a folder'), inside);
    await settle();
    expect(pathsOf(worker)).toEqual(['Photos/a.txt']);
    expect(worker.request?.name).toBe('Photos');
  });

  it('[UI3] offers none where it cannot', async () => {
    await atHome();
    expect(screen.queryByLabelText('Choose a folder')).toBeNull();
  });

  it('[UI3] takes an empty folder for an answer', async () => {
    const { transfers } = await atHome();
    fireEvent.change(screen.getByLabelText('Choose files'));
    await settle();
    expect(transfers.making.state).toEqual({ kind: 'failed', why: { kind: 'refused', why: 'no-files' } });
  });
});

describe('[LB5] choosing where the browser gives handles', () => {
  const fileHandle = (name: string): FileHandle =>
    ({ kind: 'file', name, getFile: async () => file(name) }) as unknown as FileHandle;
  const folderHandle = (name: string, children: FileHandle[]): FileHandle =>
    ({
      kind: 'directory',
      name,
      values: async function* () {
        yield* children;
      },
    }) as unknown as FileHandle;
  const handlesOf = ({ request }: FakeWorker) => request?.files.map(({ handle }) => handle);

  function dialogues(answers: { files?: () => Promise<FileHandle[]>; folder?: () => Promise<FileHandle> }) {
    const opened = { files: vi.fn(answers.files), folder: vi.fn(answers.folder) };
    Object.defineProperty(HTMLInputElement.prototype, 'webkitdirectory', {
      configurable: true,
      writable: true,
      value: '',
    });
    vi.stubGlobal('showOpenFilePicker', opened.files);
    vi.stubGlobal('showDirectoryPicker', opened.folder);
    return opened;
  }

  async function pressed(label: string, key: string | null = null): Promise<void> {
    const input = screen.getByLabelText(label);
    if (key === null) await person.click(input);
    else {
      input.focus();
      await person.keyboard(key);
    }
    await vi.dynamicImportSettled();
    await settle();
  }

  afterEach(() => {
    Reflect.deleteProperty(HTMLInputElement.prototype, 'webkitdirectory');
    vi.unstubAllGlobals();
  });

  it.each([null, '{Enter}', ' '])('[LB5] files come with theirs, also by key (%s)', async (key) => {
    const [a, b] = [fileHandle('a.txt'), fileHandle('b.txt')];
    const opened = dialogues({ files: async () => [b, a] });
    const { worker } = await atHome();
    await pressed('Choose files', key);
    expect(opened.files.mock.calls).toEqual([[{ multiple: true }]]);
    expect(pathsOf(worker)).toEqual(['b.txt', 'a.txt']);
    expect(handlesOf(worker)).toEqual([b, a]);
  });

  it('[LB5] [UI3] a folder comes with its own, whole, with its empty folders, in the order of names', async () => {
    const deep = folderHandle('deep', [fileHandle('c.txt'), folderHandle('none', [])]);
    const root = folderHandle('Photos', [fileHandle('b.txt'), deep, fileHandle('a.txt')]);
    dialogues({ folder: async () => root });
    const { worker } = await atHome();
    await pressed('Choose a folder');
    expect(pathsOf(worker)).toEqual(['Photos/a.txt', 'Photos/b.txt', 'Photos/deep/c.txt']);
    expect(worker.request?.folders).toEqual([['Photos', 'deep', 'none']]);
    expect(new Set(handlesOf(worker))).toEqual(new Set([root]));
  });

  it('[UI3] a dialogue that is closed is no answer, and opens again', async () => {
    const opened = dialogues({ files: () => Promise.reject(new DOMException('closed', 'AbortError')) });
    const { worker, transfers } = await atHome();
    await pressed('Choose files');
    await pressed('Choose files');
    expect([opened.files.mock.calls.length, worker.request, transfers.making.state.kind]).toEqual([
      2,
      null,
      'nothing',
    ]);
  });

  it('[UI3] where it cannot open the input’s own does, from then on', async () => {
    const opened = dialogues({ files: () => Promise.reject(new DOMException('no', 'SecurityError')) });
    const { worker } = await atHome();
    const native: boolean[] = [];
    document.addEventListener('click', ({ defaultPrevented }) => native.push(!defaultPrevented));
    await pressed('Choose files');
    expect(native).toEqual([false, true]);
    await pressed('Choose files');
    expect([native.length, opened.files.mock.calls.length]).toEqual([3, 1]);
    await person.upload(screen.getByLabelText('Choose files'), [file('a.txt')]);
    await settle();
    expect([pathsOf(worker), handlesOf(worker)]).toEqual([['a.txt'], [undefined]]);
  });

  it('[UI3] what cannot be read or is too much is refused as ever', async () => {
    const gone = {
      ...fileHandle('gone.txt'),
      getFile: () => Promise.reject(new DOMException('', 'NotFoundError')),
    };
    const shut = {
      ...folderHandle('Shut', []),
      values: () => {
        throw new DOMException('', 'NotAllowedError');
      },
    };
    const many = Array<FileHandle>(MAX_FILES + 1).fill(fileHandle('a'));
    let [files, folder] = [[gone as unknown as FileHandle], shut as unknown as FileHandle];
    dialogues({ files: async () => files, folder: async () => folder });
    const { transfers } = await atHome();
    await pressed('Choose files');
    expect(transfers.making.state).toEqual({ kind: 'failed', why: { kind: 'unreadable', file: 'gone.txt' } });
    await pressed('Choose a folder');
    expect(transfers.making.state).toEqual({ kind: 'failed', why: { kind: 'unreadable', file: 'Shut' } });
    [files, folder] = [many, folderHandle('Full', many)];
    for (const label of ['Choose files', 'Choose a folder']) {
      await pressed(label);
      expect(transfers.making.state).toEqual({
        kind: 'failed',
        why: { kind: 'refused', why: 'too-many-files' },
      });
    }
  });
});

describe('dropping', () => {
  it('[UI3] files anywhere on the page makes a share of them', async () => {
    const { worker } = await atHome();
    expect(await happens('drop', document.body, { carrying: carried([file('a.txt')]) })).toBe(true);
    expect(pathsOf(worker)).toEqual(['a.txt']);
  });

  it('[UI3] a folder makes one with all that is in it', async () => {
    const { worker } = await atHome();
    const [inside, batches] = [file('a.txt'), [[{ name: 'a.txt', isFile: true }], []]];
    const folder = {
      name: 'Photos',
      isDirectory: true,
      createReader: () => ({
        readEntries: (done: (batch: unknown[]) => void) =>
          done(
            (batches.shift() ?? []).map((entry) => ({
              ...entry,
              file: (give: (file: File) => void) => give(inside),
            })),
          ),
      }),
    };
    await happens('drop', document.body, { carrying: carried([file('Photos')], {}, [folder]) });
    expect(pathsOf(worker)).toEqual(['Photos/a.txt']);
  });

  it.each<[string, Record<string, string>]>([
    ['text', { 'text/plain': ` ${link}\n` }],
    ['a link', { 'text/uri-list': `# from a bookmark\r\n${link}\r\n`, 'text/html': '<a>' }],
    ['a link whose text is another', { 'text/uri-list': link, 'text/plain': 'Photos of the trip' }],
  ])('[UI2] a share link as %s opens it', async (_, texts) => {
    const { went } = await atHome();
    expect(await happens('dragOver', document.body, { carrying: carried([], texts) })).toBe(true);
    expect(await happens('drop', document.body, { carrying: carried([], texts) })).toBe(true);
    expect(went).toEqual([fragment]);
  });

  it('[UI2] text that is no link does not leave the page, and is shared only when that is asked for', async () => {
    const { worker, went } = await atHome();
    const carrying = carried([], { 'text/plain': 'https://example.org/' });
    expect(await happens('drop', document.body, { carrying })).toBe(true);
    expect([went, worker.request]).toEqual([[], null]);
    expect(screen.getByText('https://example.org/')).toBeTruthy();
    await person.click(button('Share this text'));
    await settle();
    expect([pathsOf(worker), await worker.request?.files[0]?.file.text()]).toEqual([
      ['text.txt'],
      'https://example.org/',
    ]);
    expect(screen.queryByRole('button', { name: 'Share this text' })).toBeNull();
  });

  it('[UI2] text into the box is the browser’s to put there, and files there are shared all the same', async () => {
    const { worker, went } = await atHome();
    const text = carried([], { 'text/plain': link });
    expect(await happens('dragOver', box(), { carrying: text })).toBe(false);
    expect(await happens('drop', box(), { carrying: text })).toBe(false);
    expect(went).toEqual([]);
    const files = carried([file('a.txt')]);
    expect(await happens('dragOver', box(), { carrying: files })).toBe(true);
    expect(await happens('drop', box(), { carrying: files })).toBe(true);
    expect(pathsOf(worker)).toEqual(['a.txt']);
  });
});

describe('holding something over the page', () => {
  const LET_GO = 'Drop to share';

  it('[UI3] says what to do while files are held, until they are out of the window or dropped', async () => {
    await atHome();
    const carrying = carried([file('a.txt')]);
    await happens('dragOver', document.body, { carrying });
    expect(screen.queryByText(LET_GO)).not.toBeNull();
    await happens('dragLeave', document.body, { carrying, relatedTarget: box() });
    expect(screen.queryByText(LET_GO)).not.toBeNull();
    await happens('dragLeave', document.body, { carrying });
    expect(screen.queryByText(LET_GO)).toBeNull();
    await happens('dragOver', document.body, { carrying });
    await happens('drop', document.body, { carrying });
    expect(screen.queryByText(LET_GO)).toBeNull();
  });

  it('[UI2] says nothing over a text, and lets anything else be', async () => {
    await atHome();
    await happens('dragOver', document.body, { carrying: carried([], { 'text/plain': 'x' }) });
    expect(screen.queryByText(LET_GO)).toBeNull();
    const other = carried([], { 'application/x-moz-node': '' });
    expect(await happens('dragOver', document.body, { carrying: other })).toBe(false);
  });
});

describe('pasting', () => {
  it('[UI3] a picture makes a share of it, also into the box', async () => {
    for (const target of [document.body, box]) {
      const { worker, view } = await atHome();
      const element = target instanceof HTMLElement ? target : target();
      expect(await happens('paste', element, { carrying: carried([file('image.png')]) })).toBe(true);
      expect(pathsOf(worker)).toEqual(['image.png']);
      view.unmount();
    }
  });

  it('[UI2] a link opens it, but in the box it is text like any other', async () => {
    const { went } = await atHome();
    const carrying = carried([], { 'text/plain': link });
    expect(await happens('paste', box(), { carrying })).toBe(false);
    expect(went).toEqual([]);
    expect(await happens('paste', document.body, { carrying })).toBe(true);
    expect(went).toEqual([fragment]);
  });

  const paste = (text: string) =>
    happens('paste', document.body, { carrying: carried([], { 'text/plain': text }) });

  it('[UI2] other text is shown and can be left, and nothing is left to the browser', async () => {
    const { worker, went } = await atHome();
    expect(await paste('gpj.\u202eexe')).toBe(true);
    expect(screen.getByText('gpj.\ufffdexe')).toBeTruthy();
    await person.click(button('Leave it'));
    expect(screen.queryByRole('button', { name: 'Share this text' })).toBeNull();
    expect(await paste(' ')).toBe(false);
    fireEvent(document.body, createEvent.paste(document.body));
    expect([went, worker.request, box().value]).toEqual([[], null, '']);
  });

  it.each([
    [`Here it is:\n${link}.`, [fragment]],
    [`magnet:?xt=urn:torrentinno:${id}`, [fragment]],
  ])('[LK4] [LK5] [UI2] %j opens its share', async (text, opened) => {
    const { went } = await atHome();
    expect(await paste(text)).toBe(true);
    expect([went, box().value]).toEqual([opened, '']);
  });

  it.each([
    ['https://example.org/#Ab1Cd2', /cut off/],
    [`${link}\n${link.replace(/o$/, 's')}`, /different shares/],
    ['magnet:?xt=urn:btih:0', /BitTorrent magnet/],
  ])('[UI2] what was meant to be opened goes into the box, with what is wrong: %j', async (text, says) => {
    const { went } = await atHome();
    await paste('other text');
    expect(await paste(text)).toBe(true);
    expect(box().value).toBe(text.replace('\n', ' '));
    expect([went, screen.queryByRole('button', { name: 'Share this text' })]).toEqual([[], null]);
    expect(screen.getByText(says).id).toBe(box().getAttribute('aria-describedby'));
  });

  it('[UI26] what a resource file has in it opens its share, and does not go into the box', async () => {
    const { worker } = await atHome();
    worker.resourceOutcome = { kind: 'opened', infoHash: id };
    await paste('{"pieces":[]}');
    await vi.waitFor(() => expect(worker.went).toEqual([fragment]));
    expect(box().value).toBe('');
  });

  it('[UI26] 4 MB of a resource that is none are refused beside the box', async () => {
    const { worker } = await atHome();
    worker.resourceOutcome = { kind: 'refused', why: 'damaged' };
    await paste(`{"pieces":[${'1,'.repeat(2_000_000)}`);
    const complaint = await screen.findByText(/^This resource file is damaged/);
    expect([box().value, complaint.id]).toEqual(['', box().getAttribute('aria-describedby')]);
  });
});

describe('the box for links', () => {
  it.each([
    ['', /Paste a link/],
    ['magnet:?xt=urn:btih:0', /This is a BitTorrent magnet/],
    ['film.torrentinno', /This is the name of a resource file/],
    ['https://example.org/', /no # with a share/],
    ['https://example.org/#', /nothing after the #|no #/],
    [fragment.slice(0, -1), /was cut off/],
    [`${fragment}A`, /was added/],
    [fragment.replace('qqq', 'q$q'), /characters that do not belong/],
    ['hello', /no link to a share/],
    [`${fragment.slice(0, -1)}B`, /last character/],
  ])('[UI2] says what is wrong with %j until it is changed', async (text, says) => {
    const { went } = await atHome();
    if (text !== '') await person.type(box(), text.replaceAll(/[[{]/g, '$&$&'));
    await person.click(button('Open'));
    const complaint = screen.getByText(says);
    expect(box().getAttribute('aria-invalid')).toBe('true');
    expect(box().getAttribute('aria-describedby')).toBe(complaint.id);
    await person.type(box(), 'x');
    expect([complaint.textContent, box().getAttribute('aria-invalid'), went]).toEqual(['', 'false', []]);
  });

  it.each(['whole', 'fragment', 'bare'])('[UI2] opens a %s link with the keyboard alone', async (form) => {
    const { went } = await atHome();
    const text = form === 'whole' ? link : form === 'bare' ? fragment.slice(1) : fragment;
    await person.click(box());
    await person.keyboard(` ${text} {Enter}`);
    expect(went).toEqual([fragment]);
  });
});

describe('what this browser has', () => {
  const photos = manifestOf([1_000, 1_000]);

  it('[WK5] looking at the list does not open the session, and its opening fills the list', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    worker.entries = [entry];
    render(Home, { transfers, go: () => undefined });
    await settle();
    expect(worker.asked).toEqual([]);
    await transfers.start();
    await settle();
    flushSync();
    expect(rowsUnder('Your shares')).toEqual(['Kept not running here Remove']);
  });

  it('[UI1] nothing is no list', async () => {
    await atHome();
    expect(screen.queryByRole('heading', { name: 'Your shares' })).toBeNull();
  });

  it.each<[string, Partial<Transfer>, string]>([
    ['is looked for', {}, 'A share that is being looked for 0 %'],
    ['comes in', { phase: 'downloading', manifest: photos, receivedBytes: 700 }, 'Photos 35 %'],
    ['is not stored whole', { phase: 'downloading', manifest: photos, receivedBytes: 2_000 }, 'Photos 99 %'],
    [
      'is complete',
      { phase: 'complete', manifest: photos, storedBytes: 2_000, receivedBytes: 2_000 },
      'Photos 100 %',
    ],
    ['is complete and empty', { phase: 'complete', manifest: manifestOf([0]) }, 'Photos 100 %'],
    ['is shared', { role: 'sharing', phase: 'complete', manifest: photos }, 'Photos shared'],
    ['was stopped', { phase: 'stopped', manifest: photos }, 'Photos stopped'],
    ['found no room', { phase: 'full', manifest: photos }, 'Photos waits for room'],
    [
      'changed on disk',
      { role: 'sharing', phase: 'complete', manifest: photos, trouble: { kind: 'source', why: 'changed' } },
      'Photos stopped',
    ],
    ['broke', { phase: 'failed', manifest: photos, trouble: { kind: 'broken' } }, 'Photos stopped'],
    ['has marks in its name', { manifest: { ...photos, name: 'a\u202eb' } }, 'a\ufffdb 0 %'],
  ])('[UI1] [WK1] a share that %s', async (_what, changes, row) => {
    const { worker } = await atHome();
    tell(worker, changes);
    expect(rowsUnder('Your shares')).toEqual([`${row} Remove`]);
  });

  it('[UI1] each leads to its page, and what is read comes first', async () => {
    const { worker, transfers } = await atHome();
    tell(worker, { phase: 'ready' }, { infoHash: idOf('b'), role: 'sharing', phase: 'complete' });
    void transfers.share(chosen('a.txt', 'b.txt'));
    await settle();
    worker.progress(5);
    flushSync();
    const links = screen.getAllByRole('link').map((anchor) => anchor.getAttribute('href'));
    expect(links).toEqual(['#/share/new', fragment, `#/share/${linkFragment(idOf('b'))}`]);
    expect(rowsUnder('Your shares')[0]).toBe('a.txt and 1 more 50 % read');
  });

  const entry: LibraryEntry = {
    infoHash: idOf('c'),
    role: 'receiving',
    intent: 'downloading',
    name: 'Kept',
    totalBytes: 5,
    fileCount: 1,
    addedAt: 1,
    finishedAt: null,
    savedAt: null,
  };

  it.each<[string, Partial<LibraryEntry>, string]>([
    ['was made here', { role: 'sharing', intent: 'sharing', finishedAt: 1 }, 'needs its files again'],
    ['was made here and stopped', { role: 'sharing', intent: 'stopped', finishedAt: 1 }, 'stopped'],
    ['was saved', { intent: 'sharing', finishedAt: 1, savedAt: 2 }, 'saved'],
    ['came whole', { intent: 'sharing', finishedAt: 1 }, 'all here'],
    ['was paused', { intent: 'paused' }, 'paused'],
    ['was stopped', { intent: 'stopped' }, 'stopped'],
    ['runs in another tab, or in none', {}, 'not running here'],
  ])('[LB1] [UI15] of what is not open in this tab: what %s', async (_what, changes, state) => {
    const { worker, transfers } = await atHome();
    worker.entries = [{ ...entry, ...changes }];
    await transfers.kept.refresh();
    flushSync();
    expect(rowsUnder('Your shares')).toEqual([`Kept ${state} Remove`]);
    const sharing = changes.role === 'sharing';
    const address = screen.getByRole('link', { name: 'Kept' }).getAttribute('href');
    expect(address).toBe(`#${sharing ? '/share/' : ''}${linkFragment(idOf('c'))}`);
  });

  it('[UI15] what is open stands once, with its figures', async () => {
    const { worker, transfers } = await atHome();
    worker.entries = [{ ...entry, infoHash: id }, entry];
    tell(worker, { phase: 'downloading', manifest: photos, receivedBytes: 700 });
    await transfers.kept.refresh();
    flushSync();
    expect(rowsUnder('Your shares')).toEqual(['Photos 35 % Remove', 'Kept not running here Remove']);
  });

  it('[UI15] is removed after ten seconds, unless the person thinks better of it', async () => {
    const { worker, transfers } = await atHome();
    worker.entries = [entry];
    await transfers.kept.refresh();
    flushSync();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    button('Remove Kept').click();
    flushSync();
    expect(rowsUnder('Your shares')).toEqual(['Kept removed Undo']);
    await vi.advanceTimersByTimeAsync(UNDO_MS - 1);
    button('Undo').click();
    flushSync();
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    expect(worker.asked).not.toContain('remove');
    button('Remove Kept').click();
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    vi.useRealTimers();
    await settle();
    flushSync();
    expect(worker.asked.filter((verb) => verb === 'remove')).toHaveLength(1);
    expect(screen.queryByRole('heading', { name: 'Your shares' })).toBeNull();
  });

  it('[UI11] what was removed has the way back under the hand', async () => {
    const { worker, transfers } = await atHome();
    worker.entries = [entry];
    await transfers.kept.refresh();
    flushSync();
    await person.click(button('Remove Kept'));
    expect(document.activeElement).toBe(button('Undo'));
    await person.click(button('Undo'));
    expect(document.activeElement).toBe(button('Remove Kept'));
  });

  it('[WK1] everything is stopped once the worker broke', async () => {
    const { worker } = await atHome();
    tell(
      worker,
      { phase: 'ready', manifest: photos },
      { infoHash: idOf('b'), role: 'sharing', phase: 'complete' },
    );
    worker.page?.workerBroke('out of order');
    flushSync();
    expect(rowsUnder('Your shares').map((row) => row.split(' ').at(-2))).toEqual(['stopped', 'stopped']);
  });

  it('[UI1] the title is the page’s own again, whatever page was there before', async () => {
    document.title = '37 % of Photos – Shoal';
    await atHome();
    expect(document.title).toBe('Shoal');
  });
});
