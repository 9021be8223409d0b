/**
 * Paths of the API server, made from segments: each is encoded here and nowhere else.
 *
 * Names come from the cluster, and from anybody who may write there:
 * none of them may become more than one segment, nor a query. Of what can be no segment it says what the server would: a
 * KubeError of status 404.
 */
import { KubeError } from './api-server.ts';

/** `pathOf('api', 'v1', 'namespaces', 'shop', 'pods', 'web-0')` */
export function pathOf(...segments: readonly string[]): string {
  return segments.map((segment) => `/${encoded(segment)}`).join('');
}

/** Dots stay dots when they are encoded, and a URL resolves them. */
function encoded(segment: string): string {
  if (segment === '' || segment === '.' || segment === '..' || !segment.isWellFormed())
    throw new KubeError(`Nothing can be called ${JSON.stringify(segment.slice(0, 100))}.`, 404);
  return encodeURIComponent(segment);
}
