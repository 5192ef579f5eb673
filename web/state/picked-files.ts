/**
 * What a person chose in the dialogues that give handles ([UI3] [LB5]): files, or a folder with all that lies in it. Loaded
 * with the first choice. Knows nothing of shares.
 */
import { MAX_FILES } from '../../shared/limits.ts';
import type { FileHandle } from '../worker/contract.ts';
import { askAll } from '../worker/file-handle.ts';
import { TooMany, Unreadable, checkCount, fromList, gathered } from './chosen-files.ts';
import type { Chosen, Found } from './chosen-files.ts';

/** Of one folder, or of files. */
export function fromHandles(handles: readonly FileHandle[]): Promise<Chosen> {
  const [first] = handles;
  if (first?.kind === 'directory') return gathered((found) => walk(first, [], first, found));
  return fromFiles(handles.filter((handle) => handle.kind === 'file'));
}

/** In the order in which they were chosen. */
async function fromFiles(handles: readonly FileSystemFileHandle[]): Promise<Chosen> {
  if (handles.length > MAX_FILES) return { kind: 'too-many' };
  try {
    return fromList(await askAll(handles, fileOf), handles);
  } catch (error) {
    if (error instanceof Unreadable) return { kind: 'unreadable', name: error.message };
    throw error;
  }
}

async function walk(
  folder: FileSystemDirectoryHandle,
  above: readonly string[],
  root: FileSystemDirectoryHandle,
  found: Found,
): Promise<void> {
  const path = [...above, folder.name];
  const children = await childrenOf(folder);
  const own = children.filter((child) => child.kind === 'file');
  for (const file of await askAll(own, fileOf)) {
    found.files.push({ file, path: [...path, file.name], handle: root });
  }
  for (const child of children) if (child.kind === 'directory') await walk(child, path, root, found);
  if (children.length === 0) found.folders.push(path);
  checkCount(found);
}

async function childrenOf(folder: FileSystemDirectoryHandle): Promise<FileHandle[]> {
  const children: FileHandle[] = [];
  try {
    for await (const child of folder.values()) {
      children.push(child as FileHandle);
      if (children.length > MAX_FILES) throw new TooMany();
    }
  } catch (error) {
    throw error instanceof TooMany ? error : new Unreadable(folder.name);
  }
  return children;
}

async function fileOf(handle: FileSystemFileHandle): Promise<File> {
  try {
    return await handle.getFile();
  } catch {
    throw new Unreadable(handle.name);
  }
}
