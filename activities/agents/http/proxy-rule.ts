/**
 * Which proxy a call goes through, by the values of HTTP_PROXY, HTTPS_PROXY and NO_PROXY.
 *
 * This machine is never called through a proxy, which would be shown the key. Pure; looks up no host name, so that addresses
 * in NO_PROXY concern only URLs that hold an address.
 */
import { BlockList, isIP } from 'node:net';

export interface ProxySettings {
  /** Address of the proxy for http, and for https where `httpsProxy` is not given. */
  httpProxy?: string | undefined;
  httpsProxy?: string | undefined;
  /** Hosts that are called directly, separated by commas or blanks. */
  noProxy?: string | undefined;
}

type Exception = (target: { host: string; port: string }) => boolean;

/** Returns the function that names the proxy of a URL; undefined means a direct connection. */
export function createProxyRule(settings: ProxySettings): (url: URL) => string | undefined {
  const { httpProxy, httpsProxy = httpProxy, noProxy = '' } = settings;
  const exceptions = noProxy
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(readException);
  return (url) => {
    if (isLoopback(url)) return undefined;
    const isHttps = url.protocol === 'https:';
    const target = { host: bare(url.hostname), port: url.port === '' ? (isHttps ? '443' : '80') : url.port };
    if (exceptions.some((isMeant) => isMeant(target))) return undefined;
    return isHttps ? httpsProxy : httpProxy;
  };
}

const loopbackAddresses = new BlockList();
loopbackAddresses.addSubnet('127.0.0.0', 8, 'ipv4');
loopbackAddresses.addAddress('::1', 'ipv6');

/** Whether it is this machine that is called, by address or by the names that are kept for it. */
export function isLoopback({ hostname }: URL): boolean {
  const host = bare(hostname);
  return isIn(loopbackAddresses, host) || /(^|\.)localhost$/.test(host);
}

/** An entry that means nothing excepts nothing: NO_PROXY is often set for a whole cluster, for many programs. */
function readException(entry: string): Exception {
  if (entry === '*') return () => true;
  if (entry.includes('/')) return readRange(entry);
  // The port is optional; an IPv6 address with one has brackets, as in a URL.
  const { name: written = entry, port } = /^(?<name>\[[^\]]*\]|[^:]*):(?<port>\d+)$/.exec(entry)?.groups ?? {};
  const name = bare(written);
  const isMeant = isIP(name) === 0 ? readDomain(name) : readRange(`${name}/${isIP(name) === 4 ? 32 : 128}`);
  return (target) => (port === undefined || port === target.port) && isMeant(target);
}

/** `10.0.0.0/8` or `fd00::/8`. */
function readRange(entry: string): Exception {
  const [address = '', prefix = ''] = entry.split('/').map(bare);
  const family = isIP(address);
  if (family === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 4 ? 32 : 128)) return () => false;
  const range = new BlockList();
  range.addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
  return ({ host }) => isIn(range, host);
}

/** `example.com` means the host and all below it; `.example.com` and `*.example.com` mean only those below it. */
function readDomain(name: string): Exception {
  const below = name.startsWith('*.') ? name.slice(1) : name.startsWith('.') ? name : `.${name}`;
  return ({ host }) => host === name || (isIP(host) === 0 && host.endsWith(below));
}

/** Without the brackets of IPv6 and the dot of a name that is complete; in lower case. */
function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

function isIn(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
