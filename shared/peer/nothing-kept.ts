/** [LB5] The files of a person whose platform lets nobody keep hold of them: each restart begins without. */
import type { KeptFiles } from './ports.ts';

export const NOTHING_KEPT: KeptFiles = {
  keep: async () => false,
  open: async () => ({ kind: 'not-kept' }),
  shares: async () => [],
  forget: async () => undefined,
};
