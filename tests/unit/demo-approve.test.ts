/** What the demo does about agents that ask: prints how to approve, and approves by itself only where nobody stays. */
import { Client, Connection } from '@temporalio/client';
import { expect, it, vi } from 'vitest';
import { createApprover } from '../../deploy/local/demo/incidents/approve-pauses.ts';
import { aWaiting } from '../make.ts';
import { anExecution } from './an-execution.ts';

function aDemo(isOnce: boolean) {
  const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1', interceptors: [] }) });
  const sent: unknown[] = [];
  const handle = client.workflow.getHandle('w');
  vi.spyOn(handle, 'executeUpdate').mockImplementation((...call: unknown[]) => {
    sent.push(Reflect.get(Object(call[1]), 'args'));
    return Promise.resolve({ what: 'approved', by: 'npm start' });
  });
  vi.spyOn(client.workflow, 'getHandle').mockReturnValue(handle);
  const printed: string[] = [];
  const clock = { ms: 0 };
  const system = { client, installation: 'demo', temporalAddress: '127.0.0.1:7233', isOnce };
  const look = createApprover(
    system,
    (text) => printed.push(text),
    () => clock.ms,
  );
  return { sent, printed, clock, look: () => look([asking, anExecution()]) };
}

const waiting = aWaiting();
const asking = anExecution({ went: ['running', 'awaiting-approval'], memo: { waiting } });

it('prints the command once, and approves after ten seconds, once, where nobody stays', async () => {
  const { sent, printed, clock, look } = aDemo(true);
  await look();
  clock.ms = 9_999;
  await look();
  expect(sent).toEqual([]);
  expect(printed).toHaveLength(1);
  expect(printed[0]).toContain(
    `TEMPORAL_ADDRESS=127.0.0.1:7233 npm run --silent approve -- ${waiting.pause} --approve --installation demo`,
  );
  clock.ms = 10_000;
  await look();
  await look();
  expect(sent).toMatchObject([[{ pause: waiting.pause, decision: 'approve', by: 'npm start' }]]);
  expect(printed[1]).toContain('was approved by npm start');
});

it('never approves where somebody stays', async () => {
  const { sent, clock, look } = aDemo(false);
  await look();
  clock.ms = 3_600_000;
  await look();
  expect(sent).toEqual([]);
});
