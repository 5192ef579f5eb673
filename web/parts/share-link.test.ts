// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest';
import { settle } from '../testing/fake-worker.ts';
import { button, person, pressable, render, screen } from '../testing/shown.ts';
import QrCode from './QrCode.svelte';
import ShareLink from './ShareLink.svelte';

const link = 'https://example.org/#abc';

/** What the browser has: `execCommand` is the old way to copy, `clipboard` the new one, `share` another app. */
function browserHas({
  clipboard,
  execCommand,
  share,
}: {
  clipboard?: unknown;
  execCommand?: unknown;
  share?: unknown;
}) {
  // Made new for each test by the one before.
  Object.defineProperty(navigator, 'clipboard', { configurable: true, value: clipboard });
  Object.defineProperty(navigator, 'share', { configurable: true, value: share });
  Object.defineProperty(document, 'execCommand', { configurable: true, value: execCommand });
}

afterEach(() => {
  vi.useRealTimers();
  browserHas({});
});

const field = (): HTMLInputElement => screen.getByRole('textbox', { name: 'Share link' });
const refused = () => Promise.reject(new DOMException('no', 'NotAllowedError'));

async function press(name: string): Promise<void> {
  button(name).focus();
  await person.keyboard('{Enter}');
  await settle();
}

describe('copying the link', () => {
  it('[UI13] is done by the clipboard where it may be, and the focus stays', async () => {
    const writeText = vi.fn(async () => undefined);
    browserHas({ clipboard: { writeText } });
    render(ShareLink, { link, name: 'a' });
    await press('Copy link');
    expect(writeText).toHaveBeenCalledExactlyOnceWith(link);
    expect(screen.getByText('Copied')).toBeTruthy();
    expect(document.activeElement).toBe(button('Copy link'));
  });

  it.each([
    ['refused', { writeText: refused }],
    ['missing, as over plain http', undefined],
  ])(
    '[UI13] is done by the old command where the clipboard is %s, and the focus comes back',
    async (_, clipboard) => {
      const selected: (string | null)[] = [];
      const execCommand = () => {
        const { value, selectionStart, selectionEnd } = field();
        selected.push(value.slice(selectionStart ?? 0, selectionEnd ?? 0));
        return true;
      };
      browserHas({ clipboard, execCommand });
      render(ShareLink, { link, name: 'a' });
      await press('Copy link');
      expect(selected).toEqual([link]);
      expect(screen.getByText('Copied')).toBeTruthy();
      expect(document.activeElement).toBe(button('Copy link'));
    },
  );

  it.each([
    ['refuses', () => false],
    ['is missing', undefined],
  ])(
    '[UI13] is left to the person where the old command %s, too: the link is selected',
    async (_, execCommand) => {
      browserHas({ clipboard: { writeText: refused }, execCommand });
      render(ShareLink, { link, name: 'a' });
      await press('Copy link');
      expect(screen.getByText(/Press Ctrl\+C/)).toBeTruthy();
      expect(document.activeElement).toBe(field());
      expect([field().selectionStart, field().selectionEnd]).toEqual([0, link.length]);
    },
  );

  it('[UI13] is said for four seconds after the last time', async () => {
    browserHas({ clipboard: { writeText: async () => undefined } });
    render(ShareLink, { link, name: 'a' });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await press('Copy link');
    vi.advanceTimersByTime(3_000);
    await press('Copy link');
    vi.advanceTimersByTime(3_900);
    await settle();
    expect(screen.queryByText('Copied')).not.toBeNull();
    vi.advanceTimersByTime(200);
    await settle();
    expect(screen.queryByText('Copied')).toBeNull();
  });

  it('[UI13] selects the whole link when it gets the focus', async () => {
    browserHas({});
    render(ShareLink, { link, name: 'a' });
    field().focus();
    expect([field().selectionStart, field().selectionEnd]).toEqual([0, link.length]);
  });
});

describe('handing the link to another app', () => {
  it('[UI13] is offered only where the system can', () => {
    browserHas({});
    render(ShareLink, { link, name: 'a' });
    expect(pressable()).toEqual(['Copy link']);
  });

  it('[UI13] names the share', async () => {
    const share = vi.fn(async () => undefined);
    browserHas({ share });
    render(ShareLink, { link, name: 'Photos' });
    await press('Send to an app');
    expect(share).toHaveBeenCalledExactlyOnceWith({ title: 'Photos', url: link });
  });

  it.each([
    ['AbortError', false],
    ['NotAllowedError', true],
  ])('[UI13] leaves the link to copy when it fails: %s', async (name, failed) => {
    browserHas({ share: () => Promise.reject(new DOMException('no', name)) });
    render(ShareLink, { link, name: 'a' });
    await press('Send to an app');
    expect(document.activeElement === field()).toBe(failed);
  });
});

describe('the QR code of the link', () => {
  const picture = () => screen.findByRole<HTMLImageElement>('img', { name: 'QR code of the share link' });

  it('[UI13] is that of the link, and follows it', async () => {
    const { rerender } = render(QrCode, { text: link });
    const { src } = await picture();
    expect(src).toMatch(/^data:image\/svg\+xml,/);
    await rerender({ text: `${link}d` });
    await settle();
    const other = (await picture()).src;
    expect(other).not.toBe(src);
    await rerender({ text: 'never shown' });
    await rerender({ text: link });
    await settle();
    expect((await picture()).src).toBe(src);
  });

  it('[UI13] is left out where its code does not come', async () => {
    vi.resetModules();
    vi.doMock('uqr', () => {
      throw new Error('no server');
    });
    render(QrCode, { text: link });
    await vi.dynamicImportSettled();
    await settle();
    expect(screen.queryByRole('img')).toBeNull();
    vi.doUnmock('uqr');
  });
});
