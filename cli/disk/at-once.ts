/** Work on many things, some of them at a time. */

/** Rejects with the first fault, when what was under way is over. */
export async function someAtOnce<Item>(
  items: Iterable<Item>,
  most: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  let failed = false;
  const workOn = async (): Promise<void> => {
    for (let next = left.next(); next.done !== true && !failed; next = left.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: most }, workOn));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/** One after another, in the order in which they were asked for. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  run<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const done = this.#last.then(work);
    // Whoever asked hears of the fault; who comes next is not concerned.
    this.#last = done.catch(() => undefined);
    return done;
  }

  async idle(): Promise<void> {
    await this.#last;
  }
}
