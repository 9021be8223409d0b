/**
 * Runs the double of Kagent as a process: `node tests/kagent-double/main.ts --release 0.10 --port 8083 --any-agent`.
 *
 * Prints one line of JSON with its urls once it listens; ends on SIGINT or SIGTERM. `--agent namespace/name` may be repeated.
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { recordRequest } from '../fake-kagent/record-request.ts';
import { answerAdmin } from './admin.ts';
import { asksForMemory } from './ask-for-change.ts';
import { diagnosePrompt } from './diagnose-prompt.ts';
import { releases } from './options.ts';
import { serve } from './serve.ts';
import { startKagentDouble } from './start-kagent-double.ts';

const { values } = parseArgs({
  options: {
    release: { type: 'string', default: '0.10' },
    port: { type: 'string', default: '0' },
    key: { type: 'string' },
    agent: { type: 'string', multiple: true },
    'any-agent': { type: 'boolean', default: false },
    'run-seconds': { type: 'string', default: '3' },
    'ask-for-changes': { type: 'boolean', default: false },
  },
});

const agents = values.agent?.map((reference) => {
  const [namespace = '', name = ''] = reference.split('/');
  return { namespace, name };
});

const double = await startKagentDouble({
  release: z.enum(releases).parse(values.release),
  port: Number(values.port),
  anyAgent: values['any-agent'],
  runMs: Number(values['run-seconds']) * 1000,
  answer: diagnosePrompt,
  ...(values['ask-for-changes'] && { asks: asksForMemory }),
  ...(agents !== undefined && { agents }),
  ...(values.key !== undefined && { auth: { mode: 'bearer', key: values.key } }),
});
const admin = await serve({
  port: 0,
  handle: async (request, response) => answerAdmin(double, await recordRequest(request), response),
});
process.stdout.write(`${JSON.stringify({ url: double.url, adminUrl: admin.url })}\n`);

const stop = (): void => void Promise.all([double.stop(), admin.stop()]);
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
