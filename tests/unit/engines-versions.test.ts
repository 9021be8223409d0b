/** The versions of the engines, and the rules by which another version will do. */
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objectToVersion, readVersion } from '../../deploy/local/engines/check-version.ts';
import { type FittingRule, factsOf } from '../../deploy/local/engines/engine-facts.ts';
import { type EngineName, engineVersions } from '../../deploy/local/versions.ts';

const names = Object.keys(engineVersions).filter((name): name is EngineName => name in engineVersions);

const pinned: Record<EngineName, string> = {
  temporal: 'github.com/temporalio/cli',
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes',
  'kube-controller-manager': 'k8s.io/kubernetes',
  'kube-scheduler': 'k8s.io/kubernetes',
  kubectl: 'k8s.io/kubernetes',
  helm: 'helm.sh/helm/v4',
};

describe('versions.ts', () => {
  it.each(names)('names the version of %s that its go.mod pins and its tools.go imports', async (name) => {
    const folder = new URL(`../../deploy/local/modules/${factsOf(name).project}/`, import.meta.url);
    const goMod = await readFile(new URL('go.mod', folder), 'utf8');
    const tools = await readFile(new URL('tools.go', folder), 'utf8');
    const required = goMod.split('\n').flatMap((line) => /^(?:require)?\s*(\S+) v(\S+)$/.exec(line)?.slice(1, 3) ?? []);
    expect(required[required.indexOf(pinned[name]) + 1]).toBe(engineVersions[name]);
    expect(tools).toContain(`_ "${factsOf(name).goPackage}"`);
  });

  it.each(names)('stamps %s with its own version where the program would not know it', (name) => {
    const { ldflags } = factsOf(name);
    if (name === 'etcd') return expect(ldflags).toBe('-s -w');
    return expect(ldflags).toMatch(new RegExp(`-X \\S+=v?${engineVersions[name].replaceAll('.', '\\.')}( |$)`));
  });
});

describe('readVersion', () => {
  it.each([
    ['temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)', { major: 1, minor: 8, patch: 2 }],
    ['etcd Version: 3.6.16\nGit SHA: unknown\nGo Version: go1.26.8', { major: 3, minor: 6, patch: 16 }],
    ['Kubernetes v1.36.3', { major: 1, minor: 36, patch: 3 }],
    ['Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0', { major: 1, minor: 32, patch: 4 }],
    ['go version go1.27rc1 linux/amd64', { major: 1, minor: 27, patch: 0 }],
    ['no number here', undefined],
  ])('reads the first version in "%s"', (printed, version) => {
    expect(readVersion(printed)).toEqual(version);
  });

  it('finds any version behind any text without digits', () => {
    const part = fc.nat(999);
    const noise = fc.string().map((text) => text.replaceAll(/[\d.]/g, ''));
    fc.assert(
      fc.property(noise, fc.tuple(part, part, part), (text, [major, minor, patch]) => {
        expect(readVersion(`${text}${major}.${minor}.${patch} 9.9.9`)).toEqual({ major, minor, patch });
      }),
    );
  });
});

describe('objectToVersion', () => {
  const cases: [FittingRule, string, boolean][] = [
    ['same-minor', 'v1.36.0', true],
    ['same-minor', 'v1.36.99', true],
    ['same-minor', 'v1.35.3', false],
    ['same-minor', 'v1.37.3', false],
    ['same-minor', 'v2.36.3', false],
    ['near-minor', 'v1.35.0', true],
    ['near-minor', 'v1.37.9', true],
    ['near-minor', 'v1.34.9', false],
    ['near-minor', 'v1.38.0', false],
    ['same-minor-or-newer', 'v1.36.0', true],
    ['same-minor-or-newer', 'v1.40.0', true],
    ['same-minor-or-newer', 'v1.35.9', false],
    ['same-minor-or-newer', 'v2.40.0', false],
    ['same-minor-or-newer', 'v0.0.0-DEV', false],
  ];
  it.each(cases)('by the rule %s, %s instead of 1.36.3 fits: %s', (rule, printed, fits) => {
    expect(objectToVersion(printed, '1.36.3', rule) === undefined).toBe(fits);
  });

  it('says what was found and what was expected', () => {
    expect(objectToVersion('Client Version: v1.32.4', '1.36.3', 'near-minor')).toBe(
      'it is version 1.32.4; one within a minor of 1.36 is expected',
    );
  });
});
