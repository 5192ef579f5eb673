// @vitest-environment happy-dom
/** [UI27] Name, note, piece size and web address, typed before files are chosen. */
import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import { carried, happens } from '../testing/dragged.ts';
import { chosen, FakeWorker, settle } from '../testing/fake-worker.ts';
import { person, render, screen, sentence } from '../testing/shown.ts';
import Home from './Home.svelte';
import Making from './Making.svelte';

/** For what is loaded on use, on a busy machine. */
const PATIENCE = { timeout: 10_000 };

async function atHome(worker = new FakeWorker(), transfers = worker.transfers()) {
  const view = render(Home, { transfers, go: () => undefined });
  await transfers.start();
  return { worker, transfers, view };
}

/** As its summary does: this DOM does not tell of it. */
async function unfold(): Promise<void> {
  const details = screen.getByText(/^Name, note, piece size and web address/).closest('details');
  details?.setAttribute('open', '');
  details?.dispatchEvent(new Event('toggle'));
  flushSync();
  await screen.findByRole('textbox', { name: 'Name' }, PATIENCE);
}

const name = () => screen.getByRole('textbox', { name: 'Name' });
const note = () => screen.getByRole('textbox', { name: 'Note' });
const pieceSize = () => screen.getByRole('combobox', { name: 'Piece size' });
const describing = (field: HTMLElement) =>
  document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent?.trim();
const file = () => new File(['12345'], 'a.txt');

describe('[UI27] before choosing', () => {
  it('is folded up, and without it everything is as ever', async () => {
    const { worker } = await atHome();
    expect(screen.queryByRole('textbox', { name: 'Name' })).toBeNull();
    await person.upload(screen.getByLabelText('Choose files'), file());
    await settle();
    expect(worker.request).toMatchObject({ name: 'a.txt', comment: '', pieceBytes: null });
  });

  it('what is typed holds for the next choice, and for that alone', async () => {
    const { worker, transfers } = await atHome();
    await unfold();
    await person.type(name(), ' Holiday ');
    await person.type(note(), 'From the lake');
    await person.selectOptions(pieceSize(), '512 KiB');
    await person.upload(screen.getByLabelText('Choose files'), file());
    await settle();
    expect(worker.request).toMatchObject({
      ...{ name: 'Holiday', comment: 'From the lake', pieceBytes: 524_288, salted: true },
    });
    expect(transfers.making.state).toMatchObject({ kind: 'hashing', name: 'Holiday' });
    worker.answer({ kind: 'cancelled' });
    await settle();
    flushSync();
    expect([name(), note()].map((field) => (field as HTMLInputElement).value)).toEqual(['', '']);
    void transfers.share(chosen('b.txt'));
    await settle();
    expect(worker.request).toMatchObject({ name: 'b.txt', comment: '', pieceBytes: null });
  });

  it.each(['drop', 'paste'] as const)('holds for a %s, too, and not for one on another page', async (how) => {
    const { worker, transfers } = await atHome();
    await unfold();
    await person.type(name(), 'Holiday');
    void transfers.share(chosen('elsewhere.txt'));
    await settle();
    expect(worker.request?.name).toBe('elsewhere.txt');
    worker.answer({ kind: 'cancelled' });
    await settle();
    await happens(how, document.body, { carrying: carried([file()]) });
    expect(worker.request?.name).toBe('Holiday');
  });

  it('is unfolded, and says so, where somebody comes back to what they typed', async () => {
    const { worker, transfers, view } = await atHome();
    await unfold();
    await person.type(note(), 'For you');
    view.unmount();
    await atHome(worker, transfers);
    expect(screen.getByText('Name, note, piece size and web address (filled in)')).toBeTruthy();
    await screen.findByRole('textbox', { name: 'Note' }, PATIENCE);
    expect((note() as HTMLTextAreaElement).value).toBe('For you');
    await person.clear(note());
    expect(screen.getByText('Name, note, piece size and web address')).toBeTruthy();
    expect(note()).toBeTruthy();
  });

  it('says that changing it later makes a new link', async () => {
    await atHome();
    await unfold();
    expect(screen.getByText(/Changing it later, or adding files, makes a new link/)).toBeTruthy();
  });

  it.each([
    [name, 'ä'.repeat(128), /too long: it takes 256 bytes, and 255/],
    [note, 'x'.repeat(1_001), /too long: it has 1,001 characters, and 1,000/],
  ])('[MF6] [MF8] what is too long is said beside it, and nothing is read', async (field, text, says) => {
    const { worker, transfers } = await atHome();
    await unfold();
    await person.click(field());
    await person.paste(text);
    expect(field().getAttribute('aria-invalid')).toBe('true');
    expect(describing(field())).toMatch(says);
    await person.upload(screen.getByLabelText('Choose files'), file());
    await settle();
    expect(worker.request).toBeNull();
    expect(transfers.making.details).not.toBeNull();
    render(Making, { transfers, go: () => undefined });
    expect(sentence()).toMatch(/that you typed is too long for a link/);
  });

  it.each([
    [name, 'a/b', 'It will be called “a_b”, which works everywhere.'],
    [note, 'one; two', 'Each semicolon in it becomes a comma.'],
    [name, 'a', ''],
  ])('[MF8] what is changed is said beside it', async (field, text, says) => {
    await atHome();
    await unfold();
    await person.type(field(), text);
    expect(describing(field())).toBe(says);
    expect(field().getAttribute('aria-invalid')).toBe('false');
  });

  it('[MF7] says whom large pieces shut out', async () => {
    await atHome();
    await unfold();
    expect(screen.getAllByRole('option').map(({ textContent }) => textContent)).toEqual([
      ...['Automatic', '256 KiB', '512 KiB', '1 MB', '2 MiB'],
    ]);
    await person.selectOptions(pieceSize(), '1 MB');
    expect(describing(pieceSize())).toBe('');
    await person.selectOptions(pieceSize(), '2 MiB');
    expect(describing(pieceSize())).toMatch(/^TorrentInno’s own program cannot/);
  });
});

const addresses = () => screen.getByRole('textbox', { name: 'Web address' });

describe('[WS8] web addresses, typed before files are chosen', () => {
  it('[WS8] become those of the file that is chosen, and are gone then', async () => {
    const { worker, transfers } = await atHome();
    await unfold();
    expect(describing(addresses())).toMatch(/Adding one later makes a new link/);
    await person.click(addresses());
    await person.paste('https://mirror.example/a b.txt\n\n http://other.example/pub/ \n');
    expect(describing(addresses())).toMatch(/Whoever opens the link can read this.*http:\/\/ is for/);
    await person.upload(screen.getByLabelText('Choose files'), file());
    await settle();
    expect(worker.request?.urls).toEqual([
      { url: 'https://mirror.example/a%20b.txt', file: 0 },
      { url: 'http://other.example/pub/a.txt', file: 0 },
    ]);
    expect(transfers.making.details).toBeNull();
  });

  it('[WS8] one that no link can name is said beside it, and nothing is read', async () => {
    const { worker, transfers } = await atHome();
    await unfold();
    await person.type(addresses(), 'mirror.example/a.txt');
    expect(addresses().getAttribute('aria-invalid')).toBe('true');
    expect(describing(addresses())).toMatch(
      /“mirror\.example\/a\.txt” is no web address that a link can name/,
    );
    await person.upload(screen.getByLabelText('Choose files'), file());
    await settle();
    expect(worker.request).toBeNull();
    expect(transfers.making.details?.addresses).toBe('mirror.example/a.txt');
    render(Making, { transfers, go: () => undefined });
    expect(sentence()).toMatch(/is no web address that a link can name/);
  });

  it('[WS8] that of one file is refused for several, and stays to be mended', async () => {
    const { worker, transfers } = await atHome();
    await unfold();
    await person.type(addresses(), 'https://mirror.example/a.txt');
    expect(addresses().getAttribute('aria-invalid')).toBe('false');
    await transfers.making.shareWithDetails(chosen('a.txt', 'b.txt'));
    expect(worker.request).toBeNull();
    expect(transfers.making.details).toMatchObject({ addresses: 'https://mirror.example/a.txt', flaw: null });
    render(Making, { transfers, go: () => undefined });
    expect(sentence()).toMatch(/is the address of one file, and you chose 2\..*with \/ at its end/);
  });
});
