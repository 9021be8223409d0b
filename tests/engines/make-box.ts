/**
 * A box for tests of the resolver: folders of its own, programs that only print a version, and a publisher on loopback.
 *
 * Called by the unit tests of the engines. Nothing in a box reaches the user's cache, PATH or network.
 */
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { ReleaseBases } from '../../deploy/local/engines/releases.ts';
import type { Progress } from '../../deploy/local/progress.ts';
import { findFreePort } from '../../deploy/local/servers/find-free-port.ts';
import { type LocalSettings, readSettings } from '../../deploy/local/settings.ts';

export interface Box {
  folder: string;
  /** The only folder on PATH besides the system's own tools. */
  bin: string;
  /** Everything said to the user, as `kind: text`. */
  said: string[];
  progress: Progress;
  settings(environment?: Record<string, string>): LocalSettings;
}

export async function makeBox(): Promise<Box> {
  const folder = await mkdtemp(join(tmpdir(), 'engines-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const said: string[] = [];
  const progress: Progress = {
    step: (text) => said.push(`step: ${text}`),
    detail: (text) => said.push(`detail: ${text}`),
    done: (text) => said.push(`done: ${text}`),
  };
  const settings = (environment: Record<string, string> = {}) =>
    readSettings({ PATH: bin, XDG_CACHE_HOME: join(folder, 'cache'), ...environment });
  return { folder, bin, said, progress, settings };
}

/** A program that prints this text, whatever it is asked. */
export async function makeProgram(path: string, prints: string): Promise<string> {
  return makeScript(path, `echo '${prints}'`);
}

/** A shell script; the system's own tools are on its PATH. */
export async function makeScript(path: string, script: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

/** A Go that notes each build in the file `builds` beside it and makes a program which prints `built`. */
export async function makeGo(bin: string, { version = '1.26.8', beforeBuild = '' } = {}): Promise<string> {
  const build = [
    `echo "$PWD $*" >> '${join(bin, 'builds')}'`,
    beforeBuild,
    'while [ "$1" != "-o" ]; do shift; done',
    `printf '#!/bin/sh\\necho built\\n' > "$2"`,
  ].join('\n');
  return makeScript(
    join(bin, 'go'),
    `if [ "$1" = version ]; then echo 'go version go${version} linux/amd64'; exit 0; fi\n${build}`,
  );
}

/** What a publisher has under a path: content, silence, its beginning and then silence, or one character every so often. */
export type Published =
  | Buffer
  | string
  | { hangs: true }
  | { breaksOffAfter: string }
  | { trickles: string; everyMs: number };

export interface Publisher {
  bases: ReleaseBases;
  host: string;
  /** Paths that were asked for, in order. */
  requests: string[];
}

export async function makePublisher(files: Readonly<Record<string, Published>>): Promise<Publisher> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    const published = files[path];
    if (published === undefined) response.writeHead(404).end('not found');
    else if (typeof published === 'string' || Buffer.isBuffer(published)) response.end(published);
    else if ('breaksOffAfter' in published) {
      response.writeHead(200, { 'content-length': 1e6 }).write(published.breaksOffAfter);
    } else if ('trickles' in published) void trickle(response, published);
  });
  const port = await findFreePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { bases: basesAt(port), host: `127.0.0.1:${port}`, requests };
}

async function trickle(response: ServerResponse, { trickles, everyMs }: { trickles: string; everyMs: number }) {
  for (const character of trickles) {
    response.write(character);
    await sleep(everyMs);
  }
  response.end();
}

/** Publishers that nobody can reach: the port was free a moment ago. */
export async function unreachablePublishers(): Promise<ReleaseBases> {
  return basesAt(await findFreePort());
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function basesAt(port: number): ReleaseBases {
  const base = `http://127.0.0.1:${port}`;
  return { kubernetes: `${base}/kubernetes`, etcd: `${base}/etcd`, temporal: `${base}/temporal`, helm: `${base}/helm` };
}
