/** The queue between seeing and starting, against a real Temporal: what it starts, in which order, and what it survives. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { openRun } from '../../deploy/local/runs/open-run.ts';
import { readSettings } from '../../deploy/local/settings.ts';
import { startTemporal, type Temporal } from '../../deploy/local/start-temporal.ts';
import { createHandover, type HandoverOptions } from '../../watcher/starting/handover.ts';
import { startOrJoin } from '../../watcher/starting/start.ts';
import type { Incident, Occurrence } from '../../workflows/contract/incident.ts';
import { signalNames } from '../../workflows/contract/plain/names.ts';
import { anIncident, anOccurrence, at } from '../make.ts';
import { waitFor } from '../wait-for.ts';

const connections: Connection[] = [];
let client: Client;
beforeAll(() => {
  client = clientAt(inject('temporalAddress'));
});
afterAll(async () => {
  for (const connection of connections) await connection.close();
});

/** Connected as the watcher is: without the client's own tries. */
function clientAt(address: string): Client {
  const connection = Connection.lazy({ address, interceptors: [] });
  connections.push(connection);
  return new Client({ connection });
}

function aHandover(over: Partial<HandoverOptions> = {}) {
  const ending = new AbortController();
  const ids = randomBytes(4).toString('hex');
  const log = pino({ level: 'silent' });
  onTestFinished(() => ending.abort());
  const counts: Record<string, number> = {};
  const onEnded: HandoverOptions['onEnded'] = ({ ending: word }) => {
    counts[word] = (counts[word] ?? 0) + 1;
  };
  const handover = createHandover({ client, log, signal: ending.signal, coalesceMs: 0, onEnded, ...over });
  return {
    handover,
    counts,
    installation: `h${ids}`,
    idOf: (n: number | string) => `h${ids}/${n}`,
    end: () => ending.abort(),
  };
}

const occurrence = (n: number, over: Partial<Occurrence> = {}) =>
  anOccurrence({ id: `pod-uid/app/containerd://a${n}`, order: n, ...over });

const incident = (installation: string, n: number, over: Partial<Occurrence> = {}): Incident =>
  anIncident({ installation, occurrence: occurrence(n, over) });

/** The signals that an execution was sent, in order, each with what it says. */
async function signalsOf(workflowId: string, from = client): Promise<[string, unknown][]> {
  const { events } = await from.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }): [string, unknown][] => {
    const [payload] = signal?.input?.payloads ?? [];
    if (payload === undefined) return [];
    return [[signal?.signalName ?? '', JSON.parse(Buffer.from(payload.data ?? []).toString())]];
  });
}

/** How many runs there are of an installation; waits for visibility, which lags, until there are as many as expected. */
async function countRuns(installation: string, expected: number, from = client): Promise<number> {
  const query = `Installation='${installation}'`;
  return waitFor('the runs', async () => {
    const { count } = await from.workflow.count(query);
    return count >= expected && count;
  });
}

/** The ids of all occurrences that an execution got by signal. */
async function signalledOf(workflowId: string, from = client): Promise<string[]> {
  return [...JSON.stringify(await signalsOf(workflowId, from)).matchAll(/containerd:\/\/a\d+/g)].map(([id]) => id);
}

const names = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `containerd://a${from + n}`);

it('what happens to one incident arrives in the order in which it happened', async () => {
  const { handover, counts, idOf, installation } = aHandover();
  const id = idOf(1);
  for (let n = 0; n < 5; n += 1) {
    await handover.occurred(id, incident(installation, n));
    await handover.settled();
  }
  await handover.resolved(id, { occurrenceId: 'x', at: at(1), message: 'over' });
  await handover.occurred(id, incident(installation, 5));
  await handover.settled();
  expect(await countRuns(installation, 1)).toBe(1);
  expect((await signalsOf(id)).map(([name]) => name)).toEqual([
    ...Array.from({ length: 4 }, () => signalNames.occurrences),
    signalNames.resolved,
    signalNames.occurrences,
  ]);
  expect(await signalledOf(id)).toEqual(names(1, 6));
  expect(counts).toEqual({ started: 1, joined: 5 });
});

it('a burst of 200 occurrences of one incident is one execution, a few signals, and nothing is lost', async () => {
  const { handover, counts, idOf, installation } = aHandover({ coalesceMs: 200 });
  const id = idOf(1);
  for (let n = 0; n < 200; n += 1) await handover.occurred(id, incident(installation, n));
  await handover.settled();
  expect(await countRuns(installation, 1)).toBe(1);
  expect((await signalsOf(id)).length).toBeLessThanOrEqual(5);
  expect(await signalledOf(id)).toEqual(names(1, 200));
  expect(counts).toEqual({ started: 1, joined: 199 });
});

it('what comes within the pause after a hand-over goes out as one signal after it', async () => {
  const { handover, idOf, installation } = aHandover({ coalesceMs: 1500 });
  const id = idOf(1);
  await handover.occurred(id, incident(installation, 0));
  await handover.settled();
  const startedMs = Date.now();
  for (let n = 1; n < 4; n += 1) {
    await handover.occurred(id, incident(installation, n));
    await delay(30);
  }
  expect(await signalsOf(id)).toEqual([]);
  await handover.settled();
  expect(Date.now() - startedMs).toBeGreaterThan(1000);
  expect(await signalsOf(id)).toHaveLength(1);
  expect(await signalledOf(id)).toEqual(names(1, 4));
});

it('the end of a state does not wait for the pause, and takes along what waits before it', async () => {
  const { handover, idOf, installation } = aHandover({ coalesceMs: 600_000 });
  const id = idOf(1);
  await handover.occurred(id, incident(installation, 0));
  await handover.settled();
  await handover.occurred(id, incident(installation, 1));
  await handover.resolved(id, { occurrenceId: 'pod-uid/app/containerd://a1', at: at(1), message: 'over' });
  await waitFor('the end', async () => (await signalsOf(id)).length === 2, 5000);
  expect((await signalsOf(id)).map(([name]) => name)).toEqual([signalNames.occurrences, signalNames.resolved]);
  expect(handover.oldestWaitingMs()).toBeUndefined();
});

it('the end of something that was never started is nothing, and nothing waits for it', async () => {
  const { handover, idOf } = aHandover();
  await handover.resolved(idOf(1), { occurrenceId: 'x', at: at(1), message: 'over' });
  await handover.settled();
  await expect(client.workflow.getHandle(idOf(1)).describe()).rejects.toThrow();
});

it('many incidents are started at the same time, each once', async () => {
  const { handover, counts, idOf, installation } = aHandover();
  for (let n = 0; n < 60; n += 1) await handover.occurred(idOf(n), incident(installation, n));
  await handover.settled();
  expect(counts).toEqual({ started: 60 });
  expect(await countRuns(installation, 60)).toBe(60);
});

it('two watchers that hand over the same make one execution', async () => {
  const one = aHandover();
  const two = aHandover();
  const id = one.idOf(1);
  await Promise.all(
    [one, two].map(async ({ handover }) => {
      for (let n = 0; n < 5; n += 1) await handover.occurred(id, incident(one.installation, n));
      await handover.settled();
    }),
  );
  expect(await countRuns(one.installation, 1)).toBe(1);
  expect(new Set(await signalledOf(id))).toEqual(new Set(names(0, 5))); // the later one joins with its first as well
  const counts = [one, two].map((each) => each.counts);
  const sum = (ending: string) => counts.reduce((total, each) => total + (each[ending] ?? 0), 0);
  expect([sum('started'), sum('joined')]).toEqual([1, 9]);
});

it('more that is learned of an occurrence is signalled, and counted no second time', async () => {
  const { handover, counts, idOf, installation } = aHandover();
  await handover.occurred(idOf(1), incident(installation, 1));
  await handover.settled();
  expect(handover.waitingOccurrences()).toBe(0);
  const occurred = handover.occurred(idOf(1), incident(installation, 1, { cause: 'oom' }), { isUpdate: true });
  expect([handover.waiting(), handover.waitingOccurrences()]).toEqual([1, 0]);
  await occurred;
  await handover.settled();
  expect(counts).toEqual({ started: 1 });
  expect(await signalledOf(idOf(1))).toEqual(names(1, 2));
});

it('a start whose answer was lost, of a run that has ended meanwhile, is decided by that run', async () => {
  const { idOf, installation } = aHandover();
  const [workflowId, one, two] = [idOf(1), occurrence(1), occurrence(2)];
  const start = { workflowId, incident: incident(installation, 1), occurrences: [one], requester: 'the same' };
  expect(await startOrJoin(client, start)).toMatchObject({ outcome: 'started' });
  await client.workflow.getHandle(workflowId).terminate();
  expect(await startOrJoin(client, { ...start, occurrences: [one, two] })).toMatchObject({
    outcome: 'already-handled',
  });
});

it('what the server rejects for what it contains is counted as refused and stops nobody', async () => {
  const { handover, counts, idOf, installation } = aHandover();
  const bad = `${idOf('x'.repeat(2000))}/1`;
  await handover.occurred(bad, incident(installation, 1));
  await handover.settled();
  await handover.occurred(bad, incident(installation, 2));
  await handover.occurred(idOf(2), incident(installation, 3));
  await handover.settled();
  expect(counts).toEqual({ refused: 2, started: 1 });
  expect(await client.workflow.getHandle(idOf(2)).describe()).toMatchObject({ workflowId: idOf(2) });
  expect(handover.oldestWaitingMs()).toBeUndefined();
});

describe('while Temporal is away', () => {
  /** A Temporal of its own that keeps its data, so that it can go and come back. */
  async function ownTemporal(): Promise<{ temporal: Temporal; own: Client }> {
    const run = await openRun(readSettings());
    const path = inject('enginePaths').temporal;
    const temporal = await startTemporal({ run, path, dbFilename: join(run.folder, 'temporal.db') });
    onTestFinished(() => run.close());
    return { temporal, own: clientAt(temporal.address) };
  }

  it('nothing is dropped, the oldest of what waits is reported, and all of it arrives when it is back', async () => {
    const { temporal, own } = await ownTemporal();
    const { handover, counts, idOf, installation } = aHandover({ client: own });
    await handover.occurred(idOf(0), incident(installation, 0));
    await handover.settled();
    expect(handover.oldestWaitingMs()).toBeUndefined();
    await temporal.kill();
    await handover.occurred(idOf(0), incident(installation, 1, { at: '2026-09-01T12:00:10Z' }));
    for (let n = 1; n < 20; n += 1) await handover.occurred(idOf(n), incident(installation, n));
    await handover.resolved(idOf(0), { occurrenceId: 'x', at: at(1), message: 'over' });
    await handover.occurred(idOf(0), incident(installation, 2));
    await delay(1500);
    expect(handover.oldestWaitingMs()).toBe(Date.parse('2026-09-01T12:00:10Z'));
    expect(counts).toEqual({ started: 1 });
    await temporal.restart();
    await handover.settled();
    expect(handover.oldestWaitingMs()).toBeUndefined();
    expect(counts).toEqual({ started: 20, joined: 2 });
    expect(await countRuns(installation, 20, own)).toBe(20);
    expect((await signalsOf(idOf(0), own)).map(([name]) => name)).toEqual([
      signalNames.occurrences,
      signalNames.resolved,
      signalNames.occurrences,
    ]);
  });

  it('a server that accepts calls and never answers does not hold the line for ever, and nothing is started twice', async () => {
    const { temporal, own } = await ownTemporal();
    const warnings: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line) => void warnings.push(line) });
    const { handover, counts, idOf, installation } = aHandover({ client: own, callLimitMs: 1000, log });
    await handover.occurred(idOf('warm'), incident(installation, 0));
    await handover.settled();
    temporal.signal('SIGSTOP');
    for (let n = 1; n < 30; n += 1) await handover.occurred(idOf(n), incident(installation, n));
    await waitFor('all to be tried, more than fit through the gate at once', async () => warnings.length >= 29);
    temporal.signal('SIGCONT');
    await handover.settled();
    expect((counts['started'] ?? 0) + (counts['joined'] ?? 0)).toBe(30);
    expect(await countRuns(installation, 30, own)).toBe(30);
  });

  it('the streams are paused once a thousand wait, and go on when there is room or the process ends', async () => {
    const away = clientAt('127.0.0.1:1');
    const { handover, idOf, installation, end } = aHandover({ client: away });
    for (let n = 0; n < 1000; n += 1) await handover.occurred(idOf(n), incident(installation, n));
    let isTaken = false;
    const taken = handover.occurred(idOf('one too many'), incident(installation, 1)).then(() => {
      isTaken = true;
    });
    await delay(200);
    expect(isTaken).toBe(false);
    end();
    await taken;
    await handover.settled();
  });

  it('the end of the process, with calls that are still out, is no error of anybody', async () => {
    const away = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
    const { handover, counts, idOf, installation, end } = aHandover({ client: new Client({ connection: away }) });
    for (let n = 0; n < 50; n += 1) await handover.occurred(idOf(n), incident(installation, n));
    await delay(300);
    end();
    await away.close();
    await delay(1000);
    expect(counts).toEqual({});
    expect(handover.oldestWaitingMs()).toBeDefined();
  });

  it('an edge holds the checkpoint at the time when it happened, a state at the time when it was seen', async () => {
    const away = clientAt('127.0.0.1:1');
    const { handover, idOf, installation } = aHandover({ client: away });
    const seenMs = Date.now();
    const state = anIncident({ installation, nature: 'state', occurrence: occurrence(1, { at: at(-86_400) }) });
    await handover.occurred(idOf(1), state);
    expect(handover.oldestWaitingMs()).toBeGreaterThanOrEqual(seenMs);
    await handover.occurred(idOf(2), incident(installation, 2, { at: at(30) }));
    await handover.occurred(idOf(3), incident(installation, 3, { at: at(20) }));
    expect(handover.oldestWaitingMs()).toBe(Date.parse(at(20)));
  });
});

it('1,600 Pods of one workload in one moment go on at once, and keep no neighbour waiting', async () => {
  const { handover, counts, installation, idOf } = aHandover({ coalesceMs: 60_000 });
  for (let n = 0; n < 1_600; n += 1) {
    const member = `pod-${n}`;
    await handover.occurred(idOf('big'), incident(installation, n, { id: member, member, objectName: member }));
  }
  const startedMs = Date.now();
  await handover.occurred(idOf('neighbour'), incident(installation, 1));
  await waitFor('the neighbour', async () =>
    client.workflow
      .getHandle(idOf('neighbour'))
      .describe()
      .then(
        () => true,
        () => false,
      ),
  );
  expect(Date.now() - startedMs).toBeLessThan(10_000); // a minute a batch before: half an hour
  await waitFor('the rest of a batch', async () => handover.waiting() < 50);
  expect(counts).toMatchObject({ started: 2 });
}, 120_000);
