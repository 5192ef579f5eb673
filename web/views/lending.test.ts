// @vitest-environment happy-dom
/** [WS43] Lending the connection, in the settings. */
import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import { FakeWorker, settle } from '../testing/fake-worker.ts';
import { person, render, screen } from '../testing/shown.ts';
import { PageTheme } from '../state/theme.ts';
import Preferences from '../parts/Preferences.svelte';

async function shown(urlSources: boolean | null): Promise<FakeWorker> {
  const worker = new FakeWorker();
  worker.urlSources = urlSources;
  const transfers = worker.transfers();
  await transfers.start();
  const theme = new PageTheme({ dataset: {} as DOMStringMap }, null, 'theme');
  render(Preferences, { transfers, theme, forgotten: () => undefined });
  await came();
  return worker;
}

async function came(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    await settle();
    flushSync();
  }
}

const box = (): HTMLInputElement => screen.getByRole('checkbox', { name: 'Lend my connection' });

describe('[WS43] lending', () => {
  it('is off, and has its limits while it is on', async () => {
    const worker = await shown(true);
    expect([box().checked, box().disabled]).toEqual([false, false]);
    expect(screen.queryByRole('spinbutton', { name: 'Daily limit (GB)' })).toBeNull();
    worker.lent = { ...worker.lent, todayBytes: 2_000_000 };
    await person.click(box());
    await came();
    expect(worker.settings.lend).toBe(true);
    expect(screen.getByText(/^Lent today: 2\.00.MB\.$/)).toBeDefined();
    await person.type(screen.getByRole('spinbutton', { name: 'Daily limit (GB)' }), '1.5');
    await person.tab();
    await came();
    expect(worker.settings.lendDailyBytes).toBe(1_500_000_000);
    const hosts = screen.getByRole<HTMLInputElement>('textbox', { name: 'Only these hosts' });
    await person.type(hosts, 'https://Files.example/a, ???');
    await person.tab();
    await came();
    expect(worker.settings.lendHosts).toEqual([]);
    expect(screen.getByText(/“\?\?\?” is no name of a host/)).toBeDefined();
    await person.clear(hosts);
    await person.type(hosts, 'https://Files.example/a');
    await person.tab();
    await came();
    expect(worker.settings.lendHosts).toEqual(['files.example']);
    expect(hosts.value).toBe('files.example');
  });

  it('[WS6] cannot be switched on where the operator does not allow it, which is said', async () => {
    await shown(false);
    expect(box().disabled).toBe(true);
    expect(screen.getByText(/has not allowed pages to load from web addresses/)).toBeDefined();
  });
});
