import { describe, test } from 'vitest';
import { MemoryActivity } from './activity-store.ts';
import { activityRules } from './contracts/activity-store.ts';

describe('what went on, in memory', () => {
  test.each(activityRules.filter(({ lastingOnly }) => lastingOnly !== true))('$name', ({ check }) => {
    const store = new MemoryActivity();
    return check(async () => store);
  });
});
