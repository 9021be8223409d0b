/** What people see of one incident at each of its steps: `kubectl get`, `describe` and `events`, Temporal's Web UI and the metrics agree. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import type { Server } from '../../deploy/local/servers/start-server.ts';
import { findBrowser } from '../find-browser.ts';
import { samplesOf } from '../samples-of.ts';
import { waitFor } from '../wait-for.ts';
import { oomKilled, running } from './cluster-actions.ts';
import { startWorld, type World } from './world.ts';

const executablePath = findBrowser();
let browser: Browser | undefined;
let page: Page | undefined;
let world: World;
let watcher: Server;
let metricsUrl: string;
const agentRef = { name: 'memory-analyzer' };
const hook = ['probe-failed', 'oom-kill'].map((eventType) => ({ eventType, agentRef, prompt: '{{.ResourceName}}' }));

beforeAll(async () => {
  world = await startWorld();
  await world.cluster.createHook(world.namespace, 'memory', hook);
  world.kagent.script([{ fault: { kind: 'answer', status: 503 }, times: 'always' }]);
  [, watcher] = await Promise.all([
    world.start('worker', { KAGENT_MAX_RETRIES: '1' }),
    world.start('watcher', {
      QUIET_WINDOW: '5s',
      TEMPORAL_UI_URL: inject('temporalUiUrl'),
      REDELIVERY_FIRST: '1s',
      REDELIVERY_MAX: '1s',
    }),
  ]);
  if (!('url' in watcher)) throw new Error('The watcher has no address.');
  metricsUrl = `${String(watcher.url)}/metrics`;
});
beforeAll(async () => {
  if (executablePath === undefined) return;
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  page = await browser.newPage();
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

/** The Web UI, asked for the execution by what it does: the status that its list shows. Undefined without a browser. */
async function webUiStatus(workflowId: string, state: string): Promise<string | undefined> {
  if (page === undefined) return undefined;
  const query = encodeURIComponent(`WorkflowId='${workflowId}' AND IncidentState='${state}'`);
  await page.goto(`${inject('temporalUiUrl')}/namespaces/default/workflows?query=${query}`);
  const row = page.getByRole('row').filter({ hasText: workflowId }).first();
  await row.waitFor({ timeout: 5000 });
  return /Running|Completed|Failed/.exec(await row.innerText())?.[0] ?? '';
}

const Events = z.object({
  items: z.array(
    z.object({
      reason: z.string(),
      note: z.string(),
      type: z.string(),
      regarding: z.object({ kind: z.string(), name: z.string(), uid: z.string() }),
      related: z.object({ kind: z.string(), name: z.string() }).optional(),
      series: z.object({ count: z.number() }).optional(),
    }),
  ),
});

async function eventsAbout(kind: string) {
  const text = await world.kubectl('get', 'events.v1.events.k8s.io', '-n', world.namespace, '-o', 'json');
  return Events.parse(JSON.parse(text)).items.filter(({ regarding }) => regarding.kind === kind);
}

const metric = async (name: string) => samplesOf(await (await fetch(metricsUrl)).text(), name);

/** The probe succeeds, and fails again for long enough: one more occurrence. */
async function flap(): Promise<void> {
  await world.cluster.setStatus(world.namespace, 'leaky', running());
  await world.cluster.setStatus(world.namespace, 'leaky', running({ ready: false }));
}

const untilJoined = (count: number) =>
  waitFor('the signals', async () => (await metric('kagent_hooks_occurrences_total'))['ending="joined"'] === count);

const reasons = ['EventFiring', 'AgentCallFailure', 'AgentCallSuccess', 'EventResolved'];

/** What each of the places says now, in the words of the incident's state. */
async function statesShown() {
  const [execution] = await world.executions();
  const description = await world.client.workflow.getHandle(execution?.workflowId ?? '').describe();
  const [event] = (await world.hookStatus('memory')).activeEvents ?? [];
  const [, row = ''] = (await world.kubectl('get', 'hook', 'memory', '-n', world.namespace)).split('\n');
  const described = await world.kubectl('describe', 'hook', 'memory', '-n', world.namespace);
  const temporal = String(description.searchAttributes['IncidentState']?.[0]);
  return {
    temporal,
    temporalStatus: description.status.name,
    webUi: await webUiStatus(description.workflowId, temporal),
    status: event?.state,
    firing: event?.status,
    columns: row.split(/ +/).slice(0, 3),
    described: reasons.filter((reason) => described.includes(` ${reason} `)),
    open: (await metric('kagent_hooks_open_executions'))['type="probe-failed"'] ?? 0,
  };
}

async function untilNoticed(states: Partial<Awaited<ReturnType<typeof statesShown>>>): Promise<void> {
  let shown: unknown;
  // Where there is no browser, nothing is said of the Web UI, and the title says so.
  const { webUi, ...others } = states;
  const expected = page === undefined ? others : { webUi, ...others };
  const agrees = async () => {
    shown = await statesShown();
    expect(shown).toMatchObject(expected);
    return true;
  };
  await waitFor('all to show the same', agrees).catch(() => expect(shown).toMatchObject(expected));
}

const browserless = executablePath === undefined ? ' (nothing is said of the Web UI: no chromium on PATH)' : '';

describe(`one incident${browserless}`, () => {
  it('whose agent is away is firing everywhere, and says that the agent could not be asked', async () => {
    await world.cluster.createPod(world.namespace, 'leaky', { readinessProbe: { httpGet: { path: '/', port: 80 } } });
    await world.cluster.setStatus(world.namespace, 'leaky', running({ ready: false }));
    await untilNoticed({
      temporal: 'redelivering',
      webUi: 'Running',
      temporalStatus: 'RUNNING',
      status: 'redelivering',
      firing: 'firing',
      columns: ['memory', 'True', '1'],
      described: ['EventFiring', 'AgentCallFailure'],
      open: 1,
    });
  });

  it('whose agent was asked says so everywhere', async () => {
    world.kagent.script([]);
    await untilNoticed({
      temporal: 'asked',
      webUi: 'Running',
      temporalStatus: 'RUNNING',
      status: 'asked',
      firing: 'firing',
      described: ['EventFiring', 'AgentCallFailure', 'AgentCallSuccess'],
      open: 1,
    });
    expect(world.kagent.runs).toHaveLength(1);
  });

  it('that happens again is counted, and asks nobody again', async () => {
    await flap();
    await untilJoined(1);
    await flap();
    await untilJoined(2);
    expect(world.kagent.runs).toHaveLength(1);
  });

  it('that is over is resolved everywhere', async () => {
    await world.cluster.setStatus(world.namespace, 'leaky', running());
    await untilNoticed({
      temporal: 'resolved',
      webUi: 'Completed',
      temporalStatus: 'COMPLETED',
      status: 'resolved',
      firing: 'resolved',
      columns: ['memory', 'True', '0'],
      described: ['EventFiring', 'AgentCallFailure', 'AgentCallSuccess', 'EventResolved'],
      open: 0,
    });
    const [event] = (await world.hookStatus('memory')).activeEvents ?? [];
    expect(event?.count).toBe(3);
    const link = `/namespaces/default/workflows/${encodeURIComponent(event?.executionId ?? '')}/`;
    expect(event?.link?.startsWith(`${inject('temporalUiUrl')}${link}`)).toBe(true);
    expect(await metric('kagent_hooks_incidents_total')).toEqual({ 'outcome="resolved",type="probe-failed"': 1 });
  });

  it('has its Events on the Hook, about the Pod, with a series of what joined', async () => {
    const events = await waitFor('the series', async () => {
      const found = await eventsAbout('Hook');
      return found.some(({ reason }) => reason === 'DuplicateEventIgnored') && found;
    });
    expect(events.map(({ reason, type }) => `${type} ${reason}`).toSorted()).toEqual([
      'Normal AgentCallSuccess',
      'Normal DuplicateEventIgnored',
      'Normal EventFiring',
      'Normal EventResolved',
      'Warning AgentCallFailure',
    ]);
    for (const { related } of events) expect(related).toMatchObject({ kind: 'Pod', name: 'leaky' });
    expect(events.find(({ reason }) => reason === 'DuplicateEventIgnored')?.series?.count).toBe(2);
    const table = await world.kubectl('events', '-n', world.namespace, '--for', 'hook/memory');
    expect(table).toMatch(/AgentCallSuccess +Hook\/memory +probe-failed of Pod .*leaky: agent .* started exec-/);
  });
});

describe('after a restart of the watcher', () => {
  it('the ledger goes on, and balances with what the executions remember', async () => {
    await watcher.stop();
    const before = await world.ledger();
    expect(before).toMatch(/seen +3\n +started +1\n +joined +2\n/);
    expect(before).toMatch(/difference +0\nTemporal's 1 execution\(s\) remember 3 of 3 handed over: 0 lost\./);
    await watcher.restart();
    await world.cluster.createPod(world.namespace, 'another');
    await world.cluster.setStatus(world.namespace, 'another', running());
    await world.cluster.setStatus(world.namespace, 'another', oomKilled({ killed: 'd0', now: 'd1', restartCount: 1 }));
    await waitFor('its ask', async () => world.asksAbout('another').length === 1);
    await waitFor('its Event', async () => (await eventsAbout('Hook')).some(({ note }) => note.includes('another')));
    await watcher.stop();
    const after: unknown = JSON.parse(await world.ledger(['--json']));
    expect(after).toMatchObject({ balanced: true, account: { started: 2, gaps: 1 }, remembered: { executions: 2 } });
  });

  it('the time in which nobody watched is reported, once as an Event about the Lease, and no Event is written twice', async () => {
    const gaps = (await eventsAbout('Lease')).filter(({ reason }) => reason === 'NotWatched');
    expect(gaps).toHaveLength(1);
    expect(gaps[0]?.note).toMatch(/^From \S+Z to \S+Z no watcher was running/);
    const firing = (await eventsAbout('Hook')).filter(({ reason }) => reason === 'EventFiring');
    expect(firing).toHaveLength(2);
  });
});
