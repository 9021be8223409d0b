/**
 * A batch that meets a closed run which knew some of its occurrences, on a real Temporal: after an outage, what was handled
 * and what is new wait in one line.
 */
import pino from 'pino';
import { afterEach, expect, inject, it, onTestFinished } from 'vitest';
import { createHandover } from '../../watcher/starting/handover.ts';
import type { Occurrence } from '../../workflows/contract/incident.ts';
import type { Delivery } from '../../workflows/contract/outcome.ts';
import { anIncident, anOccurrence } from '../make.ts';
import { waitFor } from '../wait-for.ts';
import { createWorkflowWorld, type WorkflowWorld } from './workflow-world.ts';

let world: WorkflowWorld | undefined;
afterEach(async () => {
  await world?.close();
});

const ofMember = (name: string): Occurrence =>
  anOccurrence({ id: `${name}/containerd://a0`, member: name, message: name });
const known = ofMember('known');

it.each([
  ['first', [known, ofMember('new-1'), ofMember('new-2')]],
  ['in between', [ofMember('new-1'), known, ofMember('new-2')]],
  ['last', [ofMember('new-1'), ofMember('new-2'), known]],
])(
  'an occurrence that the closed run knew, %s in its batch, is handled already, and the agent is asked about the others',
  async (_, batch) => {
    const asked: Delivery[] = [];
    const callAgent = async (delivery: Delivery) => {
      asked.push(delivery);
      return { executionId: `exec-${asked.length}`, message: 'started' };
    };
    const timing = { ...anIncident().timing, quietWindowMs: 300 };
    const { client, incident, workflowId, handOver, whileWorking } = (world = await createWorkflowWorld(
      inject('temporalAddress'),
      { callAgent },
      { timing },
    ));
    const ending = new AbortController();
    onTestFinished(() => ending.abort());
    const log = pino({ level: 'silent' });
    const ended: string[] = [];
    const handover = createHandover({
      client,
      log,
      signal: ending.signal,
      coalesceMs: 0,
      onEnded: ({ ending: word }) => ended.push(word),
    });
    await whileWorking(async () => {
      expect(await handOver(known)).toMatchObject({ outcome: 'started' });
      await client.workflow.getHandle(workflowId).result();
      // Those that come in one moment wait in one line.
      await Promise.all(batch.map((occurrence) => handover.occurred(workflowId, { ...incident, occurrence })));
      await handover.settled();
      await waitFor('the second ask', async () => asked.length === 2);
      await client.workflow.getHandle(workflowId).result();
    });
    expect(ended.toSorted()).toEqual(['already-handled', 'joined', 'started']);
    expect(asked.map(({ context }) => context.eventMessage)).toEqual(['known', 'new-1']);
  },
);
