/**
 * Lets a process find its ServiceAccount below a folder instead of below `/`, as in a container whose root that folder is.
 *
 * Imported before the program by kubelet.ts. Changes where the client library looks, and nothing else.
 */
import { KubeConfig } from '@kubernetes/client-node';

const name = 'loadFromCluster' satisfies keyof KubeConfig;
const load: unknown = Reflect.get(KubeConfig.prototype, name);
if (typeof load !== 'function') throw new Error(`KubeConfig has no ${name} any more.`);
const mounted = new Proxy(load, {
  apply: (original, config: object): unknown => Reflect.apply(original, config, [process.env['CONTAINER_ROOT']]),
});
Reflect.set(KubeConfig.prototype, name, mounted);
