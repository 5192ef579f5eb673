import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { InfoHash } from '../../shared/ids.ts';
import { delivered } from '../net/simple-peer.fixture.ts';
import type { SaveEnd } from '../state/session.ts';
import type { SaveNews, SavePulse, SaveQuestion, SaveReadiness } from '../worker/saving/save-messages.ts';
import { ask } from './service-worker.ts';
import { streamedSave } from './streamed-save.ts';

const TARGET = { infoHash: 'ab'.repeat(32) as InfoHash, file: 'zip' } as const;

/** A service worker that says what the test has it say. */
class FakeWorker {
  readonly questions: SaveQuestion[] = [];
  readiness: SaveReadiness | null = { kind: 'ready' };
  pulse: SavePulse | null = { kind: 'under-way' };
  watches = true;
  /** The download ends just when it is asked whether it goes on. */
  endsMeanwhile = false;
  news: MessagePort | null = null;

  postMessage(question: SaveQuestion, [port]: [MessagePort]): void {
    this.questions.push(question);
    ports.push(port);
    if (question.kind === 'prepare-save') this.#answer(port, this.readiness);
    if (question.kind === 'save-pulse' && this.endsMeanwhile) this.says({ kind: 'saved' });
    if (question.kind === 'save-pulse') this.#answer(port, this.pulse);
    if (question.kind !== 'watch-save') return;
    this.news = port;
    if (this.watches) this.says({ kind: 'watching' });
  }

  says(news: SaveNews): void {
    this.news?.postMessage(news);
  }

  get pulses(): number {
    return this.questions.filter(({ kind }) => kind === 'save-pulse').length;
  }

  #answer(port: MessagePort, answer: unknown): void {
    if (answer !== null) port.postMessage(answer);
  }
}

interface Frame {
  hidden: boolean;
  title: string;
  src: string;
  isThere: boolean;
  remove(): void;
}

const ports: MessagePort[] = [];
let frames: Frame[];
let worker: FakeWorker;
let ends: SaveEnd[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  [frames, worker, ends] = [[], new FakeWorker(), []];
  vi.stubGlobal('location', new URL('https://share.example/drop/'));
  vi.stubGlobal('document', {
    createElement: (): Frame => ({
      ...{ hidden: false, title: 'x', src: '', isThere: false },
      remove() {
        this.isThere = false;
      },
    }),
    body: {
      append(frame: Frame) {
        frame.isThere = true;
        frames.push(frame);
      },
    },
  });
});
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await delivered();
    await vi.advanceTimersByTimeAsync(1_000);
  }
  await delivered();
}

const save = () => streamedSave(worker as unknown as ServiceWorker, TARGET, (end) => ends.push(end));

async function begun(): Promise<void> {
  const outcome = save();
  await delivered();
  worker.says({ kind: 'begun' });
  expect(await outcome).toEqual({ kind: 'started' });
}

describe('[SA2] saving through the service worker', () => {
  test('asks first, watches, and then opens the address in a frame that nobody sees', async () => {
    await begun();
    expect(worker.questions).toEqual([
      { kind: 'prepare-save', target: TARGET },
      { kind: 'watch-save', id: expect.any(String) },
    ]);
    const id = worker.questions.flatMap((question) => ('id' in question ? [question.id] : []))[0];
    expect(frames).toMatchObject([
      { hidden: true, title: '', src: `/drop/save/${TARGET.infoHash}/zip?id=${id}`, isThere: true },
    ]);
    expect(ends).toEqual([]);
  });

  test.each<[SaveNews, SaveEnd]>([
    [{ kind: 'saved' }, { kind: 'saved' }],
    [
      { kind: 'failed', why: 'gone' },
      { kind: 'failed', why: expect.stringContaining('open the link again') },
    ],
    [
      { kind: 'failed', why: 'cancelled' },
      { kind: 'failed', why: expect.stringContaining('cancelled there or the disk is full') },
    ],
  ])('tells the end that the service worker tells: %j', async (news, end) => {
    await begun();
    worker.says(news);
    await pass(1);
    expect(ends).toEqual([end]);
    await pass(60);
    expect([ends.length, worker.pulses]).toEqual([1, 0]);
  });

  test('leaves the frame for half a minute: taking it away could cancel a small download', async () => {
    await begun();
    worker.says({ kind: 'saved' });
    await pass(29);
    expect(frames[0]?.isThere).toBe(true);
    await pass(2);
    expect(frames[0]?.isThere).toBe(false);
  });

  test('keeps the service worker awake every ten seconds for as long as it takes', async () => {
    await begun();
    await pass(65);
    expect([worker.pulses, ends]).toEqual([6, []]);
    worker.says({ kind: 'saved' });
    await pass(1);
    expect(ends).toEqual([{ kind: 'saved' }]);
  });

  test('goes on where a pulse is not answered: the service worker may be busy', async () => {
    await begun();
    worker.pulse = null;
    await pass(45);
    worker.says({ kind: 'saved' });
    await pass(1);
    expect(ends).toEqual([{ kind: 'saved' }]);
  });

  test('fails where the service worker was stopped and has forgotten it', async () => {
    await begun();
    worker.pulse = { kind: 'unknown' };
    await pass(11);
    expect(ends).toEqual([{ kind: 'failed', why: expect.stringContaining('stopped the download') }]);
  });

  test('does not fail where the end was on its way while it was asked', async () => {
    await begun();
    worker.pulse = { kind: 'unknown' };
    worker.endsMeanwhile = true;
    await pass(11);
    expect(ends).toEqual([{ kind: 'saved' }]);
  });
});

describe('[SA2] saving is not for the service worker', () => {
  test('where a part is missing, which is final', async () => {
    worker.readiness = { kind: 'incomplete' };
    expect(await save()).toEqual({ kind: 'failed', why: expect.stringContaining('no longer in') });
  });

  test('where it does not have the share', async () => {
    worker.readiness = { kind: 'absent' };
    expect(await save()).toEqual({ kind: 'impossible' });
  });

  test.each<[string, number, () => void]>([
    ['answer', 10, () => (worker.readiness = null)],
    ['watch', 15, () => (worker.watches = false)],
    ['begin', 15, () => undefined],
  ])('where it does not %s within %i seconds', async (_, seconds, arrange) => {
    arrange();
    let outcome: unknown = null;
    void save().then((said) => (outcome = said));
    await pass(seconds - 1);
    expect(outcome).toBeNull();
    await pass(2);
    expect(outcome).toEqual({ kind: 'impossible' });
    expect(frames.filter(({ isThere }) => isThere)).toEqual([]);
    // What comes late is for nobody.
    worker.says({ kind: 'saved' });
    await pass(60);
    expect([ends, worker.pulses]).toEqual([[], 0]);
  });
});

describe('[SA2] a question to the service worker', () => {
  test('has one answer, which is its own', async () => {
    const asked = (kind: SavePulse['kind']) => {
      worker.pulse = { kind };
      return ask<SavePulse>(worker as unknown as ServiceWorker, { kind: 'save-pulse', id: kind });
    };
    expect(await Promise.all([asked('unknown'), asked('under-way')])).toEqual([
      { kind: 'unknown' },
      { kind: 'under-way' },
    ]);
  });
});
