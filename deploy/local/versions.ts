/**
 * The versions of all engines, in one place.
 *
 * A test compares them with the go.mod of each module.
 */

const kubernetesVersion = '1.36.3';

/** Name of each program and the version that the product is tested with. */
export const engineVersions = {
  temporal: '1.8.2',
  etcd: '3.6.16',
  'kube-apiserver': kubernetesVersion,
  'kube-controller-manager': kubernetesVersion,
  'kube-scheduler': kubernetesVersion,
  kubectl: kubernetesVersion,
  helm: '4.3.1',
} as const;

export type EngineName = keyof typeof engineVersions;

/** Oldest Go (by minor) that builds the pinned modules; for a newer patch, which one of them asks for, Go sees itself. */
export const goMinimum = '1.26';
