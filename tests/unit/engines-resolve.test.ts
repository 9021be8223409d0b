/** The order in which an engine is looked for, and what is said about each place that did not have it. */
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cachedPath } from '../../deploy/local/engines/engine-cache.ts';
import { factsOf } from '../../deploy/local/engines/engine-facts.ts';
import { resolveEngine } from '../../deploy/local/engines/resolve-engine.ts';
import {
  makeBox,
  makeGo,
  makeProgram,
  makePublisher,
  makeScript,
  sha256,
  unreachablePublishers,
} from '../engines/make-box.ts';

const apiserver = factsOf('kube-apiserver');
const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
const published = `/kubernetes/v1.36.3/bin/linux/${arch}/kube-apiserver`;

describe('resolveEngine', () => {
  it('takes the explicit setting, then PATH, then the cache, then the release, then the build', async () => {
    const box = await makeBox();
    const program = '#!/bin/sh\necho downloaded\n';
    const { bases } = await makePublisher({ [published]: program, [`${published}.sha256`]: sha256(program) });
    const set = await makeProgram(join(box.folder, 'set', 'apiserver'), 'Kubernetes v1.36.1');
    const onPath = await makeProgram(join(box.bin, 'kube-apiserver'), 'Kubernetes v1.36.1');
    const cached = await makeProgram(cachedPath(apiserver, box.settings()), 'never asked');
    await makeGo(box.bin);
    const resolve = async (environment = {}, releases = bases) => {
      const settings = box.settings({ PATH: '', ...environment });
      return resolveEngine('kube-apiserver', { settings, progress: box.progress, releases });
    };

    expect(await resolve({ PATH: box.bin, KAGENT_HOOKS_KUBE_APISERVER: set })).toBe(set);
    expect(await resolve({ PATH: box.bin })).toBe(onPath);
    expect(await resolve()).toBe(cached);
    const fresh = { XDG_CACHE_HOME: join(box.folder, 'cache-2') };
    expect(await readFile(await resolve(fresh), 'utf8')).toBe(program);
    const goOnly = join(box.folder, 'go-only');
    await makeGo(goOnly);
    const built = await resolve(
      { PATH: goOnly, XDG_CACHE_HOME: join(box.folder, 'cache-3') },
      await unreachablePublishers(),
    );
    expect(await readFile(built, 'utf8')).toContain('echo built');
  });

  it.each([
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'etcd',
    'temporal',
    'kubectl',
    'helm',
  ] as const)('reads the setting of %s from its own variable', async (name) => {
    const box = await makeBox();
    const path = await makeProgram(join(box.folder, 'mine'), factsOf(name).version);
    const variable = `KAGENT_HOOKS_${name.toUpperCase().replaceAll('-', '_')}`;
    const settings = box.settings({ [variable]: path });
    expect(await resolveEngine(name, { settings, progress: box.progress })).toBe(path);
  });

  it('refuses a set path that is no program, although PATH has a good one', async () => {
    const box = await makeBox();
    await makeProgram(join(box.bin, 'etcd'), 'etcd Version: 3.6.16');
    const settings = box.settings({ KAGENT_HOOKS_ETCD: join(box.folder, 'nothing') });
    await expect(resolveEngine('etcd', { settings, progress: box.progress })).rejects.toThrow(
      /^KAGENT_HOOKS_ETCD is ".*nothing", which is not an executable file\.$/,
    );
  });

  it('refuses a set program that does not answer for its version', async () => {
    const box = await makeBox();
    const path = await makeScript(join(box.folder, 'broken'), 'exit 3');
    const settings = box.settings({ KAGENT_HOOKS_ETCD: path });
    await expect(resolveEngine('etcd', { settings, progress: box.progress })).rejects.toThrow(
      'which did not answer "--version"',
    );
  });

  it('uses a set program of another version, but says so', async () => {
    const box = await makeBox();
    const path = await makeProgram(join(box.folder, 'old'), 'etcd Version: 3.4.30');
    const settings = box.settings({ KAGENT_HOOKS_ETCD: path });
    expect(await resolveEngine('etcd', { settings, progress: box.progress })).toBe(path);
    expect(box.said).toEqual(['detail: KAGENT_HOOKS_ETCD is used although it is version 3.4.30; any 3.6 is expected']);
  });

  it('passes over unfit programs on PATH without a word, and finds a fitting one behind them', async () => {
    const box = await makeBox();
    const [first, second, third] = ['a', 'b', 'c'].map((name) => join(box.folder, name, 'kubectl'));
    await makeProgram(first!, 'Client Version: v1.32.4-dispatcher');
    await makeScript(second!, 'exit 1');
    await makeProgram(third!, 'Client Version: v1.35.0');
    const path = ['a', 'b', 'c'].map((name) => join(box.folder, name)).join(':');
    const settings = box.settings({ PATH: path });
    expect(await resolveEngine('kubectl', { settings, progress: box.progress })).toBe(third);

    const unfit = box.settings({ PATH: join(box.folder, 'a') });
    await makeProgram(cachedPath(factsOf('kubectl'), unfit), 'cached');
    await resolveEngine('kubectl', { settings: unfit, progress: box.progress });
    expect(box.said).toEqual([]);
  });

  it('says why it passed over a program on PATH where no other step has one', async () => {
    const box = await makeBox();
    const path = await makeProgram(join(box.bin, 'kubectl'), 'Client Version: v1.32.4-dispatcher');
    const options = { settings: box.settings(), progress: box.progress, releases: await unreachablePublishers() };
    await expect(resolveEngine('kubectl', options)).rejects.toThrow(
      `${path} was passed over: it is version 1.32.4; one within a minor of 1.36 is expected.`,
    );
  });

  it('asks a program once although two folders of PATH lead to it', async () => {
    const box = await makeBox();
    await makeScript(join(box.folder, 'real', 'etcd'), `echo asked >> '${join(box.folder, 'log')}'; echo 3.4.0`);
    await symlink(join(box.folder, 'real'), join(box.folder, 'linked'));
    const settings = box.settings({ PATH: `${join(box.folder, 'real')}:${join(box.folder, 'linked')}` });
    await makeProgram(cachedPath(factsOf('etcd'), settings), 'cached');
    await resolveEngine('etcd', { settings, progress: box.progress });
    expect(await readFile(join(box.folder, 'log'), 'utf8')).toBe('asked\n');
  });

  it('uses what is in the cache without starting it', async () => {
    const box = await makeBox();
    const touched = join(box.folder, 'was-started');
    const cached = await makeScript(cachedPath(apiserver, box.settings()), `touch '${touched}'`);
    expect(await resolveEngine('kube-apiserver', { settings: box.settings(), progress: box.progress })).toBe(cached);
    await expect(readFile(touched)).rejects.toThrow('ENOENT');
  });

  it('never uses a file in the cache that is not executable or a folder', async () => {
    const box = await makeBox();
    await mkdir(cachedPath(apiserver, box.settings()), { recursive: true });
    const options = { settings: box.settings(), progress: box.progress, releases: await unreachablePublishers() };
    await expect(resolveEngine('kube-apiserver', options)).rejects.toThrow('is not there yet');
  });

  it('gives all objections and the way out when nothing has the engine', async () => {
    const box = await makeBox();
    const options = { settings: box.settings(), progress: box.progress, releases: await unreachablePublishers() };
    const failure = resolveEngine('kube-apiserver', options);
    await expect(failure).rejects.toThrow(/^kube-apiserver 1\.36\.3 could not be found, fetched or built\./);
    await expect(failure).rejects.toThrow('KAGENT_HOOKS_KUBE_APISERVER is not set.');
    await expect(failure).rejects.toThrow('kube-apiserver is not on PATH.');
    await expect(failure).rejects.toThrow('is not reachable');
    await expect(failure).rejects.toThrow(
      /go is not on PATH\. To go on, install Go 1\.26 or newer .*, or set KAGENT_HOOKS_KUBE_APISERVER to the path of kube-apiserver 1\.36\.3\.$/,
    );
  });
});
