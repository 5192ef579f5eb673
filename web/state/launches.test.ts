import { describe, expect, test } from 'vitest';
import { followLaunches } from './launches.ts';
import type { LaunchParams } from './launches.ts';

const PAGE = 'https://share.example/drop/';
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What becomes of what the system starts the app with. */
async function launched(...launches: LaunchParams[]) {
  const [went, opened]: [string[], string[]] = [[], []];
  let launch: (params: LaunchParams) => void = () => undefined;
  followLaunches({ setConsumer: (consumer) => (launch = consumer) }, `${PAGE}#/settings`, {
    openResource: (file) => opened.push(file.name),
    go: (fragment) => went.push(fragment),
  });
  for (const params of launches) launch(params);
  await settled();
  return { went, opened };
}

const handleOf = (name: string, getFile = async () => new File(['{}'], name)): FileSystemHandle =>
  ({ kind: 'file', name, getFile }) as unknown as FileSystemHandle;

describe('[AP4] a window that is open already', () => {
  test('goes to what the app is started with', async () => {
    const { went } = await launched({ targetURL: `${PAGE}#/open/x%20y` }, { targetURL: `${PAGE}#/` });
    expect(went).toEqual(['#/open/x%20y', '#/']);
  });

  test('stays where it is when only the app is started, or it was loaded for that', async () => {
    const { went } = await launched(
      { targetURL: PAGE },
      { targetURL: `${PAGE}#/settings` },
      { targetURL: null },
      {},
      { targetURL: PAGE, files: [] },
    );
    expect(went).toEqual([]);
  });

  test('[AP3] looks for what the share target has taken', async () => {
    expect((await launched({ targetURL: `${PAGE}share-target` })).went).toEqual(['#/received']);
  });

  test('gets the files, those that can be read, and stays for them', async () => {
    const { went, opened } = await launched({
      targetURL: PAGE,
      files: [
        handleOf('a.torrentinno'),
        handleOf('gone.torrentinno', () => Promise.reject(new DOMException('gone', 'NotFoundError'))),
        { kind: 'directory', name: 'folder' } as FileSystemHandle,
        handleOf('b.torrentinno'),
      ],
    });
    expect([went, opened]).toEqual([[], ['a.torrentinno', 'b.torrentinno']]);
  });
});
