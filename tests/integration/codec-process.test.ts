/** The codec server as a process: its configuration, what it says at start, and how it ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../codec/server/config.ts';
import { findFreePort } from '../../deploy/local/servers/find-free-port.ts';
import { aFolder, aKey } from '../unit/codec/key-folder.ts';
import { waitFor } from '../wait-for.ts';

const main = fileURLToPath(new URL('../../codec/server/main.ts', import.meta.url));

function run(env: Record<string, string>) {
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => ({ code, signal }));
  return { child, ended, output: () => output };
}

describe('the configuration of the codec server', () => {
  it('needs nothing but the keys', () => {
    expect(readConfig({ CODEC_KEY_DIR: '/keys', CODEC_TOKEN_FILE: '' })).toEqual({
      CODEC_KEY_DIR: '/keys',
      CODEC_PORT: 8083,
      CODEC_CORS_ORIGIN: [],
      CODEC_BODY_LIMIT: 16_777_216,
      LOG_LEVEL: 'info',
    });
  });

  it('takes several origins', () => {
    const config = readConfig({
      CODEC_KEY_DIR: '/keys',
      CODEC_CORS_ORIGIN: 'http://localhost:8233, https://t.example',
    });
    expect(config.CODEC_CORS_ORIGIN).toEqual(['http://localhost:8233', 'https://t.example']);
  });

  it.each(['*', 'https://t.example/', 'https://T.example', 't.example', 'https://t.example:443', 'file://x', 'null'])(
    'refuses the origin %s, which no browser sends',
    (origin) => {
      expect(() => readConfig({ CODEC_KEY_DIR: '/keys', CODEC_CORS_ORIGIN: origin })).toThrow(
        /expected origins such as/,
      );
    },
  );

  it('lists every problem', () => {
    const complaint = () => readConfig({ CODEC_PORT: '65536', CODEC_BODY_LIMIT: '0', LOG_LEVEL: 'loud' });
    expect(complaint).toThrow(/4 problem\(s\):\n {2}CODEC_KEY_DIR is not set/);
    expect(complaint).toThrow(/CODEC_PORT is "65536"; expected a port number/);
  });

  it.each(['CODEC_TLS_CERT_FILE', 'CODEC_TLS_KEY_FILE'])('wants both files of a certificate, not %s alone', (name) => {
    expect(() => readConfig({ CODEC_KEY_DIR: '/keys', [name]: 'x' })).toThrow(/expected both files or none/);
  });
});

describe('the codec server process', () => {
  it('serves, answers the request that it has when it gets SIGTERM, and ends with 0', async () => {
    const port = await findFreePort();
    const { child, ended, output } = run({ CODEC_KEY_DIR: aFolder({ a: aKey() }), CODEC_PORT: String(port) });
    await waitFor('health', async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok);
    expect(output()).toMatch(/only this machine is listened to/);
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => (received += String(chunk)));
    const head =
      'host: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 15\r\nexpect: 100-continue';
    socket.write(`POST /decode HTTP/1.1\r\n${head}\r\n\r\n`);
    await waitFor('the word to go on', async () => received.includes('100 Continue'));
    child.kill('SIGTERM');
    await waitFor('no more connections', async () =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        () => false,
        () => true,
      ),
    );
    socket.write('{"payloads":[]}');
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(received).toMatch(/200 OK[^]*\{"payloads":\[\]\}$/);
  });

  it.each([
    ['without a token listens on 127.0.0.1 alone', {}, false],
    ['with a token listens on every address', { token: 'correct-horse-battery' }, true],
  ])('%s', async (_, files: Record<string, string>, isOpen) => {
    const port = await findFreePort();
    const folder = aFolder(files);
    const token = 'token' in files ? { CODEC_TOKEN_FILE: join(folder, 'token') } : {};
    run({ CODEC_KEY_DIR: aFolder({ a: aKey() }), CODEC_PORT: String(port), ...token });
    await waitFor('health', async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok);
    // Another address of this machine, as every system has one.
    const isReached = await fetch(`http://127.0.0.2:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
    expect(isReached).toBe(isOpen);
  });

  it.each([
    ['no setting', {}, 'CODEC_KEY_DIR is not set'],
    ['no keys', { CODEC_KEY_DIR: '/does-not-exist' }, 'The key folder /does-not-exist cannot be read (ENOENT).'],
    ['no token', { CODEC_TOKEN_FILE: '/does-not-exist' }, 'CODEC_TOKEN_FILE /does-not-exist: the file cannot be read'],
    ['no certificate', { CODEC_TLS_CERT_FILE: '/no', CODEC_TLS_KEY_FILE: '/no' }, 'CODEC_TLS_CERT_FILE /no and'],
  ])('with %s says so in a sentence and ends with 78', async (what, env, sentence) => {
    const keys = what === 'no setting' ? {} : { CODEC_KEY_DIR: aFolder({ a: aKey() }) };
    const { ended, output } = run({ ...keys, ...env });
    expect(await ended).toEqual({ code: 78, signal: null });
    expect(output()).toContain(sentence);
    expect(output()).not.toMatch(/\n\s+at /);
  });

  it('ends with 1 where its port is taken', async () => {
    const port = await findFreePort();
    const folder = aFolder({ a: aKey() });
    const env = { CODEC_KEY_DIR: join(folder, '.'), CODEC_PORT: String(port) };
    const first = run(env);
    await waitFor('health', async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok);
    const second = run(env);
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect(second.output()).toContain('EADDRINUSE');
    first.child.kill('SIGTERM');
    expect(await first.ended).toEqual({ code: 0, signal: null });
  });
});
