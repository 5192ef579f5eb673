import { describe, expect, it } from 'vitest';
import { MAX_FILES } from '../../shared/limits.ts';
import { fromList, fromTransfer, nameOf } from './chosen-files.ts';

function file(name: string, relative = ''): File {
  return Object.defineProperty(new File(['x'], name), 'webkitRelativePath', { value: relative });
}

type Entry = { name: string; isFile: boolean; isDirectory: boolean };

function fileEntry(name: string, readable = true): Entry {
  return {
    name,
    isFile: true,
    isDirectory: false,
    file: (done: (file: File) => void, failed: () => void) => (readable ? done(file(name)) : failed()),
  } as Entry;
}

/** As browsers do, hands its entries out a hundred at a time. */
function folderEntry(name: string, children: Entry[]): Entry {
  const createReader = () => {
    let at = 0;
    return {
      readEntries: (done: (batch: Entry[]) => void) => {
        done(children.slice(at, at + 100));
        at += 100;
      },
    };
  };
  return { name, isFile: false, isDirectory: true, createReader } as Entry;
}

function transfer(entries: (Entry | null)[], files: File[] = []): Pick<DataTransfer, 'items' | 'files'> {
  const items = entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry }));
  return { items, files } as unknown as Pick<DataTransfer, 'items' | 'files'>;
}

const pathsOf = (chosen: Awaited<ReturnType<typeof fromTransfer>>) =>
  chosen.kind === 'files' ? chosen.files.map(({ path }) => path.join('/')) : chosen.kind;

describe('chosen files', () => {
  it('[UI3] keeps the tree of a chosen folder', () => {
    const chosen = fromList([file('a.txt', 'Photos/Day 1/a.txt'), file('b.txt', 'Photos/b.txt')]);
    expect(pathsOf(chosen)).toEqual(['Photos/Day 1/a.txt', 'Photos/b.txt']);
  });

  it('[UI3] refuses more files than a share may have', () => {
    const one = file('a');
    expect(fromList(Array<File>(MAX_FILES).fill(one)).kind).toBe('files');
    expect(fromList(Array<File>(MAX_FILES + 1).fill(one)).kind).toBe('too-many');
  });
});

describe('dropped and pasted files', () => {
  it('[UI3] walks dropped folders whole, beyond the hundred of one batch, in the order of names', async () => {
    const many = Array.from({ length: 250 }, (_, index) =>
      fileEntry(`${String(index).padStart(3, '0')}.jpg`),
    ).reverse();
    const dropped = transfer([
      folderEntry('Photos', [folderEntry('Day 1', many), folderEntry('none', [])]),
      fileEntry('a.txt'),
    ]);
    const paths = pathsOf(await fromTransfer(dropped));
    expect(paths).toHaveLength(251);
    expect(paths[0]).toBe('Photos/Day 1/000.jpg');
    expect(paths[250]).toBe('a.txt');
  });

  it('[UI3] names an entry that cannot be read', async () => {
    const dropped = transfer([folderEntry('Photos', [fileEntry('gone.jpg', false)])]);
    expect(await fromTransfer(dropped)).toEqual({ kind: 'unreadable', name: 'gone.jpg' });
  });

  it('[UI3] stops walking at more files than a share may have', async () => {
    const full = () => folderEntry('full', Array<Entry>(MAX_FILES / 2 + 1).fill(fileEntry('a')));
    expect((await fromTransfer(transfer([full(), full()]))).kind).toBe('too-many');
    const wide = folderEntry('wide', Array<Entry>(MAX_FILES + 200).fill(fileEntry('a')));
    expect((await fromTransfer(transfer([wide]))).kind).toBe('too-many');
  });

  it('[UI3] takes files without entries, such as a pasted picture, as they are', async () => {
    expect(pathsOf(await fromTransfer(transfer([null], [file('image.png')])))).toEqual(['image.png']);
    expect(pathsOf(await fromTransfer(transfer([fileEntry('a.txt')], [file('a.txt')])))).toEqual(['a.txt']);
  });

  it('[UI3] finds empty folders, and only those, in the order of names', async () => {
    const dropped = transfer([
      folderEntry('Photos', [
        folderEntry('none', []),
        folderEntry('full', [fileEntry('a'), folderEntry('b', [])]),
      ]),
      folderEntry('Empty', []),
    ]);
    expect(await fromTransfer(dropped)).toMatchObject({
      files: [{ path: ['Photos', 'full', 'a'] }],
      folders: [['Empty'], ['Photos', 'full', 'b'], ['Photos', 'none']],
    });
  });

  it('[UI3] finds no file in an empty folder', async () => {
    expect(await fromTransfer(transfer([folderEntry('empty', [])]))).toEqual({
      kind: 'files',
      files: [],
      folders: [['empty']],
    });
  });

  it('[UI3] counts empty folders as files: there may be so many of both together', async () => {
    const folders = (count: number) => Array.from({ length: count }, (_, nth) => folderEntry(`${nth}`, []));
    const half = MAX_FILES / 2;
    const dropped = (count: number) =>
      transfer([folderEntry('a', Array<Entry>(half).fill(fileEntry('f'))), folderEntry('b', folders(count))]);
    expect((await fromTransfer(dropped(half))).kind).toBe('files');
    expect((await fromTransfer(dropped(half + 1))).kind).toBe('too-many');
  });
});

describe('[LB5] what is dropped with handles', () => {
  type Handle = { kind: string; name: string };
  const withHandles = (dropped: ReturnType<typeof transfer>, handles: (Handle | null | Error)[]) => {
    const items = [...dropped.items].map((item, nth) => {
      const handle = handles[nth] ?? null;
      const getAsFileSystemHandle = async () => {
        if (handle instanceof Error) throw handle;
        return handle;
      };
      return { ...item, getAsFileSystemHandle };
    });
    return { ...dropped, items } as unknown as Pick<DataTransfer, 'items' | 'files'>;
  };
  const handlesIn = (chosen: Awaited<ReturnType<typeof fromTransfer>>) =>
    chosen.kind === 'files' ? chosen.files.map(({ handle }) => handle?.name) : chosen.kind;

  it('[LB5] a file has its own, and all files of a folder the folder’s', async () => {
    const photos = folderEntry('Photos', [fileEntry('b.jpg'), folderEntry('Day 1', [fileEntry('a.jpg')])]);
    const dropped = withHandles(transfer([photos, fileEntry('c.txt')]), [
      { kind: 'directory', name: 'Photos' },
      { kind: 'file', name: 'c.txt' },
    ]);
    const chosen = await fromTransfer(dropped);
    expect(pathsOf(chosen)).toEqual(['Photos/Day 1/a.jpg', 'Photos/b.jpg', 'c.txt']);
    expect(handlesIn(chosen)).toEqual(['Photos', 'Photos', 'c.txt']);
  });

  it('[LB5] loose files have their own, and one that has none has none', async () => {
    const files = [file('a.txt'), file('b.txt'), file('image.png')];
    const dropped = withHandles(transfer([fileEntry('a.txt'), fileEntry('b.txt'), null], files), [
      new DOMException('no handle', 'NotAllowedError'),
      { kind: 'file', name: 'b.txt' },
      null,
    ]);
    const chosen = await fromTransfer(dropped);
    expect(pathsOf(chosen)).toEqual(['a.txt', 'b.txt', 'image.png']);
    expect(handlesIn(chosen)).toEqual([undefined, 'b.txt', undefined]);
  });
});

describe('what is dropped or pasted in the wrong moment', () => {
  it('[UI3] a folder that cannot be listed is named', async () => {
    const shut = {
      name: 'Shut',
      isFile: false,
      isDirectory: true,
      createReader: () => ({ readEntries: (_: unknown, failed: () => void) => failed() }),
    } as Entry;
    const dropped = transfer([folderEntry('Photos', [fileEntry('a.jpg'), shut])]);
    expect(await fromTransfer(dropped)).toEqual({ kind: 'unreadable', name: 'Shut' });
  });

  it('[UI3] what is read of a drop is read before its event is over', async () => {
    const dropped = transfer([fileEntry('a.txt'), folderEntry('Photos', [fileEntry('b.jpg')])]);
    const items = [...dropped.items];
    const answer = fromTransfer(dropped);
    // Behind the event a browser shows nothing of it any more.
    for (const item of items) Object.assign(item, { kind: 'string', webkitGetAsEntry: () => null });
    Object.assign(dropped, { items: [], files: [] });
    expect(pathsOf(await answer)).toEqual(['Photos/b.jpg', 'a.txt']);
  });

  it('[UI3] text beside files is no file', async () => {
    const dropped = transfer([folderEntry('Photos', [fileEntry('b.jpg')])]);
    const items = [...dropped.items, { kind: 'string', webkitGetAsEntry: () => null }];
    expect(pathsOf(await fromTransfer({ ...dropped, items } as unknown as DataTransfer))).toEqual([
      'Photos/b.jpg',
    ]);
  });

  it('[UI3] files of a browser without entries are taken as they are', async () => {
    const items = [{ kind: 'file' }, { kind: 'file' }];
    const dropped = { items, files: [file('b.txt'), file('a.txt')] } as unknown as DataTransfer;
    expect(pathsOf(await fromTransfer(dropped))).toEqual(['b.txt', 'a.txt']);
  });

  it('[UI3] nothing is lost where only some have an entry', async () => {
    const dropped = transfer([folderEntry('Photos', []), null], [file('Photos'), file('image.png')]);
    expect(pathsOf(await fromTransfer(dropped))).toEqual(['Photos', 'image.png']);
  });
});

describe('the name of a share', () => {
  const named = (files: string[], folders: string[] = []) =>
    nameOf({
      files: files.map((path) => ({ file: file('x'), path: path.split('/') })),
      folders: folders.map((path) => path.split('/')),
    });

  it('[UI3] is the file’s own', () => {
    expect(named(['a.txt'])).toBe('a.txt');
    expect(named([])).toBe('');
  });

  it('[UI3] is the common folder’s, also of a single file', () => {
    expect(named(['Photos/a.txt', 'Photos/b/c.txt'])).toBe('Photos');
    expect(named(['Photos/b/a.txt'])).toBe('Photos');
    expect(named(['Photos/a.txt'], ['Photos/none'])).toBe('Photos');
  });

  it('[UI3] is made of the first of several loose files and folders', () => {
    expect(named(['a.txt', 'b.txt'])).toBe('a.txt and 1 more');
    expect(named(['Photos/a.txt', 'Films/b.txt', 'c'])).toBe('a.txt and 2 more');
    expect(named(['Photos/a.txt', 'Photos'])).toBe('a.txt and 1 more');
    expect(named(['a.txt'], ['none'])).toBe('a.txt and 1 more');
    expect(named(['Photos/a.txt'], ['none'])).toBe('a.txt and 1 more');
  });
});
