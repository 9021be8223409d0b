/**
 * A worker of the bare engine: the workflow beside this file, and one activity that posts to a server.
 *
 * Forked by the bench with the address of Temporal and the URL of the server; says `ready` over the channel.
 */
import { fileURLToPath } from 'node:url';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import fetch from 'node-fetch';

const [address = '', url = '', taskQueue = ''] = process.argv.slice(2);

Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } });
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  taskQueue,
  workflowsPath: fileURLToPath(new URL('workflow.ts', import.meta.url)),
  activities: {
    post: async (resourceName: string) => {
      await fetch(url, { method: 'POST', body: JSON.stringify({ resourceName }) });
    },
  },
});
process.once('disconnect', () => worker.shutdown());
const done = worker.run();
process.send?.('ready');
await done;
await connection.close();
