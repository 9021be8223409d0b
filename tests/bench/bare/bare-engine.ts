/**
 * The bare engine under load: the executions of the workflow beside this file, from their start to the receipt at a server.
 *
 * Has a task queue of its own on the Temporal of the cell, so that both are measured on the same server in turn.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import type { Contestant } from '../contestant.ts';
import { startAgentServer } from '../start-agent-server.ts';

const taskQueue = 'bare';

export async function startBareEngine(client: Client, address: string): Promise<Contestant> {
  const agent = await startAgentServer();
  const worker = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), [address, agent.url, taskQueue], {
    execArgv: [],
  });
  await once(worker, 'message');
  return {
    name: 'bare engine',
    processes: { worker: worker.pid },
    prepare: async () => undefined,
    fire: (name) => client.workflow.start('bare', { workflowId: name, taskQueue, args: [name] }),
    receipts: agent.receipts,
    stop: async () => {
      worker.disconnect();
      await once(worker, 'exit');
      agent.stop();
    },
  };
}
