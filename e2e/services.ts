/** Real services beside the server, for the end-to-end tests and the benchmarks. */
export { freePort, startCoturn, startNginx, startRedis } from '../signal-server/testing/services.ts';
export type {
  CoturnService,
  Missing,
  NginxService,
  RedisService,
} from '../signal-server/testing/services.ts';
