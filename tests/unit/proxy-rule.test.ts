/** Which calls to Kagent go through a proxy. */
import { describe, expect, it } from 'vitest';
import { createProxyRule } from '../../activities/agents/http/proxy-rule.ts';

const httpProxy = 'http://proxy:8080';
const httpsProxy = 'http://secure-proxy:8080';

function ask(url: string, settings: Parameters<typeof createProxyRule>[0]): string | undefined {
  return createProxyRule(settings)(new URL(url));
}

describe('the proxy', () => {
  it.each([
    ['of HTTP_PROXY alone is for https as well', 'https://kagent.dev', { httpProxy }, httpProxy],
    ['of HTTP_PROXY is for http', 'http://kagent.dev', { httpProxy, httpsProxy }, httpProxy],
    ['of HTTPS_PROXY is for https', 'https://kagent.dev', { httpProxy, httpsProxy }, httpsProxy],
    ['of HTTPS_PROXY is not for http', 'http://kagent.dev', { httpsProxy }, undefined],
    ['is none where none is set', 'https://kagent.dev', { noProxy: 'x' }, undefined],
  ])('%s', (_, url, settings, expected) => expect(ask(url, settings)).toBe(expected));

  it.each([
    'http://127.0.0.1:8083',
    'https://127.8.9.10',
    'http://2130706433',
    'http://[::1]',
    'http://[::ffff:127.0.0.1]',
    'http://localhost:1',
    'http://LOCALHOST.',
    'https://kagent.localhost',
  ])('never has calls to this machine, as by %s, so that no other is shown the key', (url) =>
    expect(ask(url, { httpProxy, httpsProxy })).toBeUndefined(),
  );

  it.each([
    'http://128.0.0.1',
    'http://[::2]',
    'http://notlocalhost',
    'http://localhost.example',
    'http://127.example',
  ])('has calls to %s, which is another machine', (url) => expect(ask(url, { httpProxy })).toBe(httpProxy));
});

describe('NO_PROXY', () => {
  const isDirect = (noProxy: string, url: string) => ask(url, { httpProxy, noProxy }) === undefined;

  it.each([
    ['*', 'https://kagent.dev'],
    ['kagent.dev', 'https://kagent.dev'],
    ['kagent.dev', 'https://api.kagent.dev'],
    ['Kagent.DEV', 'https://kagent.dev'],
    ['kagent.dev.', 'https://kagent.dev'],
    ['kagent.dev', 'https://kagent.dev.'],
    ['.kagent.dev', 'https://api.kagent.dev'],
    ['*.kagent.dev', 'https://api.eu.kagent.dev'],
    ['.svc,.cluster.local', 'http://kagent.kagent.svc:8083'],
    ['a.example, kagent.dev', 'https://kagent.dev'],
    ['a.example kagent.dev', 'https://kagent.dev'],
    ['kagent.dev:443', 'https://kagent.dev'],
    ['kagent.dev:80', 'http://kagent.dev'],
    ['.dev:8443', 'https://kagent.dev:8443'],
    ['10.1.2.3', 'https://10.1.2.3'],
    ['10.1.2.3:8443', 'https://10.1.2.3:8443'],
    ['10.0.0.0/8', 'https://10.255.0.1:8443'],
    ['10.1.2.3/32', 'https://10.1.2.3'],
    ['0.0.0.0/0', 'https://8.8.8.8'],
    ['localhost,127.0.0.0/8,::1', 'http://127.0.0.1:8080'],
    ['localhost,127.0.0.0/8,::1', 'http://[::1]:8080'],
    ['[::1]:8080', 'http://[::1]:8080'],
    ['fd00::/8', 'https://[fd12:3456::1]'],
    ['[fd00::]/8', 'https://[fd12:3456::1]'],
    ['10.0.0.0/8', 'https://[::ffff:10.1.2.3]'],
    ['0:0:0:0:0:0:0:1', 'https://[::1]'],
    ['10.0.0.0/33,10.1.0.0/16', 'https://10.1.2.3'],
  ])('%s has %s called directly', (noProxy, url) => expect(isDirect(noProxy, url)).toBe(true));

  it.each([
    ['', 'https://kagent.dev'],
    [' , ', 'https://kagent.dev'],
    ['kagent.dev', 'https://notkagent.dev'],
    ['kagent.dev', 'https://kagent.dev.example'],
    ['.kagent.dev', 'https://kagent.dev'],
    ['*.kagent.dev', 'https://kagent.dev'],
    ['api.kagent.dev', 'https://kagent.dev'],
    ['kagent.dev:8443', 'https://kagent.dev'],
    ['10.0.0.0/8', 'https://11.0.0.1'],
    ['10.0.0.0/8', 'https://10.example'],
    ['10.0.0.0/8', 'https://[fd00::1]'],
    ['10.0.0.0/33', 'https://10.0.0.1'],
    ['10.0.0.0/', 'https://10.0.0.1'],
    ['10.0.0.0/x', 'https://10.0.0.1'],
    ['10.0.0/8', 'https://10.0.0.1'],
    ['/8', 'https://10.0.0.1'],
    ['0.1', 'https://10.0.0.1'],
    ['fd00::/129', 'https://[fd00::1]'],
    ['10.1.2.3:8443', 'https://10.1.2.3'],
    ['https://kagent.dev', 'https://kagent.dev'],
  ])('%s has %s called through the proxy', (noProxy, url) => expect(isDirect(noProxy, url)).toBe(false));
});
