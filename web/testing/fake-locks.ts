/** Web Locks as browsers have them, for tests: one holder for each name, the others wait in line or are told that it is taken. */
export class FakeLocks {
  readonly #lines = new Map<string, (() => Promise<void>)[]>();

  /** Names that somebody holds. */
  get held(): string[] {
    return [...this.#lines.keys()];
  }

  request(
    name: string,
    options: { signal?: AbortSignal; ifAvailable?: boolean },
    work: (lock: { name: string } | null) => unknown,
  ): Promise<unknown> {
    const line = this.#lines.get(name);
    if (line !== undefined && options.ifAvailable === true) return Promise.resolve().then(() => work(null));
    return new Promise((resolve, reject) => {
      const turn = async (): Promise<void> => {
        if (options.signal?.aborted !== true) await Promise.resolve(work({ name })).then(resolve, reject);
        this.#next(name);
      };
      options.signal?.addEventListener('abort', () => reject(new DOMException('given up', 'AbortError')));
      if (line !== undefined) return void line.push(turn);
      this.#lines.set(name, []);
      void Promise.resolve().then(turn);
    });
  }

  #next(name: string): void {
    const next = this.#lines.get(name)?.shift();
    if (next === undefined) this.#lines.delete(name);
    else void next();
  }
}
