/**
 * Runs the fake Kagent as a process: `node tests/fake-kagent/main.ts --port 8083 --key secret --agent my-agent`.
 *
 * Prints one line of JSON with its url once it listens; ends on SIGINT or SIGTERM. `--agent` may be repeated; `*` is any.
 */
import { parseArgs } from 'node:util';
import { startFakeKagent } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    key: { type: 'string' },
    agent: { type: 'string', multiple: true, default: [] },
  },
});

const fake = await startFakeKagent({
  port: Number(values.port),
  agents: values.agent,
  ...(values.key !== undefined && { apiKey: values.key }),
});
process.stdout.write(`${JSON.stringify({ url: fake.url })}\n`);

const stop = (): void => void fake.stop();
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
