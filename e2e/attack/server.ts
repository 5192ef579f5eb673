/** The process that is attacked, with the default limits: `server.ts [Redis' URL] [page] [port]`. Says its port. */
import { startServer } from '../../signal-server/server.ts';
import { PAGE_FOLDER } from '../shoal.ts';

const [redisUrl = '', page = '', port = '0'] = process.argv.slice(2);
const server = await startServer({
  host: '127.0.0.1',
  port: Number(port),
  logLevel: 'error',
  ...(redisUrl === '' ? {} : { redisUrl }),
  ...(page === '' ? {} : { pageFolder: PAGE_FOLDER }),
});

function end(): void {
  void server.close().then(() => process.exit(0));
}
process.on('SIGTERM', end);
process.on('disconnect', end);
process.send?.({ port: server.port });
