/** `npm run replay`, run as people run it: on committed histories, on spoilt ones, and on executions of a real Temporal. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';
import { z } from 'zod';
import { openRun } from '../../deploy/local/runs/open-run.ts';
import { readSettings } from '../../deploy/local/settings.ts';
import { startTemporal } from '../../deploy/local/start-temporal.ts';
import { signalResolved } from '../../watcher/starting/start.ts';
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

const History = z.object({ events: z.array(z.looseObject({ eventId: z.string() })) });

function withoutEvent(text: string, type: string): string {
  const { events } = History.parse(JSON.parse(text));
  return JSON.stringify({ events: events.filter((event) => !JSON.stringify(event).includes(type)) });
}

function firstEvents(text: string, count: number): string {
  const { events } = History.parse(JSON.parse(text));
  return JSON.stringify(events.slice(0, count));
}

function encrypted(text: string): string {
  const base64Of = (encoding: string) => Buffer.from(encoding).toString('base64');
  return text.replaceAll(base64Of('json/plain'), base64Of('binary/encrypted'));
}

it('every committed history replays, a line for each', async () => {
  const { code, stdout } = await replay(...histories);
  expect(code).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(histories.length);
  expect(stdout).toMatch(/resolved-edge\.json: replays: \d+ events, the newest is WORKFLOW_EXECUTION_COMPLETED/);
});

it('a history of other code is reported with the event at which it differs, and what the code does instead', async () => {
  const path = spoilt((text) => text.replaceAll('callAgent', 'askSomebody'));
  const { code, stdout } = await replay(path, 'tests/histories/failed.json');
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /differs at event 6 of \d+, ACTIVITY_TASK_SCHEDULED: .*'askSomebody' does not match .* 'callAgent'/,
  );
  expect(stdout).toContain('failed.json: replays');
});

it('a history says at which event it differs, wherever that is', async () => {
  const { events } = History.parse(JSON.parse(readFileSync('tests/histories/lost-and-retried.json', 'utf8')));
  const asks = events.filter((event) => JSON.stringify(event).includes('"callAgent"'));
  expect(asks.length).toBeGreaterThan(1);
  const paths = asks.map((ask) => {
    const other: unknown = JSON.parse(JSON.stringify(ask).replace('"callAgent"', '"askSomebody"'));
    return spoilt(() => JSON.stringify(events.map((event) => (event === ask ? other : event))));
  });
  const lines = (await replay(...paths)).stdout.trim().split('\n');
  expect(lines.map((line) => /differs at event (\d+) of/.exec(line)?.[1])).toEqual(asks.map(({ eventId }) => eventId));
});

it.each([
  ['ACTIVITY_TASK_SCHEDULED', 6],
  ['WORKFLOW_TASK_COMPLETED', 4],
  ['WORKFLOW_EXECUTION_STARTED', 1],
])('a history without its %s, to which the SDK might never answer, is refused', async (type, missing) => {
  const { code, stdout, stderr } = await replay(spoilt((text) => withoutEvent(text, type)));
  expect([code, stdout]).toEqual([65, '']);
  expect(stderr).toMatch(
    missing === 1 ? /begins with no start of handleIncident/ : new RegExp(`lacks event ${missing};`),
  );
});

it('a run whose code has not begun replays', async () => {
  for (const count of [1, 2, 3]) {
    const path = spoilt((text) => firstEvents(text, count));
    expect((await replay(path)).stdout).toContain(`replays: ${count} event`);
  }
});

it.each([
  ['no JSON', () => spoilt(() => 'hello'), /is not valid JSON/],
  ['no history', () => spoilt(() => '{"a": 1}'), /expected a history/],
  ['an empty list', () => spoilt(() => '[]'), /expected a history/],
  ['events without attributes', () => spoilt(() => '[{ "eventId": "1" }]'), /Missing attributes.* expected a history/],
  ['a folder', () => 'tests/histories', /tests\/histories cannot be read/],
  ['an encrypted history', () => spoilt(encrypted), /CODEC_KEY_DIR/],
  [
    'a history of another type',
    () => spoilt((text) => text.replaceAll('handleIncident', 'somethingElse')),
    /somethingElse/,
  ],
])('%s is refused with 65, and says what was found and expected', async (_, path, complaint) => {
  const { code, stderr, stdout } = await replay(path());
  expect([code, stdout]).toEqual([65, '']);
  expect(stderr).toMatch(complaint);
});

it.each([[[]], [['']], [['a', '--address', '']], [['a', '--adress', 'h:1']]])(
  'the words %j end with 64 and the usage',
  async (words) => {
    const { code, stderr } = await replay(...words);
    expect(code).toBe(64);
    expect(stderr).toContain('Usage: npm run --silent replay');
  },
);

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
    expect(found.stdout).toMatch(/replays: \d+ events, the newest is WORKFLOW_EXECUTION_COMPLETED/);
    const byQuery = await replay('--query', `WorkflowId = '${world.workflowId}'`, '--address', address);
    expect(byQuery).toEqual(found);
    const missing = await replay('nobody/knows/it', '--address', address);
    expect([missing.code, missing.stdout]).toEqual([69, '']);
    expect(missing.stderr).toContain('nobody/knows/it');
  } finally {
    await world.close();
  }
});

it('Temporal that does not answer ends with 69 and its address; files are reported nonetheless', async () => {
  const address = '127.0.0.1:1';
  const { code, stdout, stderr } = await replay('some/execution', 'tests/histories/failed.json', '--address', address);
  expect(code).toBe(69);
  expect(stdout).toContain('failed.json: replays');
  expect(stderr).toContain(`some/execution cannot be had from namespace default of Temporal at ${address}`);
});

it('of a long execution every run replays, also as the CLI saves it', async () => {
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
    expect(lines.slice(1).every((line) => line.endsWith('WORKFLOW_EXECUTION_CONTINUED_AS_NEW'))).toBe(true);
    expect(lines[0]).toMatch(/WORKFLOW_EXECUTION_COMPLETED$/);

    const show = ['workflow', 'show', '--workflow-id', world.workflowId, '--output', 'json', '--address', address];
    const saved = spoilt(() => '');
    writeFileSync(saved, (await promisify(execFile)(cli, show)).stdout);
    const [, result] = /: (replays: .*)$/.exec(lines[0] ?? '') ?? [];
    expect((await replay(saved)).stdout).toBe(`${saved}: ${result}\n`);
  } finally {
    await world.close();
    await run.close();
  }
});
