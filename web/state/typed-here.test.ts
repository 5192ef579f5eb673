import { describe, expect, it } from 'vitest';
import { TypedHere } from './typed-here.ts';

function historyOf(state: unknown) {
  return {
    state,
    replaceState(now: unknown) {
      this.state = now;
    },
  };
}

describe('[UI23] what was typed', () => {
  it('[UI23] is there when the person comes back', () => {
    const history = historyOf(null);
    expect(new TypedHere(history).get()).toBe('');
    new TypedHere(history).set('film');
    expect(new TypedHere(history).get()).toBe('film');
  });

  it('[UI23] the state of a step that is none of ours says nothing', () => {
    for (const state of [undefined, 'film', 7, {}, { typed: 7 }, []])
      expect(new TypedHere(historyOf(state)).get()).toBe('');
  });

  it('[UI23] a history that bears no more, and a text too long to keep, harm nothing', () => {
    const full = {
      state: null,
      replaceState: () => {
        throw new DOMException('100 times in 30 s', 'SecurityError');
      },
    };
    new TypedHere(full).set('film');
    const history = historyOf(null);
    new TypedHere(history).set('x'.repeat(10_001));
    expect(history.state).toBeNull();
  });
});
