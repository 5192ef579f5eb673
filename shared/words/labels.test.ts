import { describe, expect, it } from 'vitest';
import { labelsOf } from './labels.ts';

describe('[UI20] what rows are called', () => {
  it('[UI20] the first keeps its name, the others have numbers', () => {
    expect(labelsOf(['film', 'song', 'film', 'film'])).toEqual(['film', 'song', 'film (2)', 'film (3)']);
  });

  it('[UI20] a name that looks like a number behind another makes no two alike', () => {
    expect(labelsOf(['film', 'film', 'film (2)'])).toEqual(['film', 'film (3)', 'film (2)']);
    expect(labelsOf(['film (2)', 'film', 'film', 'film (2)'])).toEqual([
      'film (2)',
      'film',
      'film (3)',
      'film (2) (2)',
    ]);
  });

  it('[UI20] ten thousand of one name are ten thousand labels', () => {
    expect(new Set(labelsOf(Array.from({ length: 10_000 }, () => 'film'))).size).toBe(10_000);
    expect(labelsOf(['__proto__', '__proto__'])).toEqual(['__proto__', '__proto__ (2)']);
  });
});
