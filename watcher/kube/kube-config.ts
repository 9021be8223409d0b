/**
 * Which cluster, and as whom: the Pod's ServiceAccount inside a cluster, else a context that was named.
 *
 * Never takes the current context of a kube config by itself: it may be anybody's production.
 */
import { KubeConfig } from '@kubernetes/client-node';

export interface KubeSource {
  isInCluster: boolean;
  /** Name of a context in the files of KUBECONFIG, or in the default kube config. */
  context: string | undefined;
}

/** Throws a sentence that says what to set. */
export function loadKubeConfig({ isInCluster, context }: KubeSource): KubeConfig {
  const config = new KubeConfig();
  if (context === undefined) {
    if (!isInCluster)
      throw new Error('Not inside a cluster, and KUBECONFIG_CONTEXT is not set; expected the name of a context.');
    config.loadFromCluster();
    return config;
  }
  config.loadFromDefault();
  const known = config.getContexts().map(({ name }) => name);
  if (!known.includes(context)) {
    throw new Error(`KUBECONFIG_CONTEXT is "${context}"; the kube config knows ${known.join(', ') || 'no context'}.`);
  }
  config.setCurrentContext(context);
  return config;
}
