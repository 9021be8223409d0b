/**
 * What may stand in base-url: where Kagent is, and whether it may be called there in the clear.
 *
 * Pure. Its sentences say nothing of the address, which may hold a password.
 */
import { isIP } from 'node:net';
import { isLoopback } from '../../activities/agents/http/proxy-rule.ts';
import type { WorkerConfig } from '../config.ts';

/** Where Kagent's own chart puts it. */
export const stockAddress = 'http://kagent-controller.kagent.svc:8083';

interface Rule {
  protocol: WorkerConfig['KAGENT_PROTOCOL'];
  allowsHttp: boolean;
}

/** What is wrong with the address, as a clause; undefined where nothing is. */
export function flawOfBaseUrl(text: string, { protocol, allowsHttp }: Rule): string | undefined {
  if (/[{}]/.test(text) && protocol !== 'a2a') {
    return 'has braces in it; {namespace} and {name} are filled in with the protocol a2a only';
  }
  const filledIn = text.replaceAll(/\{(?:namespace|name)\}/g, 'x');
  if (/[{}]/.test(filledIn)) return 'expected no other braces than {namespace} and {name}';
  const url = URL.parse(filledIn);
  if (url === null || !/^https?:$/.test(url.protocol)) return 'expected an address such as https://api.kagent.dev';
  if (url.hostname !== URL.parse(text.replaceAll(/\{(?:namespace|name)\}/g, 'y'))?.hostname) {
    return 'expected {namespace} and {name} in the path only: whoever names an agent must not name a host';
  }
  if (allowsHttp || isSafe(url)) return undefined;
  return 'expected https; http only for loopback, for names in the cluster such as kagent-controller.kagent.svc, or with KAGENT_ALLOW_HTTP=true';
}

/** Whether a key can be sent there: encrypted, or without leaving this machine or this cluster. */
function isSafe(url: URL): boolean {
  if (url.protocol === 'https:' || isLoopback(url)) return true;
  const name = url.hostname.replace(/\.$/, '');
  return !name.startsWith('[') && isIP(name) === 0 && /^[^.]+$|\.svc$|\.svc\.cluster\.local$/.test(name);
}
