/**
 * In the browser, before the product's service worker: its saves stop after a few pieces until the test lets them go
 * on, so that what happens in the middle of one happens there.
 */
const CHUNKS_BEFORE = 3;

let letGo = (): void => undefined;
const gone = new Promise<void>((resolve) => (letGo = resolve));
new BroadcastChannel('held-saves').addEventListener('message', () => letGo());

class HeldStream<T> extends ReadableStream<T> {
  constructor(source: UnderlyingDefaultSource<T>, strategy?: QueuingStrategy<T>) {
    let pulls = 0;
    const pull = async (controller: ReadableStreamDefaultController<T>): Promise<void> => {
      if (++pulls > CHUNKS_BEFORE) await gone;
      await source.pull?.(controller);
    };
    super({ ...source, pull }, strategy);
  }
}
Object.assign(globalThis, { ReadableStream: HeldStream });

export {};
