/**
 * Asks the kernel for a free port on loopback, so that several checkouts may run side by side.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const host = '127.0.0.1';

/**
 * A port that nobody uses and that the kernel will not give out again for about a minute: a connection that the
 * listening side closes first leaves the port in TIME_WAIT, where only who asks for this very port still gets it.
 */
export async function findFreePort(): Promise<number> {
  const server = createServer((socket) => socket.end());
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error(`No port of ${host} could be had.`);
  await once(connect(address.port, host).resume(), 'close');
  server.close();
  await once(server, 'close');
  return address.port;
}
