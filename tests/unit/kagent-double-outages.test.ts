/** The double of Kagent is cut off and comes back, loses its database, keeps its sessions. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { aDouble } from '../kagent-double/a-double.ts';
import { get, rest, send, stateOf } from '../kagent-double/ask-double.ts';
import type { KagentDouble } from '../kagent-double/start-kagent-double.ts';
import { waitFor } from '../wait-for.ts';

const untilRuns = (double: KagentDouble, count: number) =>
  waitFor(`${count} runs`, async () => double.runs.length === count);

/** At the agent, whoever learns of it. */
const untilEnded = (double: KagentDouble, id: string) =>
  waitFor('its end', async () => double.runs.some(({ taskId, state }) => taskId === id && state === 'completed'));

describe('the controller of the double', () => {
  it('cuts what is open, comes back on its port and loses what ended meanwhile', async () => {
    const double = await aDouble();
    const before = await send(double, 'before');
    const { task: kept } = await send(double, '[[latency=1.5]]', { isBlocking: false });
    const { task: lost } = await send(double, '[[latency=0.3]]', { isBlocking: false });
    const waiting = send(double, '[[latency=20]]').catch(() => 'cut');
    await untilRuns(double, 4);
    await double.controller.stop();
    expect(await waiting).toBe('cut');
    await expect(send(double, 'x')).rejects.toThrow();
    await untilEnded(double, lost.id);
    await double.controller.start();
    expect(await stateOf(double, lost.id)).toBe('working');
    await untilEnded(double, kept.id);
    expect(await stateOf(double, kept.id)).toBe('completed');
    expect(await stateOf(double, before.task.id)).toBe('completed');
    expect(double.runs.map(({ state }) => state)).toEqual(['completed', 'completed', 'completed', 'working']);
  });

  it('knows no agents for a while after a start, though it is healthy', async () => {
    const double = await aDouble();
    await double.controller.stop();
    await double.controller.start(1500);
    expect(await rest(double, '/health')).toMatchObject({ status: 200 });
    expect(await rest(double, '/api/agents/kagent/memory-analyzer')).toMatchObject({ status: 200 });
    expect(await send(double, 'x')).toMatchObject({ status: 404, text: 'Agent kagent/memory-analyzer not found\n' });
    await waitFor('its agents', async () => (await send(double, 'x')).status === 200);
    expect(double.runs).toHaveLength(1);
  });

  it('gives up on calls that last too long, but the run goes on', async () => {
    const double = await aDouble({ release: '0.9.12', callLimitMs: 20 });
    const sent = await send(double, '[[latency=0.05]]');
    expect(sent.error?.message).toContain('Client.Timeout exceeded while awaiting headers');
    await untilEnded(double, double.runs[0]?.taskId ?? '');
    expect(double.runs[0]?.state).toBe('completed');
  });

  it('behind an ingress lets nobody in without the key', async () => {
    const double = await aDouble({ auth: { mode: 'bearer', key: 'k' } });
    expect(await send(double, 'x')).toMatchObject({ status: 401, text: 'Unauthorized\n' });
    expect(await send(double, 'x', { headers: { authorization: 'Bearer k' } })).toMatchObject({ status: 200 });
  });

  it('with any agent, makes those that are asked for', async () => {
    const double = await aDouble({ anyAgent: true });
    expect((await send(double, 'x', { agent: 'shop/helper' })).task.status.state).toBe('completed');
    expect(double.runs[0]?.agent).toBe('shop/helper');
  });
});

describe('a session of the double', () => {
  it('is named after the prompt, or keeps the name that it was made with', async () => {
    const double = await aDouble();
    await send(double, 'Pod web-1 in shop crashes', { contextId: 'a' });
    const made = { id: 'b', agent_ref: 'kagent/memory-analyzer', name: 'checkout: web-1' };
    await rest(double, '/api/sessions', { method: 'POST', body: JSON.stringify(made) });
    await send(double, 'Pod web-1 in shop crashes', { contextId: 'b' });
    const { body } = await rest(double, '/api/sessions');
    expect(body).toMatchObject({
      data: [
        { id: 'a', name: 'Pod web-1 in shop cr...' },
        { id: 'b', name: made.name },
      ],
    });
  });

  it('is of one agent: another fails in it', async () => {
    const double = await aDouble();
    await send(double, 'x', { contextId: 'a' });
    const failed = await send(double, 'x', { contextId: 'a', agent: 'kagent/incident-responder' });
    expect(failed.task.status).toMatchObject({ state: 'failed' });
    expect(failed.text).toContain('Session does not belong to this agent');
  });
});

describe('the database of the double', () => {
  it('is missed by reads and by agents, not by the health check', async () => {
    const double = await aDouble();
    const { task } = await send(double, 'x');
    double.database.down();
    expect((await get(double, task.id)).error).toMatchObject({
      code: -32603,
      message: expect.stringContaining('failed to connect'),
    });
    expect(await rest(double, `/api/tasks/${task.id}`)).toEqual({
      status: 500,
      body: { error: 'Internal server error' },
    });
    expect((await send(double, 'y')).error?.message).toContain('failed to decode response');
    expect(await rest(double, '/health')).toMatchObject({ status: 200 });
    double.database.up();
    expect((await get(double, task.id)).task.status.state).toBe('completed');
    expect(double.runs).toHaveLength(1);
  });

  it('makes Python agents keep silent', async () => {
    const double = await aDouble({ release: '0.9.12' });
    double.database.down();
    expect(await Promise.race([send(double, 'x').catch(() => 'cut'), delay(60, 'silence')])).toBe('silence');
    expect(double.runs).toHaveLength(0);
  });
});
