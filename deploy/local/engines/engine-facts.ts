/**
 * What is known about each engine: how it prints its version, which versions fit, how it is built.
 *
 * Touches nothing. A new engine is a line in versions.ts and here.
 */
import { type EngineName, engineVersions } from '../versions.ts';

/** Which other versions will do: the same minor, one minor up or down, or the same minor and any newer one. */
export type FittingRule = 'same-minor' | 'near-minor' | 'same-minor-or-newer';

export interface EngineFacts {
  name: EngineName;
  version: string;
  /** Arguments that make the program print its version and end, without asking any server. */
  versionArgs: readonly string[];
  fits: FittingRule;
  /** Who publishes its releases; also the folder under `modules` whose go.mod pins the sources. */
  project: 'kubernetes' | 'etcd' | 'temporal' | 'helm';
  goPackage: string;
  ldflags: string;
  /** Measured on two cores with an empty Go cache, in the order in which the demo asks for them. */
  buildSeconds: number;
}

const kubernetesVersion = engineVersions['kube-apiserver'];
const [major, minor] = kubernetesVersion.split('.');
const stamp = 'k8s.io/component-base/version';

/** Without the stamp the server reports v0.0.0, and clients that look at the version misbehave. */
const kubernetesFlags = `-s -w -X ${stamp}.gitVersion=v${kubernetesVersion} -X ${stamp}.gitMajor=${major} -X ${stamp}.gitMinor=${minor}`;

type OwnFacts = Omit<EngineFacts, 'name' | 'version'>;

const facts: Record<EngineName, OwnFacts> = {
  temporal: {
    versionArgs: ['--version'],
    fits: 'same-minor-or-newer',
    project: 'temporal',
    goPackage: 'github.com/temporalio/cli/cmd/temporal',
    ldflags: `-s -w -X github.com/temporalio/cli/internal/temporalcli.Version=${engineVersions.temporal}`,
    buildSeconds: 400,
  },
  etcd: {
    versionArgs: ['--version'],
    fits: 'same-minor',
    project: 'etcd',
    goPackage: 'go.etcd.io/etcd/server/v3',
    ldflags: '-s -w',
    buildSeconds: 45,
  },
  'kube-apiserver': kubernetes('kube-apiserver', 280),
  'kube-controller-manager': kubernetes('kube-controller-manager', 90),
  'kube-scheduler': kubernetes('kube-scheduler', 10),
  // Kubernetes supports a kubectl one minor away from its server.
  kubectl: { ...kubernetes('kubectl', 40), fits: 'near-minor', versionArgs: ['version', '--client'] },
  helm: {
    versionArgs: ['version', '--short'],
    fits: 'same-minor-or-newer',
    project: 'helm',
    goPackage: 'helm.sh/helm/v4/cmd/helm',
    ldflags: `-s -w -X helm.sh/helm/v4/internal/version.version=v${engineVersions.helm}`,
    buildSeconds: 120,
  },
};

export function factsOf(name: EngineName): EngineFacts {
  return { name, version: engineVersions[name], ...facts[name] };
}

function kubernetes(name: EngineName, buildSeconds: number): OwnFacts {
  return {
    versionArgs: ['--version'],
    fits: 'same-minor',
    project: 'kubernetes',
    goPackage: `k8s.io/kubernetes/cmd/${name}`,
    ldflags: kubernetesFlags,
    buildSeconds,
  };
}
