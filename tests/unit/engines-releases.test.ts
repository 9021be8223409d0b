/** Where publishers keep their files, and how a file's checksum is read from their lists. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factsOf } from '../../deploy/local/engines/engine-facts.ts';
import { checksumFor, officialReleases, releaseOf } from '../../deploy/local/engines/releases.ts';

describe('releaseOf', () => {
  it('knows where the publishers keep their files', () => {
    const linux = { platform: 'linux', arch: 'x64' };
    const urls = (['kube-apiserver', 'etcd', 'temporal', 'helm'] as const).map((name) =>
      releaseOf(factsOf(name), officialReleases, linux),
    );
    expect(urls).toEqual([
      {
        url: 'https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-apiserver',
        checksumUrl: 'https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-apiserver.sha256',
      },
      {
        url: 'https://github.com/etcd-io/etcd/releases/download/v3.6.16/etcd-v3.6.16-linux-amd64.tar.gz',
        checksumUrl: 'https://github.com/etcd-io/etcd/releases/download/v3.6.16/SHA256SUMS',
        member: 'etcd-v3.6.16-linux-amd64/etcd',
      },
      {
        url: 'https://github.com/temporalio/cli/releases/download/v1.8.2/temporal_cli_1.8.2_linux_amd64.tar.gz',
        checksumUrl: 'https://github.com/temporalio/cli/releases/download/v1.8.2/checksums.txt',
        member: 'temporal',
      },
      {
        url: 'https://get.helm.sh/helm-v4.3.1-linux-amd64.tar.gz',
        checksumUrl: 'https://get.helm.sh/helm-v4.3.1-linux-amd64.tar.gz.sha256sum',
        member: 'linux-amd64/helm',
      },
    ]);
  });

  it.each([
    ['kube-apiserver', { platform: 'darwin', arch: 'arm64' }, false],
    ['kubectl', { platform: 'darwin', arch: 'arm64' }, true],
    ['etcd', { platform: 'darwin', arch: 'arm64' }, false],
    ['temporal', { platform: 'darwin', arch: 'x64' }, true],
    ['helm', { platform: 'darwin', arch: 'arm64' }, true],
    ['temporal', { platform: 'win32', arch: 'x64' }, false],
    ['etcd', { platform: 'linux', arch: 'riscv64' }, false],
  ] as const)('has a file of %s for %o: %s', (name, machine, exists) => {
    const release = releaseOf(factsOf(name), officialReleases, machine);
    expect(release !== undefined).toBe(exists);
  });
});

describe('checksumFor', () => {
  const hex = fc
    .array(fc.constantFrom(...'0123456789abcdef'.split('')), { minLength: 64, maxLength: 64 })
    .map((digits) => digits.join(''));
  const name = fc.stringMatching(/^[a-z][\w.-]{0,30}$/);

  it('finds each file of any list, and no other', () => {
    const list = fc.uniqueArray(fc.tuple(name, hex), { selector: ([file]) => file, minLength: 2 });
    fc.assert(
      fc.property(list, fc.constantFrom('  ', ' *', '\t'), (files, gap) => {
        const text = files.map(([file, hash]) => `${hash}${gap}${file}\n`).join('');
        for (const [file, hash] of files) expect(checksumFor(file, text)).toBe(hash);
        expect(checksumFor('0-not-in-the-list', text)).toBeUndefined();
      }),
    );
  });

  it('takes a file that has nothing but a hash, and nothing that is no SHA-256', () => {
    expect(checksumFor('kubectl', `${'AB'.repeat(32)}\n`)).toBe('ab'.repeat(32));
    expect(checksumFor('kubectl', 'ab'.repeat(20))).toBeUndefined();
    expect(checksumFor('kubectl', '')).toBeUndefined();
    expect(checksumFor('kubectl', `${'ab'.repeat(32)}  kubectl.exe`)).toBeUndefined();
  });
});
