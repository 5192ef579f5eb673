/**
 * One state of one page of the gallery: where it is, what the worker answers, and what happens then. `gallery.ts` puts
 * them onto the screen. Knows no browser test.
 */
import type { Obstacle } from '../../state/surroundings.ts';
import type { Transfer, InfoHash, LibraryEntry } from '../../state/session.ts';
import { idOf, manifestOf } from '../../state/transfer.fixture.ts';
import type { Transfers } from '../../state/transfers.svelte.ts';
import type { FakeWorker } from '../fake-worker.ts';

export interface Stage {
  readonly worker: FakeWorker;
  readonly transfers: Transfers;
  /** Lets what was told be shown. */
  readonly shown: () => Promise<void>;
}

export interface Picture {
  readonly page: string;
  readonly state: string;
  /** What follows `#`, with it. */
  readonly address: string;
  readonly obstacle?: Obstacle;
  readonly storage?: boolean;
  /** The server has a newer page. */
  readonly newer?: boolean;
  /** What the worker answers from the beginning. */
  readonly answers?: (worker: FakeWorker) => void;
  /** What happens when the page is there. */
  readonly then?: (stage: Stage) => void | Promise<void>;
}

type Manifest = NonNullable<Transfer['manifest']>;

export const MB = 1_000_000;
/** As long as one may be. */
export const LONG_HOST = `${'a-label-of-a-host-that-goes-on.'.repeat(7)}mirror.example.org:8443`;
export const GB = 1_000 * MB;
/** Everything that is told of a time is told of this one. */
export const NOW = Date.UTC(2026, 10, 27, 12);

/** As long as a name may be, and without a place to break it. */
export const LONG_NAME = `${'2026-11-27-Lofoten-'.repeat(13)}.mov.zip`.slice(-255);
/** It looks like a picture and is a program. */
export const TURNED_NAME = 'holiday\u202egpj.exe';
export const MARKUP_NAME = '<img src=x onerror=alert(1)>.txt';
/** No manifest has it; a page that shows it must stand it. */
export const BROKEN_NAME = 'two\nlines.txt';

export const ours = idOf('a');

/** One file of this name. */
export function fileManifest(name: string, size: number): NonNullable<Transfer['manifest']> {
  return { ...manifestOf([size]), name, files: [{ path: [name], size }] };
}

/** With web addresses at these servers. */
export function namingWeb(manifest: Manifest, hosts: readonly string[], https = true): Manifest {
  const urls = hosts.map((host) => `${https ? 'https' : 'http'}://${host}/pub/${'2026/'.repeat(6)}film.mp4`);
  const named = hosts.map((host) => ({ host, https }));
  const web = { urls, urlCount: urls.length, hosts: named, hostCount: hosts.length };
  return { ...manifest, web };
}

/** What most of the pictures are about. */
export const film = fileManifest('Lofoten in winter.mp4', 1.4 * GB);

/** A folder with these files in it. */
export function folderManifest(
  name: string,
  files: readonly (readonly [path: string, size: number])[],
): NonNullable<Transfer['manifest']> {
  const all = files.map(([path, size]) => ({ path: [name, ...path.split('/')], size }));
  return { ...manifestOf(all.map(({ size }) => size)), name, files: all };
}

/** The worker has these files to list, each so far. */
export function listFiles(
  worker: FakeWorker,
  { files }: Pick<NonNullable<Transfer['manifest']>, 'files'>,
  part = 0,
): void {
  worker.rows = files.map(({ path, size }, nth) => ({
    ...{ path, size, wanted: true },
    storedBytes: nth % 3 === 0 ? size : Math.round(size * part),
  }));
}

/** Pieces of which a part is stored and some are under way. */
export function piecesAt(part: number, count = 600): Uint8Array {
  // Spread as they come from many: a fixed pattern, so that each picture is the same.
  return Uint8Array.from({ length: count }, (_, piece) => {
    const place = (piece * 7_919) % 1_000;
    if (place < part * 1_000) return 2;
    return part < 1 && place < part * 1_000 + 15 ? 1 : 0;
  });
}

export function entryOf(infoHash: InfoHash, name: string, changes: Partial<LibraryEntry> = {}): LibraryEntry {
  return {
    ...{ infoHash, role: 'receiving', intent: 'stopped', name, totalBytes: 24 * MB, fileCount: 1 },
    ...{ addedAt: NOW, finishedAt: NOW, savedAt: NOW },
    ...changes,
  };
}

/** The element, which the state is about. */
export function element<T extends HTMLElement>(kind: new () => T, selector: string): T {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`there is no ${selector}`);
  return found;
}

export function press(name: string): void {
  const all = [...document.querySelectorAll('button')];
  const found = all.find((one) => (one.getAttribute('aria-label') ?? one.textContent?.trim()) === name);
  if (found === undefined) throw new Error(`there is no button ${name}`);
  found.click();
}

export function type(selector: string, text: string): void {
  const field = element(HTMLInputElement, selector);
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
}
