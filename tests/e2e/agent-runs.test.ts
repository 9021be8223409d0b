/** A run that goes on while people act, and what they see of its answer: the Hook, Events, Temporal's Web UI in a browser. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { IncidentMemo } from '../../workflows/contract/outcome.ts';
import { findBrowser } from '../find-browser.ts';
import { type KagentDouble, startKagentDouble } from '../kagent-double/start-kagent-double.ts';
import { waitFor } from '../wait-for.ts';
import { oomKilled, running } from './cluster-actions.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let kagent: KagentDouble;
const agents = [
  { namespace: 'kagent', name: 'quick' },
  { namespace: 'kagent', name: 'snake', runtime: 'python' as const },
];
/** What a model might say, or be made to say. */
const hostile = [
  '# Diagnosis\r\rThe limit is `256Mi`.\u2028',
  '[Sign in again](http://evil.example/login) ![x](http://evil.example/x.png)',
  '<img src="http://evil.example/y.png"> http://evil.example/z \u001b[31mred\u202e',
].join('\n');

beforeAll(async () => {
  world = await startWorld();
  kagent = await startKagentDouble({ agents, runMs: 300, answer: () => hostile });
  const worker = { KAGENT_BASE_URL: kagent.url, KAGENT_API_KEY: '', KAGENT_UI_URL: 'https://kagent.example' };
  await Promise.all([world.start('watcher', { QUIET_WINDOW: '10m' }), world.start('worker', worker)]);
});

afterAll(async () => {
  await world?.stop();
  await kagent?.stop();
});

async function killOnce(hook: string, agent: string, prompt: string): Promise<void> {
  const agentRef = { namespace: 'kagent', name: agent };
  const match = { names: [`${hook}-pod`] };
  await world.cluster.createHook(world.namespace, hook, [{ eventType: 'oom-kill', agentRef, prompt, match }]);
  await world.cluster.createPod(world.namespace, `${hook}-pod`);
  await world.cluster.setStatus(world.namespace, `${hook}-pod`, running());
  const status = oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 });
  await world.cluster.setStatus(world.namespace, `${hook}-pod`, status);
}

async function executionOf(hook: string) {
  const query = `Installation='${world.installation}' AND Hook='${hook}'`;
  for await (const { workflowId, runId, status, memo } of world.client.workflow.list({ query })) {
    return { workflowId, runId, status: status.name, memo: IncidentMemo.parse(memo?.['incident']) };
  }
  return undefined;
}

const untilState = (hook: string, state: string) =>
  waitFor(`${hook} to be ${state}`, async () => {
    const found = await executionOf(hook);
    return found?.memo.transitions.at(-1)?.state === state ? found : undefined;
  });
const runsAbout = (prompt: string) => kagent.runs.filter((run) => run.prompt === prompt);
const eventsOf = (hook: string) => world.kubectl('events', '-n', world.namespace, '--for', `hook/${hook}`);

describe('a run that goes on when its Hook is deleted', () => {
  it.each([
    ['quick', 'canceled', /the agent cancelled its run/],
    ['snake', 'working', /Cancellation is not supported/],
  ])(
    'is cancelled at the agent %s, as far as that can, and the execution keeps what it said',
    async (agent, state, said) => {
      const [hook, prompt] = [`deleted-${agent}`, `[[latency=600]] ${agent}`];
      await killOnce(hook, agent, prompt);
      await untilState(hook, 'running');
      await world.kubectl('delete', 'hook', hook, '-n', world.namespace);
      const { status, memo } = await untilState(hook, 'cancelled');
      expect(memo.transitions.at(-1)?.note).toMatch(said);
      expect(status).toBe('CANCELLED');
      expect(runsAbout(prompt).map((run) => run.state)).toEqual([state]);
    },
  );
});

describe('an answer', () => {
  beforeAll(async () => {
    await killOnce('answered', 'quick', 'look');
    await untilState('answered', 'answered');
  });

  it('stands on the Hook, made harmless, with its run in the UI of Kagent', async () => {
    const [event] = await waitFor('the answer', async () => {
      const { activeEvents = [] } = await world.hookStatus('answered');
      return activeEvents[0]?.answer === undefined ? undefined : activeEvents;
    });
    expect(event).toMatchObject({ outcome: 'AgentRunCompleted', state: 'answered', status: 'firing' });
    expect(event?.answer).toMatch(/^# Diagnosis\n\nThe limit is `256Mi`\.\n/);
    expect(event?.answer).not.toMatch(/\p{Cc}(?<!\n)|[\u202e\u2028]/u);
    const [run] = runsAbout('look');
    expect(event?.agentRunLink).toBe(`https://kagent.example/agents/kagent/quick/chat/${run?.contextId}`);
  });

  it('is an Event about the Hook', async () => {
    const events = await waitFor('the Event', async () => {
      const text = await eventsOf('answered');
      return text.includes('AgentRunCompleted') ? text : undefined;
    });
    expect(events).toContain('agent kagent/quick answered: # Diagnosis The limit is `256Mi`.');
  });

  it('names the run in the list of Kagent by Hook and object', async () => {
    const sessions = kagent.requests.filter(({ method, path }) => method === 'POST' && path === '/api/sessions');
    expect(sessions.map(({ body }) => body)).toContainEqual(
      expect.objectContaining({ name: `answered: ${world.namespace}/answered-pod`, agent_ref: 'kagent/quick' }),
    );
  });

  it('that failed is an Event with its reason, and is found by it', async () => {
    await killOnce('failing', 'quick', '[[fail=500]]');
    await untilState('failing', 'run-failed');
    await waitFor('the Event', async () => (await eventsOf('failing')).includes('AgentRunFailed'));
    const query = `Installation='${world.installation}' AND FailureReason='AgentRunFailed'`;
    await waitFor('visibility', async () => (await world.client.workflow.count(query)).count === 1);
  });
});

const executablePath = findBrowser();
const why = executablePath === undefined ? ' (skipped: no chromium, chromium-browser or google-chrome on PATH)' : '';

it.skipIf(executablePath === undefined)(
  `an answer is text in Temporal's Web UI: no link, no image, no request leaves${why}`,
  async () => {
    if (executablePath === undefined) return;
    const { workflowId, runId } = await untilState('answered', 'answered');
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    onTestFinished(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 1400, height: 1400 } });
    const foreign: string[] = [];
    page.on('request', (request) => {
      if (new URL(request.url()).hostname === 'evil.example') foreign.push(request.url());
    });
    const base = `${inject('temporalUiUrl')}/namespaces/default/workflows`;
    await page.goto(`${base}/${encodeURIComponent(workflowId)}/${runId}/user-metadata`);
    const details = page.frameLocator('iframe').nth(2).locator('main');
    await details.getByText('The limit is').waitFor();
    await details.getByText('[Sign in again](http://evil.example/login)').waitFor();
    expect(await details.locator('a[href*="evil"], img, h1').count()).toBe(0);
    expect(await details.locator('a[href^="https://kagent.example/agents/kagent/quick/chat/"]').count()).toBe(1);
    mkdirSync('tests/artifacts', { recursive: true });
    await page.screenshot({ path: join('tests/artifacts', 'answered.png'), fullPage: true });
    expect(foreign).toEqual([]);
  },
);
