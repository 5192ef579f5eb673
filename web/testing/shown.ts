/**
 * Views as a person finds them, by role and name, in a DOM without a browser. What such a DOM lacks (layout, canvas,
 * dialogues) is left to `e2e/`. A test file that imports this asks for `@vitest-environment happy-dom`.
 */
import { configure, screen, within } from '@testing-library/dom';
import { act, cleanup, setup } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { Transfer } from '../state/session.ts';
import type { FakeWorker } from './fake-worker.ts';

export { screen, within } from '@testing-library/dom';
export { render } from '@testing-library/svelte';

/** Types and clicks without a pause between. */
export let person = userEvent.setup({ delay: null });

beforeEach(async () => {
  await setup();
  // A whole page in every failure hides what is missing.
  configure({ getElementError: (message) => new Error(message ?? 'not found') });
  person = userEvent.setup({ delay: null });
});

afterEach(async () => {
  await act();
  cleanup();
  document.title = '';
});

/** Tells what the worker tells, and lets the page follow. */
export function tell(worker: FakeWorker, ...changes: Partial<Transfer>[]): void {
  worker.push(...changes);
  flushSync();
}

/** What the page loads behind itself is there, and shown. */
export async function loaded(): Promise<void> {
  await vi.dynamicImportSettled();
  flushSync();
}

export function button(name: string): HTMLElement {
  return screen.getByRole('button', { name });
}

/** The names of everything on the page that can be pressed, in its order. */
export function pressable(): string[] {
  return screen.queryAllByRole('button').map((control) => (control.textContent ?? '').trim());
}

/** [UI4] There is exactly one. */
export function sentence(): string {
  return screen.getByRole('status').textContent ?? '';
}

/** The figure that stands under this name, with plain spaces. */
export function fact(name: string): string {
  const term = screen.getByText(name, { selector: 'dt' });
  const { parentElement } = term;
  expect(parentElement).not.toBeNull();
  return plain(within(parentElement ?? term).getByRole('definition'));
}

/** The rows of the list under a heading. */
export function rowsUnder(heading: RegExp | string): string[] {
  const section = screen.getByRole('heading', { level: 2, name: heading }).parentElement;
  const rows = within(section ?? document.body).getAllByRole('listitem');
  return rows.map(plain);
}

/** Of a table's body, each as plain text. */
export function rowsOf(table: string): string[] {
  const rows = within(screen.getByRole('table', { name: table })).getAllByRole('row');
  return rows.slice(1).map((row) =>
    [...row.children]
      .map((cell) => plain(cell as HTMLElement))
      .join(' ')
      .trim(),
  );
}

function plain({ textContent }: HTMLElement): string {
  return (textContent ?? '').replaceAll(/\s+/g, ' ').trim();
}
