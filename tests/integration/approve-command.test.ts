/** `npm run approve`, run as people run it, against executions whose agents are doubles of every release of Kagent. */
import { execFile, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { createAnswerRun } from '../../activities/answer-run.ts';
import { createCallAgent } from '../../activities/call-agent.ts';
import { createCancelRun } from '../../activities/cancel-run.ts';
import { createFollowRun } from '../../activities/follow-run.ts';
import type { Incident } from '../../workflows/contract/incident.ts';
import { IncidentMemo } from '../../workflows/contract/outcome.ts';
import { aDouble } from '../a2a/a-double.ts';
import { type Kind, kinds, protocolOf } from '../a2a/a-paused-run.ts';
import { anAdapter, credentialsFor, theAgent } from '../a2a/an-adapter.ts';
import { anIncident, anOccurrence } from '../make.ts';
import { waitFor } from '../wait-for.ts';
import { createWorkflowWorld, type WorkflowWorld } from './workflow-world.ts';

const worlds: WorkflowWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

const times = { firstLookMs: 50, longestLookMs: 100, quietMs: 60_000, secondProbeMs: 10_000, missingMs: 5_000 };
const one = '[[tool=delete_thing:{"name":"db-1"}]]';
const two = `${one}[[tool=drop_table:{"name":"t"}]]`;

async function aWorld({ release, runtime }: Kind, prompt: string, over: Partial<Incident> = {}) {
  const double = await aDouble({ release, runMs: 5, agents: [{ ...theAgent, runtime }] });
  const agent = anAdapter(protocolOf({ release }), { url: double.url });
  const readCredentials = () => credentialsFor({ url: double.url });
  const activities = {
    renderPrompt: async () => prompt,
    callAgent: createCallAgent({ agent, readCredentials }),
    followRun: createFollowRun({ agent, times }),
    answerRun: createAnswerRun(agent),
    cancelRun: createCancelRun(agent),
  };
  const timing = { ...anIncident().timing, quietWindowMs: 300 };
  const world = await createWorkflowWorld(inject('temporalAddress'), activities, { agent: theAgent, timing, ...over });
  worlds.push(world);
  const handle = world.client.workflow.getHandle(world.workflowId);
  const memo = async () => IncidentMemo.parse((await handle.describe()).memo?.['incident']);
  return {
    double,
    world,
    memo,
    result: (): Promise<unknown> => handle.result(),
    waiting: () => waitFor('it to wait', async () => (await memo()).waiting),
    approve: (...args: string[]) => approve(world.incident.installation, args),
    toolsRun: () => double.runs.flatMap((each) => each.toolsRun),
  };
}

async function approve(installation: string, args: readonly string[]) {
  const child = spawn(process.execPath, ['watcher/approve/main.ts', ...args], {
    env: { TEMPORAL_ADDRESS: inject('temporalAddress'), INSTALLATION: installation, USER: 'alice' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

/** The query lags behind what was written by a moment. */
const untilListed = (listed: () => ReturnType<typeof approve>, pause: string) =>
  waitFor('it to be listed', async () => {
    const said = await listed();
    return said.stdout.includes(pause) ? said : undefined;
  });

const go = { release: '0.10', runtime: 'go' } as const;

it('lists what waits, shows one, and approves it, once', async () => {
  const { world, waiting, approve: run, result, toolsRun, memo } = await aWorld(go, two);
  await world.whileWorking(async () => {
    expect(await run()).toMatchObject({ code: 0, stdout: 'No agent run waits for people.\n' });
    await world.handOver(anOccurrence());
    const { pause, tools } = await waiting();
    const listed = await untilListed(run, pause);
    for (const shown of [
      '1 agent run waits',
      'Pod shop/web-0',
      'kagent/memory-analyzer',
      '{"name":"db-1"}',
      'drop_table',
    ])
      expect(listed.stdout).toContain(shown);
    const [first = '', second = ''] = tools.map(({ id }) => id);
    const shown = await run(pause.slice(0, 6));
    expect(shown.stdout).toContain(`--approve, or --reject WHY, or --tool ${first}=approve --tool ${second}=approve`);
    expect(shown.stdout).toContain(world.workflowId);
    expect(JSON.parse((await run('--json')).stdout)).toMatchObject([{ waiting: { pause } }]);

    expect(await run(pause, '--tool', `${first}=reject`, '--why', 'no')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`leaves out "${second}"`) as unknown,
    });
    expect(await run('zzzz', '--approve')).toMatchObject({ code: 69 });
    expect(toolsRun()).toEqual([]);

    const mixed = ['--tool', `${first}=reject`, '--tool', `${second}=approve`, '--why', 'not that one'];
    expect(await run(pause, ...mixed)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/was 1 of 2 approved by alice at .*Z; the agent receives it now/) as unknown,
    });
    expect(await result()).toMatchObject({ ending: { outcome: 'AgentRunCompleted' } });
    expect(await run(pause, '--approve')).toMatchObject({ code: 69 });
  });
  expect(toolsRun()).toEqual(['drop_table']);
  expect((await memo()).decided).toMatchObject([{ by: 'alice', why: 'not that one' }]);
});

it('is no more than an update, which the temporal command can send as well', async () => {
  const { world, waiting, result, toolsRun, memo } = await aWorld(go, one);
  await world.whileWorking(async () => {
    await world.handOver(anOccurrence());
    const { pause } = await waiting();
    const address = ['--address', inject('temporalAddress')];
    const named = ['--workflow-id', world.workflowId, '--name', 'answer'];
    const update = (input: object) => {
      const args = ['workflow', 'update', 'execute', ...address, ...named, '--input', JSON.stringify(input)];
      return promisify(execFile)(inject('enginePaths').temporal, args);
    };
    await expect(update({ pause, decision: 'yes', by: 'bob' })).rejects.toThrow(/expected approve or reject/);
    expect((await update({ pause, decision: 'approve', by: 'bob' })).stdout).toMatch(/approved/);
    await result();
  });
  expect(toolsRun()).toEqual(['delete_thing']);
  expect((await memo()).decided).toMatchObject([{ by: 'bob' }]);
});

it('waits for nobody who would take the answer longer than it says', async () => {
  const { world, waiting, approve: run, toolsRun } = await aWorld(go, one);
  const { pause } = await world.whileWorking(async () => {
    await world.handOver(anOccurrence());
    const found = await waiting();
    await untilListed(run, found.pause);
    return found;
  });
  expect(await run(pause, '--approve')).toMatchObject({
    code: 69,
    stderr: expect.stringContaining('No worker has taken the answer within 30 s') as unknown,
  });
  expect(toolsRun()).toEqual([]);
}, 90_000);

describe.each(kinds)('through all parts on $release, $runtime', (kind) => {
  it.each<[what: string, prompt: string, args: string[], toolsRun: string[], said: RegExp]>([
    ['an approval', one, ['--approve', '--by', 'bob'], ['delete_thing'], /delete_thing done/],
    ['a rejection', one, ['--reject', 'too dangerous'], [], /Reason: too dangerous/],
    ['an answer', '[[ask=Which node?]]', ['--answer', 'node-a'], ['ask_user'], /"node-a"/],
  ])('%s arrives', async (_what, prompt, args, toolsRun, said) => {
    const parts = await aWorld(kind, prompt);
    await parts.world.whileWorking(async () => {
      await parts.world.handOver(anOccurrence());
      const { pause } = await parts.waiting();
      await untilListed(parts.approve, pause);
      expect(await parts.approve(pause, ...args)).toMatchObject({ code: 0 });
      expect(await parts.result()).toMatchObject({
        ending: { outcome: 'AgentRunCompleted', answer: expect.stringMatching(said) as unknown },
      });
    });
    expect(parts.toolsRun()).toEqual(toolsRun);
    expect(parts.double.runs).toMatchObject([{ followUps: [{}] }]);
  });

  it('nobody answers: no tool runs, and the agent gets the reason', async () => {
    const timing = { ...anIncident().timing, quietWindowMs: 300, approvalTimeoutMs: 200 };
    const parts = await aWorld(kind, two, { timing });
    await parts.world.whileWorking(async () => {
      await parts.world.handOver(anOccurrence());
      expect(await parts.result()).toMatchObject({
        ending: { outcome: 'AgentRunCompleted', answer: expect.stringContaining('Nobody answered between') as unknown },
      });
    });
    expect(parts.toolsRun()).toEqual([]);
  });

  it('nobody answers, and the Hook wants the run cancelled: no tool runs', async () => {
    const timing = { ...anIncident().timing, quietWindowMs: 300, approvalTimeoutMs: 200 };
    const parts = await aWorld(kind, two, { timing, approval: { onTimeout: 'cancel' } });
    await parts.world.whileWorking(async () => {
      await parts.world.handOver(anOccurrence());
      expect(await parts.result()).toMatchObject({ ending: { outcome: 'AgentRunTimedOut' } });
    });
    expect(parts.toolsRun()).toEqual([]);
    expect(parts.double.runs).toMatchObject([{ followUps: [] }]);
  });
});
