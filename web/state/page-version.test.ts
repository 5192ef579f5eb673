import { describe, expect, test } from 'vitest';
import { PageVersion } from './page-version.svelte.ts';

/** A server that answers what the test says, when it says so. */
function server() {
  const waiting: ((answer: boolean | null) => void)[] = [];
  const version = new PageVersion(() => new Promise((resolve) => waiting.push(resolve)));
  let asked = 0;
  const look = async (answer: boolean | null): Promise<boolean> => {
    const looked = version.look();
    asked += waiting.length;
    waiting.shift()?.(answer);
    await looked;
    return version.newer;
  };
  return { version, look, waiting, asked: () => asked };
}

describe('[AP6] the page’s version', () => {
  test('is the server’s until that says another, and stays old from then on without asking again', async () => {
    const { look, asked } = server();
    expect(await look(true)).toBe(false);
    expect(await look(false)).toBe(true);
    expect(asked()).toBe(2);
    expect(await look(true)).toBe(true);
    expect(asked()).toBe(2);
  });

  test('is let be where the server does not say, and asked about again', async () => {
    const { look } = server();
    expect(await look(null)).toBe(false);
    expect(await look(false)).toBe(true);
  });

  test('is asked about once at a time', async () => {
    const { version, waiting } = server();
    const looks = [version.look(), version.look(), version.look()];
    expect(waiting).toHaveLength(1);
    waiting[0]?.(true);
    await Promise.all(looks);
    void version.look();
    expect(waiting).toHaveLength(2);
  });
});
