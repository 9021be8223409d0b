/** `npm run replay`, run as people run it: on committed histories, on spoilt ones, and on executions of a real Temporal. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';
import { anOccurrence } from '../make.ts';
import { createWorkflowWorld } from './workflow-world.ts';

const histories = readdirSync('tests/histories').map((name) => join('tests/histories', name));

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

const isEnded = (error: unknown): error is Ended =>
  typeof error === 'object' && error !== null && 'code' in error && 'stdout' in error && 'stderr' in error;

async function replay(...args: string[]): Promise<Ended> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' };
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, ['workers/replay/main.ts', ...args], { env })) };
  } catch (error) {
    if (isEnded(error)) return error;
    throw error;
  }
}

/** A committed history with something else in it. */
function spoilt(change: (text: string) => string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'replay-')), 'history.json');
  writeFileSync(path, change(readFileSync('tests/histories/resolved-edge.json', 'utf8')));
  return path;
}

function withoutEvent(text: string, type: string): string {
  const history: unknown = JSON.parse(text);
  if (typeof history !== 'object' || history === null || !('events' in history) || !Array.isArray(history.events))
    throw new Error('No history.');
  return JSON.stringify({ events: history.events.filter((event) => !JSON.stringify(event).includes(type)) });
}

it('every committed history replays, a line for each', async () => {
  const { code, stdout } = await replay(...histories);
  expect(code).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(histories.length);
  expect(stdout).toMatch(/resolved-edge\.json: replays: \d+ events, ends Completed/);
});

it('a history of other code is told with the event at which it differs, and what the code does instead', async () => {
  const path = spoilt((text) => text.replaceAll('callAgent', 'askSomebody'));
  const { code, stdout } = await replay(path, 'tests/histories/failed.json');
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /differs at event \d+ of \d+, ActivityTaskScheduled askSomebody.*the code runs activity callAgent/,
  );
  expect(stdout).toContain('failed.json: replays');
});

it('a history that lacks an event is not called good', async () => {
  const { code, stdout } = await replay(spoilt((text) => withoutEvent(text, 'ACTIVITY_TASK_SCHEDULED')));
  expect(code).toBe(1);
  expect(stdout).toContain('differs at event');
});

it.each([
  ['no JSON', () => spoilt(() => 'hello'), /is no JSON/],
  ['no history', () => spoilt(() => '{"a": 1}'), /wanted a history/],
  [
    'a history of another type',
    () => spoilt((text) => text.replaceAll('handleIncident', 'somethingElse')),
    /somethingElse/,
  ],
])('%s is refused with 65, and says what was found and wanted', async (_, path, complaint) => {
  const { code, stderr, stdout } = await replay(path());
  expect([code, stdout]).toEqual([65, '']);
  expect(stderr).toMatch(complaint);
});

it('without anything to replay it ends with 64 and its usage', async () => {
  const { code, stderr } = await replay();
  expect(code).toBe(64);
  expect(stderr).toContain('Usage: npm run --silent replay');
});

it('an execution of Temporal replays by its id, one that is not there ends with 69', async () => {
  const address = inject('temporalAddress');
  const world = await createWorkflowWorld(address, { callAgent: async () => ({ executionId: 'exec-1' }) });
  try {
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await world.client.workflow.getHandle(world.workflowId).result();
    });
    const found = await replay(world.workflowId, '--address', address);
    expect([found.code, found.stderr]).toEqual([0, '']);
    expect(found.stdout).toMatch(/replays: \d+ events, ends Completed/);
    const missing = await replay('nobody/knows/it', '--address', address);
    expect([missing.code, missing.stdout]).toEqual([69, '']);
    expect(missing.stderr).toContain('nobody/knows/it');
  } finally {
    await world.close();
  }
});
