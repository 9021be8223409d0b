/**
 * Where the publishers keep their releases, and how they list checksums.
 *
 * Pure. Every release is checked against the publisher's own list; no hash stands in this code.
 */
import type { EngineFacts } from './engine-facts.ts';

/** Base URL of the releases of each project, without a final slash; parameters, for mirrors and tests. */
export type ReleaseBases = Readonly<Record<EngineFacts['project'], string>>;

export const officialReleases: ReleaseBases = {
  kubernetes: 'https://dl.k8s.io/release',
  etcd: 'https://github.com/etcd-io/etcd/releases/download',
  temporal: 'https://github.com/temporalio/cli/releases/download',
  helm: 'https://get.helm.sh',
};

export interface Release {
  url: string;
  checksumUrl: string;
  /** Path of the program inside the .tar.gz; absent where the file is the program itself. */
  member?: string;
}

const goArchs: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** The published file for this machine; undefined where the publisher has none, or none in a form that is read here. */
export function releaseOf(
  facts: EngineFacts,
  bases: ReleaseBases,
  machine: { platform: string; arch: string },
): Release | undefined {
  const arch = goArchs[machine.arch];
  if (arch === undefined || !isPublishedFor(facts, machine.platform)) return undefined;
  const folder = `${bases[facts.project]}/v${facts.version}`;
  const system = `${machine.platform}-${arch}`;
  if (facts.project === 'kubernetes') {
    const url = `${folder}/bin/${machine.platform}/${arch}/${facts.name}`;
    return { url, checksumUrl: `${url}.sha256` };
  }
  if (facts.project === 'etcd') {
    const name = `etcd-v${facts.version}-${system}`;
    return { url: `${folder}/${name}.tar.gz`, checksumUrl: `${folder}/SHA256SUMS`, member: `${name}/etcd` };
  }
  if (facts.project === 'helm') {
    const url = `${bases.helm}/helm-v${facts.version}-${system}.tar.gz`;
    return { url, checksumUrl: `${url}.sha256sum`, member: `${system}/helm` };
  }
  const archive = `temporal_cli_${facts.version}_${machine.platform}_${arch}.tar.gz`;
  return { url: `${folder}/${archive}`, checksumUrl: `${folder}/checksums.txt`, member: 'temporal' };
}

/** Kubernetes publishes its servers for Linux only; etcd packs other systems as zip. */
function isPublishedFor(facts: EngineFacts, platform: string): boolean {
  if (platform === 'linux') return true;
  return platform === 'darwin' && ['kubectl', 'temporal', 'helm'].includes(facts.name);
}

/** The SHA-256 of a file from a publisher's list: lines of `hash  name`, or one bare hash. */
export function checksumFor(file: string, list: string): string | undefined {
  const lines = list.split('\n').map((line) => line.trim().split(/\s+/));
  const named = lines.find(([, name]) => name?.replace(/^\*/, '') === file);
  const bare =
    lines.filter(([first]) => first !== '').length === 1 ? lines.find((line) => line.length === 1) : undefined;
  const hash = (named ?? bare)?.[0]?.toLowerCase();
  return hash !== undefined && /^[0-9a-f]{64}$/.test(hash) ? hash : undefined;
}
