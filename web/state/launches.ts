/**
 * What the system starts the app with while a window of it is open already ([AP4]): files, or an address of ours. The
 * window that is open is not loaded anew, so that what runs in it goes on.
 */
import { RECEIVED, SHARE_TARGET } from '../worker/handed/addresses.ts';

/** Chromium's; the platform's types do not have it yet. */
export interface LaunchParams {
  readonly targetURL?: string | null;
  readonly files?: readonly FileSystemHandle[];
}
export interface LaunchQueue {
  setConsumer(consumer: (launch: LaunchParams) => void): void;
}

interface Launched {
  /** A file whose kind the manifest names. */
  readonly openResource: (file: File) => void;
  readonly go: (fragment: string) => void;
}

/** `openedAt`: the address that the page was loaded with; that launch has been followed by loading it. */
export function followLaunches(queue: LaunchQueue, openedAt: string, { openResource, go }: Launched): void {
  queue.setConsumer(({ targetURL, files = [] }) => {
    if (files.length > 0) void readAll(files).then((read) => read.forEach(openResource));
    else if (typeof targetURL === 'string' && targetURL !== openedAt) goTo(targetURL, go);
  });
}

/** Those that can be read: what was moved or taken away meanwhile cannot. */
async function readAll(handles: readonly FileSystemHandle[]): Promise<readonly File[]> {
  const files = handles.filter((handle): handle is FileSystemFileHandle => handle.kind === 'file');
  const read = await Promise.all(files.map((handle) => handle.getFile().catch(() => null)));
  return read.filter((file) => file !== null);
}

function goTo(address: string, go: (fragment: string) => void): void {
  const { hash, pathname } = new URL(address);
  if (pathname.endsWith(`/${SHARE_TARGET}`)) go(RECEIVED);
  else if (hash !== '') go(hash);
}
