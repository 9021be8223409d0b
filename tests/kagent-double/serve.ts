/**
 * A server on the loopback address that can be cut off like a killed process and come back on its port.
 */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

export interface Served {
  url: string;
  isUp: () => boolean;
  /** Cuts every connection. */
  stop: () => Promise<void>;
  /** Listens again, on the same port. */
  start: () => Promise<void>;
}

export interface ServeOptions {
  port: number;
  tls?: { key: string; cert: string } | undefined;
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

export async function serve({ port, tls, handle }: ServeOptions): Promise<Served> {
  // A request that ends midway (a client that gave up, a stop) is normal life here: its connection is gone, no more.
  const listener: RequestListener = (request, response) =>
    void handle(request, response).catch(() => request.socket.destroy());
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  let bound = await listen(server, port);
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${bound}`,
    isUp: () => server.listening,
    async stop() {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
    async start() {
      if (!server.listening) bound = await listen(server, bound);
    },
  };
}

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The double listens on no port.');
  return address.port;
}
