/**
 * [LB5] What Chromium gives beside a file that was chosen or dropped: a handle by which it can be read again later, when
 * the person allows it. Of a folder the folder's own handle is enough for all files in it.
 */
export type FileHandle = FileSystemFileHandle | FileSystemDirectoryHandle;

/** How many files are asked for at once: each question goes through the browser's main process. */
const AT_ONCE = 64;

/** Whether it may be read now. A browser that knows no such question has no answer to wait for either. */
export async function permissionOf(handle: FileHandle): Promise<PermissionState> {
  if (!('queryPermission' in handle) || typeof handle.queryPermission !== 'function') return 'granted';
  return (await handle.queryPermission({ mode: 'read' })) as PermissionState;
}

/**
 * The file at a path: the handle's own, or in its folder, whose own name is the path's first. Rejects as the browser
 * does where it is gone or may not be read.
 */
export async function fileAt(handle: FileHandle, path: readonly string[]): Promise<File> {
  if (handle.kind === 'file') return handle.getFile();
  let folder = handle;
  for (const name of path.slice(1, -1)) folder = await folder.getDirectoryHandle(name);
  return (await folder.getFileHandle(path.at(-1) ?? '')).getFile();
}

/** In order, a few at a time. */
export async function askAll<Of, Answer>(
  all: readonly Of[],
  ask: (one: Of) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE) {
    for (const answer of await Promise.all(all.slice(from, from + AT_ONCE).map(ask))) answers.push(answer);
  }
  return answers;
}
