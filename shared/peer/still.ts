/** The figures of a share that a fault of ours stopped ([WK1]): what is here stays, nothing moves and nobody is known. */
export const STILL = {
  phase: 'failed',
  peers: [],
  webSeeds: [],
  down: 0,
  up: 0,
  eta: null,
  online: null,
  senders: 0,
  stalled: false,
} as const;
