/** Real services beside the server, for the end-to-end tests and the benchmarks. */
export { freePort, startCoturn, startRedis } from '../signal-server/testing/services.ts';
export type { CoturnService, Missing, RedisService } from '../signal-server/testing/services.ts';
