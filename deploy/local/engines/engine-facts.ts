/**
 * What is known about each engine: how it tells its version, which versions fit, how it is built.
 *
 * Touches nothing. A new engine is a line in versions.ts, in settings.ts and here.
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
  publisher: 'kubernetes' | 'etcd' | 'temporal' | 'helm';
  /** Folder under `modules` whose go.mod pins the sources. */
  module: string;
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

const facts: Record<EngineName, EngineFacts> = {
  temporal: {
    name: 'temporal',
    version: engineVersions.temporal,
    versionArgs: ['--version'],
    fits: 'same-minor-or-newer',
    publisher: 'temporal',
    module: 'temporal',
    goPackage: 'github.com/temporalio/cli/cmd/temporal',
    ldflags: `-s -w -X github.com/temporalio/cli/internal/temporalcli.Version=${engineVersions.temporal}`,
    buildSeconds: 400,
  },
  etcd: {
    name: 'etcd',
    version: engineVersions.etcd,
    versionArgs: ['--version'],
    fits: 'same-minor',
    publisher: 'etcd',
    module: 'etcd',
    goPackage: 'go.etcd.io/etcd/server/v3',
    ldflags: '-s -w',
    buildSeconds: 45,
  },
  'kube-apiserver': kubernetes('kube-apiserver', { fits: 'same-minor', buildSeconds: 280 }),
  'kube-controller-manager': kubernetes('kube-controller-manager', { fits: 'same-minor', buildSeconds: 90 }),
  'kube-scheduler': kubernetes('kube-scheduler', { fits: 'same-minor', buildSeconds: 10 }),
  // Kubernetes supports a kubectl one minor away from its server.
  kubectl: { ...kubernetes('kubectl', { fits: 'near-minor', buildSeconds: 40 }), versionArgs: ['version', '--client'] },
  helm: {
    name: 'helm',
    version: engineVersions.helm,
    versionArgs: ['version', '--short'],
    fits: 'same-minor-or-newer',
    publisher: 'helm',
    module: 'helm',
    goPackage: 'helm.sh/helm/v4/cmd/helm',
    ldflags: `-s -w -X helm.sh/helm/v4/internal/version.version=v${engineVersions.helm}`,
    buildSeconds: 120,
  },
};

export function factsOf(name: EngineName): EngineFacts {
  return facts[name];
}

function kubernetes(name: EngineName, { fits, buildSeconds }: Pick<EngineFacts, 'fits' | 'buildSeconds'>): EngineFacts {
  return {
    name,
    version: kubernetesVersion,
    versionArgs: ['--version'],
    fits,
    publisher: 'kubernetes',
    module: 'kubernetes',
    goPackage: `k8s.io/kubernetes/cmd/${name}`,
    ldflags: kubernetesFlags,
    buildSeconds,
  };
}
