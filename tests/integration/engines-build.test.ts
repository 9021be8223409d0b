/** Building an engine from its pinned module: with which Go, with which flags, once, and never half. */
import { access, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cachedPath } from '../../deploy/local/engines/engine-cache.ts';
import { factsOf } from '../../deploy/local/engines/engine-facts.ts';
import { holdLock } from '../../deploy/local/engines/hold-lock.ts';
import { resolveEngine } from '../../deploy/local/engines/resolve-engine.ts';
import { type Box, makeBox, makeGo, unreachablePublishers } from '../engines/make-box.ts';

const facts = factsOf('kube-scheduler');

async function build(box: Box): Promise<string> {
  const releases = await unreachablePublishers();
  return resolveEngine('kube-scheduler', { settings: box.settings(), progress: box.progress, releases });
}

async function buildsOf(box: Box): Promise<string[]> {
  const log = await readFile(join(box.bin, 'builds'), 'utf8').catch(() => '');
  return log.split('\n').filter((line) => line !== '');
}

describe('building an engine', () => {
  it('stamps the version, runs inside the pinned module, and says beforehand how long it takes', async () => {
    const box = await makeBox();
    await makeGo(box.bin);
    expect(await build(box)).toBe(cachedPath(facts, box.settings()));
    const [build1] = await buildsOf(box);
    expect(build1).toMatch(/deploy\/local\/modules\/kubernetes build -trimpath -ldflags /);
    expect(build1).toContain('gitVersion=v1.36.3 -X k8s.io/component-base/version.gitMajor=1');
    expect(build1).toMatch(/ k8s\.io\/kubernetes\/cmd\/kube-scheduler$/);
    expect(box.said).toContainEqual('step: Building kube-scheduler 1.36.3 with Go: about 10 s, once');
  });

  it('happens once: the second search finds the cache', async () => {
    const box = await makeBox();
    await makeGo(box.bin);
    expect(await build(box)).toBe(await build(box));
    expect(await buildsOf(box)).toHaveLength(1);
  });

  it('happens once although two searches want the same engine at the same time', async () => {
    const box = await makeBox();
    await makeGo(box.bin, { beforeBuild: 'sleep 0.3' });
    const [first, second] = await Promise.all([build(box), build(box)]);
    expect(first).toBe(second);
    expect(await buildsOf(box)).toHaveLength(1);
    expect(box.said.filter((line) => line.startsWith('step: Waiting for another process'))).toHaveLength(1);
  });

  it('leaves nothing in the cache when it fails, and quotes what the compiler said', async () => {
    const box = await makeBox();
    await makeGo(box.bin, {
      beforeBuild: 'while [ "$1" != "-o" ]; do shift; done; echo half > "$2"; echo "undefined: frobnicate" >&2; exit 2',
    });
    await expect(build(box)).rejects.toThrow('"go build" ended with code 2: undefined: frobnicate');
    expect(await readdir(dirname(cachedPath(facts, box.settings())))).toEqual([]);
  });

  it('refuses a Go that is too old and says what to install or to set', async () => {
    const box = await makeBox();
    const go = await makeGo(box.bin, { version: '1.25.9' });
    await expect(build(box)).rejects.toThrow(
      `kube-scheduler cannot be built here. ${go} was passed over: it is version 1.25.9; 1.26 or newer is expected. ` +
        'To go on, install Go 1.26 or newer (https://go.dev/dl), or set KAGENT_HOOKS_KUBE_SCHEDULER to the path of kube-scheduler 1.36.3.',
    );
    expect(await buildsOf(box)).toEqual([]);
  });
});

describe('holdLock', () => {
  it('lets work of different holders happen one after the other', async () => {
    const { folder } = await makeBox();
    let holders = 0;
    let most = 0;
    const work = async () => {
      holders += 1;
      most = Math.max(most, holders);
      await new Promise((resolve) => setTimeout(resolve, 5));
      holders -= 1;
    };
    const timing = { beatMs: 2, staleMs: 5_000 };
    await Promise.all(Array.from({ length: 5 }, () => holdLock(join(folder, 'lock'), work, timing)));
    expect(most).toBe(1);
  });

  it('does not wait for a holder that has died', async () => {
    const { folder } = await makeBox();
    const lock = join(folder, 'lock');
    // A holder that never ends and, with this beat, never touches its lock again.
    void holdLock(lock, () => new Promise(() => {}), { beatMs: 1_000_000 });
    await expect.poll(() => access(lock), { timeout: 4_000 }).toBeUndefined();
    expect(await holdLock(lock, async () => 'mine', { beatMs: 5, staleMs: 50 })).toBe('mine');
  });

  it('waits for a holder that works for longer than a lock may be silent', async () => {
    const { folder } = await makeBox();
    const order: string[] = [];
    const timing = { beatMs: 10, staleMs: 500 };
    const long = holdLock(
      join(folder, 'lock'),
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 1_200));
        order.push('long');
      },
      timing,
    );
    await expect.poll(() => access(join(folder, 'lock')), { timeout: 4_000 }).toBeUndefined();
    await holdLock(join(folder, 'lock'), async () => void order.push('short'), timing);
    await long;
    expect(order).toEqual(['long', 'short']);
  });

  it('gives the lock back when the work fails', async () => {
    const { folder } = await makeBox();
    const lock = join(folder, 'lock');
    await expect(holdLock(lock, () => Promise.reject(new Error('no luck')))).rejects.toThrow('no luck');
    expect(await holdLock(lock, async () => 'again', { staleMs: 60_000 })).toBe('again');
  });
});
