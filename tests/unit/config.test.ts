import { describe, expect, it } from 'vitest';
import { readConfig as readWatcherConfig } from '../../watcher/config.ts';
import { readConfig as readWorkerConfig } from '../../workers/config.ts';

describe('the watcher', () => {
  it('needs only its installation, and has defaults for production', () => {
    expect(readWatcherConfig({ INSTALLATION: 'prod' })).toMatchObject({
      INSTALLATION: 'prod',
      POD_PENDING_AFTER: 300_000,
      PROBE_FAILED_AFTER: 30_000,
      QUIET_WINDOW: 600_000,
      REDELIVERY_LIMIT: 86_400_000,
      RUN_TIMEOUT: 1_800_000,
      SIGNAL_EVERY: 10_000,
    });
  });

  it.each([
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['250ms', 250],
    ['2m', 120_000],
  ])('reads the duration %s', (text, ms) => {
    expect(readWatcherConfig({ INSTALLATION: 'p', QUIET_WINDOW: text }).QUIET_WINDOW).toBe(ms);
  });

  it('takes an empty variable for one that is not set, and 0s where never is an answer', () => {
    expect(readWatcherConfig({ INSTALLATION: 'p', QUIET_WINDOW: '', REDELIVERY_LIMIT: '0s' })).toMatchObject({
      QUIET_WINDOW: 600_000,
      REDELIVERY_LIMIT: 0,
    });
  });

  it('watches the namespaces of a list, each once, and all where the list is empty', () => {
    const read = (WATCH_NAMESPACES: string) => readWatcherConfig({ INSTALLATION: 'p', WATCH_NAMESPACES });
    expect(read('shop, payments shop').WATCH_NAMESPACES).toEqual(['shop', 'payments']);
    expect(read('').WATCH_NAMESPACES).toBeUndefined();
    expect(() => read('shop,Ops*')).toThrow(/WATCH_NAMESPACES is "shop,Ops\*"; expected names of namespaces/);
    const many = Array.from({ length: 51 }, (_, n) => `n${n}`).join();
    expect(() => read(many)).toThrow(/expected at most 50/);
  });

  it('lists every problem at once, each with what was found and what was expected', () => {
    const wrong = {
      INSTALLATION: 'Not Good',
      QUIET_WINDOW: '10',
      POD_PENDING_AFTER: '0s',
      RECONCILE_EVERY: '99999999h',
      HEALTH_PORT: 'x',
      LOG_LEVEL: 'loud',
    };
    const complaint = () => readWatcherConfig(wrong);
    for (const text of [
      /6 problem/,
      /INSTALLATION is "Not Good"; expected 1 to 32/,
      /QUIET_WINDOW is "10"; expected a duration/,
      /POD_PENDING_AFTER is "0s"; expected more than 0/,
      /RECONCILE_EVERY is "99999999h"; expected at most 87600h/,
      /HEALTH_PORT is "x"; expected a port/,
      /LOG_LEVEL is "loud";/,
    ]) {
      expect(complaint).toThrow(text);
    }
  });
});

describe('the worker', () => {
  const read = (environment: Record<string, string>) => readWorkerConfig({ INSTALLATION: 'p', ...environment });

  it('knows no proxy and allows no http where nothing is set', () => {
    const config = read({ HTTP_PROXY: '', https_proxy: '' });
    expect(config).toMatchObject({ KAGENT_ALLOW_HTTP: false, MAX_CONCURRENT_AGENT_CALLS: 500 });
    expect([config.HTTP_PROXY, config.HTTPS_PROXY, config.NO_PROXY]).toEqual([undefined, undefined, undefined]);
  });

  it('reads the same durations as the watcher', () => {
    expect(read({}).SHUTDOWN_GRACE).toBe(30_000);
    expect(read({ SHUTDOWN_GRACE: '1m30s' }).SHUTDOWN_GRACE).toBe(90_000);
    expect(() => read({ SHUTDOWN_GRACE: '30' })).toThrow(/SHUTDOWN_GRACE is "30"; expected a duration/);
  });

  it('finds out itself how Kagent is spoken to, and follows a thousand runs', () => {
    const config = read({});
    expect(config).toMatchObject({ KAGENT_PROTOCOL: 'auto', MAX_CONCURRENT_AGENT_RUNS: 1000 });
    expect([config.KAGENT_USER_ID, config.KAGENT_UI_URL, config.KAGENT_HEADERS]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(read({ MAX_CONCURRENT_AGENT_RUNS: '99999' }).MAX_CONCURRENT_AGENT_RUNS).toBe(99_999);
  });

  it('names what is wrong with how Kagent is to be spoken to, and shows no address', () => {
    const wrong = {
      KAGENT_PROTOCOL: 'A2A',
      KAGENT_UI_URL: 'ftp://user:hunter2@ui',
      MAX_CONCURRENT_AGENT_RUNS: '0',
    };
    const complaint = () => read(wrong);
    expect(complaint).toThrow(/3 problem/);
    expect(complaint).toThrow(/KAGENT_PROTOCOL is "A2A";.*"kagent-0"/);
    expect(complaint).toThrow(/KAGENT_UI_URL expected the address of Kagent's UI/);
    expect(complaint).toThrow(/MAX_CONCURRENT_AGENT_RUNS is "0"; expected a whole number from 1 to 99999/);
    expect(complaint).not.toThrow(/hunter2/);
  });

  it('reads the proxy from lower-case variables too, where those in upper case are not set', () => {
    const lower = { http_proxy: 'http://a:1', https_proxy: 'http://b:2', no_proxy: '.svc' };
    expect(read({ ...lower, NO_PROXY: '' })).toMatchObject({
      HTTP_PROXY: 'http://a:1',
      HTTPS_PROXY: 'http://b:2',
      NO_PROXY: '.svc',
    });
    expect(read({ ...lower, HTTP_PROXY: 'http://c:3' })).toMatchObject({
      HTTP_PROXY: 'http://c:3',
      HTTPS_PROXY: 'http://b:2',
    });
  });

  it('takes a proxy without a scheme for an http proxy', () => {
    expect(read({ HTTP_PROXY: ' proxy:8080 ' }).HTTP_PROXY).toBe('http://proxy:8080');
  });

  it('names a proxy that it cannot speak to, and does not show its password', () => {
    const complaint = () => read({ https_proxy: 'socks5://user:hunter2@proxy', KAGENT_ALLOW_HTTP: 'yes' });
    expect(complaint).toThrow(/HTTPS_PROXY expected the address of an http proxy/);
    expect(complaint).toThrow(/KAGENT_ALLOW_HTTP is "yes";/);
    expect(complaint).not.toThrow(/hunter2/);
  });
});
