import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, expect, it } from 'vitest';
import { z } from 'zod';

const folder = new URL('../histories/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
const History = z.object({ events: z.array(z.looseObject({ eventType: z.string() })).min(3) });

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
let workflowBundle: Awaited<ReturnType<typeof bundleWorkflowCode>>;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
}, 60_000);

it('there is a history of every path', () => {
  expect(names.map((name) => name.replace('.json', '')).toSorted()).toEqual([
    'answered',
    'answered-late',
    'approved',
    'cancelled',
    'cancelled-while-running',
    'continued-first',
    'continued-last',
    'continued-running-first',
    'continued-running-last',
    'failed',
    'lost-and-retried',
    'observed',
    'paused',
    'prompt-of-start',
    'rate-limited',
    'redelivered',
    'repeated',
    'resolved-edge',
    'resolved-state',
    'unanswered',
    'unanswered-cancelled',
  ]);
});

it.each(names)('%s replays on the code as it is', async (name) => {
  await expect(Worker.runReplayHistory({ workflowBundle }, read(name), 'replayed')).resolves.toBeUndefined();
});

it('a history that the code would not have made is refused', async () => {
  const { events } = History.parse(read('resolved-edge.json'));
  const timer = events.findIndex(({ eventType }) => eventType === 'EVENT_TYPE_TIMER_STARTED');
  const other = events.with(timer, { ...events[timer], eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED' });
  await expect(Worker.runReplayHistory({ workflowBundle }, { events: other }, 'replayed')).rejects.toThrow();
});
