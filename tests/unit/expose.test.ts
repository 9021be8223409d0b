/** What the watcher's health server is given to say. */
import { Client, Connection } from '@temporalio/client';
import pino from 'pino';
import { expect, it } from 'vitest';
import type { Facts } from '../../runtime/health.ts';
import type { ApiServer } from '../../watcher/kube/api-server.ts';
import { createLedger } from '../../watcher/ledger/ledger.ts';
import { expose } from '../../watcher/serving/expose.ts';
import { createLoops } from '../../watcher/serving/loops.ts';
import { createMetrics } from '../../watcher/serving/metrics.ts';
import { createHandover } from '../../watcher/starting/handover.ts';

it('readiness fails for a loop that has not succeeded lately, and liveness does not', async () => {
  let clockMs = 0;
  const stop = new AbortController();
  const connection = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
  const client = new Client({ connection });
  const { signal } = stop;
  const api: ApiServer = {
    json: () => Promise.reject(new Error('away')),
    open: () => Promise.reject(new Error('away')),
    close: () => undefined,
  };
  const loops = createLoops(() => clockMs);
  let facts: Facts = { ready: () => [], alive: () => [] };
  const done = expose({
    health: { set: () => undefined, observe: (next) => void (facts = next), close: () => undefined },
    metrics: createMetrics(),
    client,
    api,
    handover: createHandover({ client, log: pino({ level: 'silent' }), signal, coalesceMs: 1 }),
    executions: { open: () => new Map() },
    waiting: () => [],
    ledger: createLedger(),
    watches: () => [],
    loops,
    signal,
  });
  const reconcile = loops.watch('reconcile', 300_000);
  const wrongLoops = () => facts.ready().filter(({ name, ok }) => name === 'reconcile' && !ok);
  expect(wrongLoops()).toEqual([]);
  reconcile.failed(new Error('no page fits'));
  clockMs = 960_001;
  expect(wrongLoops()).toMatchObject([{ message: expect.stringContaining('Error: no page fits') }]);
  expect(facts.alive()).toEqual([]);
  reconcile.succeeded();
  expect(wrongLoops()).toEqual([]);
  stop.abort();
  await done;
  await connection.close();
});
