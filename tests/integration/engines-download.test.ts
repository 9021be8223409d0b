/** Downloads: only what the publisher's own list vouches for is kept, and a network that is not there costs little. */
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cachedPath } from '../../deploy/local/engines/engine-cache.ts';
import { factsOf } from '../../deploy/local/engines/engine-facts.ts';
import { createNetwork, type Network } from '../../deploy/local/engines/network.ts';
import { resolveEngine } from '../../deploy/local/engines/resolve-engine.ts';
import type { EngineName } from '../../deploy/local/versions.ts';
import { type Box, makeBox, makeGo, makePublisher, makeScript, type Publisher, sha256 } from '../engines/make-box.ts';

const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
const kubectl = `/kubernetes/v1.36.3/bin/linux/${arch}/kubectl`;
const program = '#!/bin/sh\necho downloaded\n';
const patient = () => createNetwork({ answerTimeoutMs: 4_000, stallTimeoutMs: 4_000 });

function fetchEngine(name: EngineName, box: Box, { bases, network = patient() }: Publisher & { network?: Network }) {
  return resolveEngine(name, { settings: box.settings(), progress: box.progress, releases: bases, network });
}

async function cacheEntry(name: EngineName, box: Box): Promise<string[]> {
  return readdir(dirname(cachedPath(factsOf(name), box.settings()))).catch(() => []);
}

/** An archive as etcd and Temporal publish them. */
async function pack(box: Box, member: string): Promise<Buffer> {
  const folder = join(box.folder, 'packed');
  await mkdir(dirname(join(folder, member)), { recursive: true });
  await writeFile(join(folder, member), program);
  await writeFile(join(folder, 'LICENSE'), 'text');
  const archive = join(box.folder, 'archive.tar.gz');
  execFileSync('tar', ['-czf', archive, '-C', folder, 'LICENSE', member]);
  return readFile(archive);
}

describe.runIf(process.platform === 'linux')('a download', () => {
  it('is kept, executable and alone, when its checksum is the published one', async () => {
    const box = await makeBox();
    const publisher = await makePublisher({ [kubectl]: program, [`${kubectl}.sha256`]: sha256(program) });
    const path = await fetchEngine('kubectl', box, publisher);
    expect(execFileSync(path, { encoding: 'utf8' })).toBe('downloaded\n');
    expect(await cacheEntry('kubectl', box)).toEqual(['kubectl']);
    expect(box.said).toContainEqual('done: kubectl 1.36.3 downloaded, checksum verified');
  });

  it('is unpacked from the archives of etcd and of Temporal', async () => {
    const box = await makeBox();
    await makeScript(join(box.bin, 'tar'), 'exec tar "$@"');
    const etcdName = `etcd-v3.6.16-linux-${arch}`;
    const etcd = await pack(box, `${etcdName}/etcd`);
    const temporal = await pack(box, 'temporal');
    const temporalName = `temporal_cli_1.8.2_linux_${arch}.tar.gz`;
    const publisher = await makePublisher({
      [`/etcd/v3.6.16/${etcdName}.tar.gz`]: etcd,
      '/etcd/v3.6.16/SHA256SUMS': `${sha256('other')}  etcd-v3.6.16-linux-riscv64.tar.gz\n${sha256(etcd)}  ${etcdName}.tar.gz\n`,
      [`/temporal/v1.8.2/${temporalName}`]: temporal,
      '/temporal/v1.8.2/checksums.txt': `${sha256(temporal)}  ${temporalName}\n`,
    });
    expect(await readFile(await fetchEngine('etcd', box, publisher), 'utf8')).toBe(program);
    expect(await readFile(await fetchEngine('temporal', box, publisher), 'utf8')).toBe(program);
    expect(await cacheEntry('etcd', box)).toEqual(['etcd']);
  });

  it('with a wrong checksum is refused, deleted, and built instead, with the reason reported', async () => {
    const box = await makeBox();
    await makeGo(box.bin);
    const publisher = await makePublisher({ [kubectl]: `${program}# evil`, [`${kubectl}.sha256`]: sha256(program) });
    const path = await fetchEngine('kubectl', box, publisher);
    expect(await readFile(path, 'utf8')).toContain('echo built');
    expect(await cacheEntry('kubectl', box)).toEqual(['kubectl']);
    expect(box.said.find((line) => line.includes('was refused'))).toContain(
      `its SHA-256 is ${sha256(`${program}# evil`)}; the publisher's list says ${sha256(program)}`,
    );
  });

  it('is not even begun when the list does not name the file', async () => {
    const box = await makeBox();
    const publisher = await makePublisher({ [kubectl]: program, [`${kubectl}.sha256`]: '<html>sign in first</html>' });
    await expect(fetchEngine('kubectl', box, publisher)).rejects.toThrow('has no SHA-256 for kubectl');
    expect(publisher.requests).toEqual([`${kubectl}.sha256`]);
  });

  it('that the publisher does not have leaves nothing behind and does not condemn the host', async () => {
    const box = await makeBox();
    const publisher = await makePublisher({ [`${kubectl}.sha256`]: sha256(program) });
    const shared = patient();
    const options = { settings: box.settings(), progress: box.progress, releases: publisher.bases, network: shared };
    await expect(resolveEngine('kubectl', options)).rejects.toThrow(
      `answered 404 for http://${publisher.host}${kubectl}`,
    );
    expect(await cacheEntry('kubectl', box)).toEqual([]);
    await expect(resolveEngine('kubectl', options)).rejects.toThrow('404');
  });

  it('that breaks off is thrown away', async () => {
    const box = await makeBox();
    const publisher = await makePublisher({
      [kubectl]: { breaksOffAfter: program },
      [`${kubectl}.sha256`]: sha256(program),
    });
    const network = createNetwork({ answerTimeoutMs: 4_000, stallTimeoutMs: 300 });
    const failure = expect(fetchEngine('kubectl', box, { ...publisher, network })).rejects.toThrow(
      'broke off: nothing came for 300 ms',
    );
    // While it runs, only a folder that nobody takes for an engine.
    await expect
      .poll(() => cacheEntry('kubectl', box), { timeout: 4_000 })
      .toEqual([expect.stringMatching(/^\.partial-/)]);
    await failure;
    expect(await cacheEntry('kubectl', box)).toEqual([]);
  });

  it('may be slow, as long as something comes', async () => {
    const box = await makeBox();
    const publisher = await makePublisher({
      [kubectl]: { trickles: 'slow and steady', everyMs: 50 },
      [`${kubectl}.sha256`]: sha256('slow and steady'),
    });
    const network = createNetwork({ stallTimeoutMs: 500 });
    const path = await fetchEngine('kubectl', box, { ...publisher, network });
    expect(await readFile(path, 'utf8')).toBe('slow and steady');
  });

  it('removes what a process that died left long ago, and nothing younger', async () => {
    const box = await makeBox();
    const publisher = await makePublisher({ [kubectl]: program, [`${kubectl}.sha256`]: sha256(program) });
    const entry = dirname(cachedPath(factsOf('kubectl'), box.settings()));
    await mkdir(join(entry, '.partial-old'), { recursive: true });
    await mkdir(join(entry, '.partial-young'));
    const twoHoursAgo = new Date(Date.now() - 7_200_000);
    await utimes(join(entry, '.partial-old'), twoHoursAgo, twoHoursAgo);
    await fetchEngine('kubectl', box, publisher);
    expect(await cacheEntry('kubectl', box)).toEqual(['.partial-young', 'kubectl']);
  });

  it('from a host that does not answer is given up in time, and the host is not asked again in this run', async () => {
    const box = await makeBox();
    const publisher = await makePublisher({
      [`${kubectl}.sha256`]: { hangs: true },
      [`/kubernetes/v1.36.3/bin/linux/${arch}/kube-scheduler.sha256`]: { hangs: true },
    });
    const network = createNetwork({ answerTimeoutMs: 200 });
    const options = { settings: box.settings(), progress: box.progress, releases: publisher.bases, network };
    await expect(resolveEngine('kubectl', options)).rejects.toThrow(
      `${publisher.host} is not reachable: no answer within 200 ms.`,
    );
    await expect(resolveEngine('kube-scheduler', options)).rejects.toThrow('is not reachable, as was found before');
    expect(publisher.requests).toEqual([`${kubectl}.sha256`]);
  });
});
