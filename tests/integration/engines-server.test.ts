/** The handle of a server: what it promises about start, stop, crash and restart, shown with small HTTP servers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openRun } from '../../deploy/local/runs/open-run.ts';
import { answersOk } from '../../deploy/local/servers/ask-server.ts';
import { findFreePort } from '../../deploy/local/servers/find-free-port.ts';
import { type ServerSpec, startServer } from '../../deploy/local/servers/start-server.ts';
import { makeBox } from '../engines/make-box.ts';

// Real processes: on a loaded machine each takes seconds to start.
vi.setConfig({ testTimeout: 40_000 });

/** A specification of a node program; `script` sees the port as `port`. */
async function specify(script: string, overrides: Partial<ServerSpec> = {}) {
  const box = await makeBox();
  const run = await openRun(box.settings());
  onTestFinished(() => run.close());
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}/`;
  const spec: ServerSpec = {
    name: 'clock',
    path: process.execPath,
    args: ['-e', `const port = ${port}; ${script}`],
    logFile: join(box.folder, 'clock.log'),
    run,
    isReady: () => answersOk(url),
    ...overrides,
  };
  return { spec, url };
}

const serving = `require('http').createServer((q, r) => r.end('ok')).listen(port, '127.0.0.1', () => console.log('up ' + process.pid));`;

it('a server is ready when its handle is handed out, and gone when stop resolves', async () => {
  const { spec, url } = await specify(serving);
  const server = await startServer(spec);
  expect(await answersOk(url)).toBe(true);
  const pid = server.pid!;
  await server.stop();
  expect(server.pid).toBeUndefined();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  await server.stop();
});

it('a server that ignores the request to end is killed after the grace time', async () => {
  const { spec } = await specify(`process.on('SIGTERM', () => {}); ${serving}`, { stopGraceMs: 100 });
  const server = await startServer(spec);
  const pid = server.pid!;
  await server.stop();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

it('restart brings a killed server back on the same port with a new process, and appends to the same log', async () => {
  const { spec, url } = await specify(serving);
  const server = await startServer(spec);
  const first = server.pid!;
  await server.kill();
  await expect(answersOk(url)).rejects.toThrow('ECONNREFUSED');
  await server.restart();
  expect(await answersOk(url)).toBe(true);
  expect(server.pid).not.toBe(first);
  expect(await readFile(spec.logFile, 'utf8')).toBe(`up ${first}\nup ${server.pid}\n`);
});

it('restart ends a running server before it starts the next', async () => {
  const { spec } = await specify(serving);
  const server = await startServer(spec);
  const first = server.pid!;
  await server.restart();
  expect(() => process.kill(first, 0)).toThrow('ESRCH');
});

it('a stopped (paused) server answers again after it is continued, and can be ended while it is paused', async () => {
  const { spec, url } = await specify(serving);
  const server = await startServer(spec);
  server.signal('SIGSTOP');
  await expect(fetch(url, { signal: AbortSignal.timeout(100) })).rejects.toThrow('timeout');
  server.signal('SIGCONT');
  expect(await answersOk(url)).toBe(true);
  server.signal('SIGSTOP');
  await server.stop();
  expect(server.pid).toBeUndefined();
});

it('a server that ends before it is ready is an error with its code and the end of its log', async () => {
  const { spec } = await specify(`for (let n = 1; n <= 40; n++) console.error('line ' + n); process.exit(7)`);
  const failure = await startServer(spec).catch(String);
  expect(failure).toContain(`clock ended with code 7 before it was ready. The end of ${spec.logFile}:`);
  expect(failure).toContain('line 40');
  expect(failure).not.toContain('line 25\n');
});

it('a server that never becomes ready is ended, and the error says how long it had', async () => {
  const { spec } = await specify(`console.log(process.pid); setInterval(() => {}, 1000)`, { readyTimeoutMs: 300 });
  await expect(startServer(spec)).rejects.toThrow('clock was not ready within 300 ms.');
  const pid = Number(await readFile(spec.logFile, 'utf8'));
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

it('a program that is not there is an error that names it', async () => {
  const { spec } = await specify('', { path: '/nowhere/clock' });
  await expect(startServer(spec)).rejects.toThrow('clock could not be started from /nowhere/clock.');
});

it('a server sees nothing of the environment but a home of its own and PATH', async () => {
  const { spec } = await specify(`console.log(JSON.stringify(process.env)); ${serving}`);
  await startServer(spec);
  const [first = ''] = (await readFile(spec.logFile, 'utf8')).split('\n');
  const { folder } = spec.run;
  expect(JSON.parse(first)).toEqual({ HOME: folder, KAGENT_HOOKS_RUN: folder, PATH: spec.run.environment['PATH'] });
});

it('no port is given out twice in a row', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, findFreePort));
  expect(new Set(ports).size).toBe(50);
});
