/** `npm run replay`, run as people run it: on committed histories, on spoilt ones, and on executions of a real Temporal. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';
import { openRun } from '../../deploy/local/runs/open-run.ts';
import { readSettings } from '../../deploy/local/settings.ts';
import { startTemporal } from '../../deploy/local/start-temporal.ts';
import { signalResolved } from '../../watcher/start.ts';
import { anOccurrence } from '../make.ts';
import { createWorkflowWorld, untilContinued } from './workflow-world.ts';

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

it.each([
  ['ACTIVITY_TASK_SCHEDULED', /differs at event 7 of 33, ActivityTaskStarted: event 6 is missing from the history\n$/],
  // Given to the SDK, a history without these would never be answered.
  ['WORKFLOW_TASK_COMPLETED', /differs at event 5 of 28, MarkerRecorded \(render the prompt\): event 4 is missing/],
])(
  'a history that lacks its events %s is not called good: the first that cannot follow is named',
  async (type, line) => {
    const { code, stdout, stderr } = await replay(spoilt((text) => withoutEvent(text, type)));
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(line);
  },
);

it('programs are told the same in JSON', async () => {
  const path = spoilt((text) => text.replaceAll('callAgent', 'askSomebody'));
  const { code, stdout } = await replay('--json', 'tests/histories/failed.json', path);
  expect(code).toBe(1);
  const [good, bad] = stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(good).toMatchObject({ workflowType: 'handleIncident', replays: true, events: 14, ends: 'Failed' });
  expect(bad).toMatchObject({ replays: false, differs: { eventId: 6, eventType: 'ActivityTaskScheduled' } });
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

it('Temporal that does not answer ends with 69 and its address; files are told nonetheless', async () => {
  const address = '127.0.0.1:1';
  const { code, stdout, stderr } = await replay('some/execution', 'tests/histories/failed.json', '--address', address);
  expect(code).toBe(69);
  expect(stdout).toContain('failed.json: replays');
  expect(stderr).toContain(`some/execution cannot be had from namespace default of Temporal at ${address}`);
});

it('of a long execution every run replays, whichever is asked for, also as the CLI saves it', async () => {
  const run = await openRun(readSettings());
  const flags = ['--dynamic-config-value=limit.historyCount.suggestContinueAsNew=40'];
  const { temporal: cli } = inject('enginePaths');
  const { address } = await startTemporal({ run, path: cli, flags });
  const agent = { callAgent: async () => ({ executionId: 'exec-1' }) };
  const world = await createWorkflowWorld(address, agent, { nature: 'state' });
  try {
    await world.whileWorking(async () => {
      const { runId } = { runId: '', ...(await world.handOver(anOccurrence())) };
      const last = await untilContinued(world, runId);
      await signalResolved(world.client, world.workflowId, { occurrenceId: `o${last}`, at: 'now', message: 'over' });
      await world.client.workflow.getHandle(world.workflowId).result();
    });
    const newest = await replay(world.workflowId, '--address', address);
    expect([newest.code, newest.stderr]).toEqual([0, '']);
    const lines = newest.stdout.trim().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.slice(0, -1).every((line) => line.endsWith('ends ContinuedAsNew'))).toBe(true);
    expect(lines.at(-1)).toMatch(/ends Completed$/);
    const [, oldest = ''] = /, run (\S+): /.exec(lines[0] ?? '') ?? [];
    expect((await replay(world.workflowId, '--run-id', oldest, '--address', address)).stdout).toBe(newest.stdout);

    const show = ['workflow', 'show', '--workflow-id', world.workflowId, '--output', 'json', '--address', address];
    const saved = spoilt(() => '');
    writeFileSync(saved, (await promisify(execFile)(cli, show)).stdout);
    const [, told] = /: (replays: .*)$/.exec(lines.at(-1) ?? '') ?? [];
    expect((await replay(saved)).stdout).toBe(`${saved}: ${told}\n`);
  } finally {
    await world.close();
    await run.close();
  }
});
