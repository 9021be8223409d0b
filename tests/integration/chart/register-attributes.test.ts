/** The program of the Job, on a real Temporal: what it adds, how often it may run, and what it says when it cannot. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openRun, type Run } from '../../../deploy/local/runs/open-run.ts';
import { findFreePort } from '../../../deploy/local/servers/find-free-port.ts';
import { readSettings } from '../../../deploy/local/settings.ts';
import { startTemporal, type Temporal } from '../../../deploy/local/start-temporal.ts';
import { registerAttributes } from '../../../workers/register-attributes/register.ts';
import { searchAttributeTypes } from '../../../workflows/contract/plain/names.ts';
import { waitFor } from '../../wait-for.ts';

const program = fileURLToPath(new URL('../../../workers/register-attributes/main.ts', import.meta.url));

let run: Run;
let temporal: Temporal;
let connection: Connection;

beforeAll(async () => {
  run = await openRun(readSettings());
  temporal = await startTemporal({ run, path: inject('enginePaths').temporal });
  connection = await Connection.connect({ address: temporal.address });
});
afterAll(async () => {
  await connection?.close();
  await run?.close();
});

async function aNamespace(): Promise<string> {
  const namespace = `n${randomBytes(4).toString('hex')}`;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  return namespace;
}

const attributesOf = async (namespace: string) =>
  (await connection.operatorService.listSearchAttributes({ namespace })).customAttributes;

function register(environment: Record<string, string>) {
  const { promise, resolve } = Promise.withResolvers<{ code: number | string; said: string }>();
  execFile(process.execPath, [program], { env: { PATH: '/usr/bin:/bin', ...environment } }, (error, stdout, stderr) =>
    resolve({ code: error?.code ?? 0, said: stdout + stderr }),
  );
  return promise;
}

it('adds what is missing, and the second time finds that nothing is', async () => {
  const namespace = await aNamespace();
  const environment = { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: namespace };
  const first = await register(environment);
  expect(first).toMatchObject({ code: 0, said: expect.stringContaining('were added') as unknown });
  const added = await attributesOf(namespace);
  expect(Object.keys(added).toSorted()).toEqual(Object.keys(searchAttributeTypes).toSorted());
  const second = await register(environment);
  expect(second).toMatchObject({ code: 0, said: expect.stringContaining('has all 10 search attributes') as unknown });
  expect(await attributesOf(namespace)).toEqual(added);
});

const words = () => {
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  return { said, log: { info: say, warn: say, error: say } };
};

it('a namespace that is not there is waited for, and named with the command that makes it', async () => {
  const { said, log } = words();
  const options = {
    connection,
    namespace: 'not-there',
    address: temporal.address,
    signal: AbortSignal.timeout(60_000),
  };
  expect(await registerAttributes({ ...options, patienceMs: 10, log })).toBe('waiting');
  expect(said[0]).toContain('has no namespace not-there; expected: temporal operator namespace create not-there');
});

it('a Temporal that is not there is waited for until the patience is over', async () => {
  const nobody = Connection.lazy({ address: `127.0.0.1:${await findFreePort()}`, interceptors: [] });
  const { said, log } = words();
  const options = {
    connection: nobody,
    namespace: 'default',
    address: 'nobody:7233',
    signal: AbortSignal.timeout(60_000),
  };
  expect(await registerAttributes({ ...options, patienceMs: 10, log })).toBe('waiting');
  expect(said[0]).toMatch(/^Waiting for Temporal at nobody:7233: /);
  await nobody.close();
});

it('two at once both end well, and each attribute is there', async () => {
  const namespace = await aNamespace();
  const { log } = words();
  const options = { connection, namespace, address: temporal.address, patienceMs: 30_000, log };
  const both = [0, 1].map(() => registerAttributes({ ...options, signal: AbortSignal.timeout(60_000) }));
  expect(await Promise.all(both)).toEqual(['done', 'done']);
  expect(Object.keys(await attributesOf(namespace))).toHaveLength(10);
});

it('one that the server will not take is said once, with its words, what is expected and what to set', async () => {
  const namespace = await aNamespace();
  // A server with SQL takes ten Keywords a namespace; somebody else has used two of them.
  await waitFor('two foreign attributes', async () => {
    const searchAttributes = { ForeignA: 2, ForeignB: 2 };
    return connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  });
  const { said, log } = words();
  const options = { connection, namespace, address: temporal.address, signal: AbortSignal.timeout(60_000) };
  expect(await registerAttributes({ ...options, patienceMs: 30_000, log })).toBe('denied');
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/cannot have more than 10 .*Installation \(Keyword\).*registerSearchAttributes=false/s);
});

it('settings that cannot be read end it with 78', async () => {
  const result = await register({ TEMPORAL_ADDRESS: 'x:1', TEMPORAL_CONFIG_FILE: program });
  expect(result.code).toBe(78);
  expect(result.said).toContain('The settings of Temporal are wrong');
});
