/**
 * Answers whether this process lives and whether it does its work, for probes and for people with curl.
 *
 * Started by main before anything that may have to wait. Tells nothing but a word; never takes part in the work.
 */
import { createServer } from 'node:http';

export interface Health {
  /** Says what the process is doing; `isReady` once it does its work. */
  set: (state: { isReady: boolean; doing: string }) => void;
  close: () => void;
}

/** `/livez` answers 200 while the process can answer at all; `/readyz` and `/healthz` 200 when ready, 503 otherwise. */
export function serveHealth(port: number): Health {
  let state = { isReady: false, doing: 'starting' };
  const server = createServer((request, response) => {
    const isKnown = ['/livez', '/readyz', '/healthz'].includes(request.url ?? '');
    const isGood = request.url === '/livez' || state.isReady;
    response.writeHead(isKnown ? (isGood ? 200 : 503) : 404, { 'content-type': 'text/plain' });
    response.end(`${isKnown ? (isGood ? 'ok' : state.doing) : 'not found'}\n`);
  });
  server.listen(port);
  return {
    set: (next) => {
      state = next;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
