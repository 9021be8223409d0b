/** What a person sees of an incident in Temporal's Web UI, in a real browser. Leaves screenshots in tests/artifacts. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findBrowser } from '../find-browser.ts';
import { hostileTexts } from '../hostile-text.ts';
import { waitFor } from '../wait-for.ts';
import { oomKilled, running } from './cluster-actions.ts';
import { startWorld, type World } from './world.ts';

const executablePath = findBrowser();
const artifacts = 'tests/artifacts';
const title = "Temporal's Web UI shows an incident step by step";
const reason = executablePath === undefined ? ' (skipped: no chromium, chromium-browser or google-chrome on PATH)' : '';

describe.skipIf(executablePath === undefined)(`${title}${reason}`, () => {
  let world: World;
  let browser: Browser;
  let page: Page;
  let workflowId: string;
  let runId: string;

  beforeAll(async () => {
    mkdirSync(artifacts, { recursive: true });
    world = await startWorld();
    // Quiet for long enough to be looked at while it is firing, and to show its timer.
    await Promise.all([world.start('watcher', { QUIET_WINDOW: '10m' }), world.start('worker')]);
    await world.cluster.createHook(world.namespace, 'memory', [
      { eventType: 'oom-kill', agentId: 'memory-analyzer', prompt: 'Look at {{.ResourceName}}: {{.EventMessage}}' },
    ]);
    await waitFor(
      'the Hook to be ready',
      async () => (await world.hookStatus('memory')).conditions?.[0]?.status === 'True',
    );
    await world.cluster.createPod(world.namespace, 'leaky');
    await world.cluster.setStatus(world.namespace, 'leaky', running());
    await world.cluster.setStatus(world.namespace, 'leaky', oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 }));
    await waitFor('the ask', async () => world.asksAbout('leaky').length > 0);
    const execution = await waitFor('the execution', async () => (await world.executions())[0]);
    ({ workflowId, runId } = execution);
    await waitFor('its state', async () => {
      const query = `Installation='${world.installation}' AND IncidentState='asked'`;
      return (await world.client.workflowService.countWorkflowExecutions({ namespace: 'default', query })).count.gt(0);
    });
    browser = await chromium.launch({
      ...(executablePath !== undefined && { executablePath }),
      args: ['--no-sandbox'],
    });
    page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
  });

  afterAll(async () => {
    await browser?.close();
    await world?.stop();
  });

  /** The page of the execution, as `npm start` links to it, with one of its tabs chosen. */
  async function openTab(name: string): Promise<void> {
    const base = `${inject('temporalUiUrl')}/namespaces/default/workflows`;
    await page.goto(`${base}/${encodeURIComponent(workflowId)}/${runId}/history`);
    await page.getByRole('link', { name }).or(page.getByRole('tab', { name })).first().click();
  }

  async function keep(name: string): Promise<void> {
    await page.screenshot({ path: join(artifacts, `${name}.png`), fullPage: true });
  }

  const see = (text: string | RegExp) => page.getByText(text).first().waitFor();

  it('lists the execution under an id that names Hook, type, Pod and container, also for a search for firing OOM kills', async () => {
    const query = "IncidentType='oom-kill' AND IncidentState='asked' AND ResourceName='leaky' AND Hook='memory'";
    await page.goto(`${inject('temporalUiUrl')}/namespaces/default/workflows?query=${encodeURIComponent(query)}`);
    await see(workflowId);
    await keep('list');
    expect(workflowId).toMatch(
      new RegExp(`^${world.installation}/${world.namespace}/memory/oom-kill/Pod/${world.namespace}/leaky/app/`),
    );
    expect(await page.getByText('Running').count()).toBeGreaterThan(0);
  });

  it('shows summary, details and current details, both as Markdown', async () => {
    await openTab('User Metadata');
    // Each of the three is a frame of its own, in which the Markdown was rendered.
    const frame = (n: number) => page.frameLocator('iframe').nth(n).locator('main');
    const [summary, details, current] = [frame(0), frame(1), frame(2)];
    const pod = `${world.namespace}/leaky`;
    await summary.getByText(`oom-kill: ${pod} (app) → ${world.namespace}/memory-analyzer`).waitFor();
    await details.locator('strong', { hasText: 'oom-kill' }).waitFor();
    await details.locator('code', { hasText: pod }).waitFor();
    await details.locator('li code', { hasText: 'prod-cluster-1' }).waitFor();
    await details.locator('blockquote code', { hasText: 'OOM-killed (exit code 137)' }).waitFor();
    await current.locator('h3', { hasText: `oom-kill: Pod ${pod}, container app` }).waitFor();
    await current
      .locator('p', { hasText: 'Asked' })
      .locator('code', { hasText: /^exec-/ })
      .waitFor();
    await current.locator('p', { hasText: 'Next' }).waitFor();
    await keep('user-metadata');
  });

  it('shows in the history whom it asks and what its timer waits for', async () => {
    await openTab('Event History');
    for (const summary of [`ask ${world.namespace}/memory-analyzer`, 'over when quiet until then']) {
      await see(summary);
    }
    await keep('event-history');
  });

  it('shows in the timeline whom it asks and what its timer waits for', async () => {
    await openTab('Timeline');
    for (const summary of [`ask ${world.namespace}/memory-analyzer`, 'over when quiet until then']) await see(summary);
    await keep('timeline');
  });

  it('shows what the execution can be found by', async () => {
    await openTab('Search Attributes');
    await see('StateChangedAt');
    await keep('search-attributes');
    const shown = await page.locator('body').innerText();
    for (const [name, value] of Object.entries({
      Installation: world.installation,
      Hook: 'memory',
      HookNamespace: world.namespace,
      IncidentType: 'oom-kill',
      ResourceNamespace: world.namespace,
      ResourceName: 'leaky',
      Agent: `${world.namespace}/memory-analyzer`,
      IncidentState: 'asked',
    })) {
      expect(shown).toContain(`"${name}": "${value}"`);
    }
  });

  it('shows the last words of a hostile container as characters: no link, no image, no heading, and no request leaves', async () => {
    const words = hostileTexts.map(([, text]) => text.replaceAll('\u0000', '').toWellFormed()).join('\n');
    await world.cluster.createPod(world.namespace, 'hostile');
    await world.cluster.setStatus(world.namespace, 'hostile', running());
    const killed = oomKilled({ killed: 'h0', now: 'h1', restartCount: 1, message: words });
    await world.cluster.setStatus(world.namespace, 'hostile', killed);
    const query = `Installation='${world.installation}' AND ResourceName='hostile' AND IncidentState='asked'`;
    const execution = await waitFor('its execution', async () => {
      for await (const one of world.client.workflow.list({ query })) return one;
      return undefined;
    });
    ({ workflowId, runId } = execution);
    const foreign: string[] = [];
    const ours = new URL(inject('temporalUiUrl')).host;
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (/^(https?|wss?):$/.test(url.protocol) && url.host !== ours) foreign.push(request.url());
    });
    await openTab('User Metadata');
    for (const n of [0, 1, 2]) {
      const main = page.frameLocator('iframe').nth(n).locator('main');
      await main.locator('code').first().waitFor();
      expect(await main.locator('a, img, h1, h2, table, script').count(), `frame ${n}`).toBe(0);
      if (n === 0) continue;
      // Every word is there, and long ones are wrapped: nothing is wider than its place.
      expect(await main.innerText()).toContain('[Sign in again](http://evil.example/login)');
      const place = await main.locator('blockquote').boundingBox();
      for (const line of await main.locator('blockquote code').all()) {
        expect((await line.boundingBox())?.width ?? 0).toBeLessThanOrEqual(place?.width ?? 0);
      }
    }
    await keep('hostile');
    for (const name of ['Event History', 'Timeline', 'Search Attributes']) await openTab(name);
    expect(await page.locator('a[href*="evil"], img[src*="evil"]').count()).toBe(0);
    expect(foreign).toEqual([]);
  });
});
