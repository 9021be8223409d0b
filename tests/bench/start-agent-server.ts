/** Starts the server in place of an agent as a process of its own, so that its work is not counted, and asks it what came. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const Answer = z.object({
  port: z.number(),
  connections: z.number(),
  receipts: z.array(z.object({ about: z.string(), atMs: z.number() })).default([]),
});

export interface AgentServer {
  url: string;
  connections: () => Promise<number>;
  /** Every call so far, in order of arrival, by `Date.now()`. */
  receipts: () => Promise<{ about: string; atMs: number }[]>;
  stop: () => void;
}

export async function startAgentServer({ delayMs = 0 } = {}): Promise<AgentServer> {
  const server = fork(fileURLToPath(new URL('agent-server.ts', import.meta.url)), [String(delayMs)]);
  let last: Promise<unknown> = Promise.resolve();
  // One question at a time: an answer does not say which question it is for.
  const ask = (question: string) => {
    const answered = last.then(async () => {
      server.send(question);
      const [answer] = await once(server, 'message');
      return Answer.parse(answer);
    });
    last = answered.catch(() => undefined);
    return answered;
  };
  const { port } = await ask('port');
  return {
    url: `http://127.0.0.1:${port}`,
    connections: async () => (await ask('connections')).connections,
    receipts: async () => (await ask('receipts')).receipts,
    stop: () => server.kill(),
  };
}
