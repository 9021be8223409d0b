/** What the codec server answers over real connections, to whom, and what it keeps to itself. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request as tlsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAesGcmCodec } from '../../../codec/aes-gcm-codec.ts';
import { openCertificate } from '../../../codec/server/certificate.ts';
import { type CodecServerOptions, createCodecServer } from '../../../codec/server/serve-codec.ts';
import { openTokenCheck } from '../../../codec/server/token.ts';
import { makeCertificate } from '../../api-server/certificate.ts';
import { aFolder, aKey, aLog, aRing } from './key-folder.ts';

const origin = 'https://temporal.example';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const plain = (text: string) => ({ metadata: { encoding: base64('json/plain') }, data: base64(JSON.stringify(text)) });

async function aServer(over: Partial<CodecServerOptions> = {}) {
  const logged: unknown[] = [];
  const log = { debug: (...line: unknown[]) => logged.push(line), warn: (...line: unknown[]) => logged.push(line) };
  const codec = createAesGcmCodec(aRing({ a: aKey() }));
  const server = createCodecServer({ codec, origins: [origin], bodyLimitBytes: 10_000, log, ...over });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const call = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return { port, call, logged, url: `http://127.0.0.1:${port}` };
}

describe('the codec server', () => {
  it('decodes what it encoded, whatever was in it', async () => {
    const { call } = await aServer();
    const bytes = fc.uint8Array({ minLength: 1 }).map((each) => Buffer.from(each).toString('base64'));
    const payload = fc.record({
      metadata: fc.dictionary(fc.string({ minLength: 1 }), bytes, { minKeys: 1 }),
      data: bytes,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(payload, { maxLength: 3 }), async (payloads) => {
        const encoded: unknown = await (await call('/encode', { payloads })).json();
        const decoded: unknown = await (await call('/decode', encoded)).json();
        expect(decoded).toEqual({ payloads });
      }),
      { numRuns: 100 },
    );
  });

  it('encrypts as the processes do, so that nothing can be read in its answer', async () => {
    const { call } = await aServer();
    const text = await (await call('/encode', { payloads: [plain('a secret')] })).text();
    expect(JSON.parse(text)).toMatchObject({
      payloads: [{ metadata: { encoding: base64('binary/encrypted'), 'encryption-key-id': base64('a') } }],
    });
    expect(text).not.toContain(plain('a secret').data);
  });

  it('hands through what is not encrypted, an empty list and fields that it does not need', async () => {
    const { call } = await aServer();
    const payloads = [plain('x'), { metadata: { encoding: base64('binary/null') } }];
    const large = { ...plain('y'), externalPayloads: [{ sizeBytes: '12' }] };
    expect(await (await call('/decode', { payloads: [...payloads, large] })).json()).toEqual({
      payloads: [...payloads, large],
    });
    expect(await (await call('/decode', { payloads: [] })).json()).toEqual({ payloads: [] });
    expect(await (await call('/decode', {})).json()).toEqual({ payloads: [] });
  });

  it('answers below any path, as an address with the namespace in it has', async () => {
    const { call, url } = await aServer();
    expect((await call('/default/decode', { payloads: [] })).status).toBe(200);
    expect((await call('/decode/more', { payloads: [] })).status).toBe(404);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['payloads that are no list', { payloads: 'secret' }],
    ['data that is no base64', { payloads: [{ data: 'se cret' }] }],
    ['data that was cut', { payloads: [{ data: 'c2VjcmV0c' }] }],
    ['metadata that is no base64', { payloads: [{ metadata: { encoding: '!secret' } }] }],
    [
      'a key that is not there',
      { payloads: [{ metadata: { encoding: base64('binary/encrypted') }, data: base64('secret') }] },
    ],
  ])('refuses %s with a sentence that shows nothing of it', async (_, body) => {
    const { call, logged } = await aServer();
    const answer = await call('/decode', body);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toMatch(/^[A-Z](?!.*se ?cret).*\.\n$/);
    expect(JSON.stringify(logged)).not.toMatch(/se ?cret/);
  });

  it.each([
    ['1,001 payloads', `{"payloads":[${Array(1001).fill('{}').join()}]}`, 'more than 1000 payloads'],
    ['a million payloads', `{"payloads":[${Array(1_000_000).fill('{"data":"AA"}').join()}]}`, 'more than 50000 fields'],
    [
      'a million fields of metadata',
      `{"payloads":[{"metadata":{${Array(1_000_000).fill('"a":""').join()}}}]}`,
      'more than 50000 fields',
    ],
    ['a million brackets', '['.repeat(1_000_000), 'more than 50000 fields'],
  ])('refuses %s at once, whatever their size', async (_, body, words) => {
    const { call } = await aServer({ bodyLimitBytes: 16_777_216 });
    const startedMs = Date.now();
    const answer = await call('/encode', body);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(words)]);
    expect(Date.now() - startedMs).toBeLessThan(1000);
  });

  it('takes 1,000 payloads, and one of ten million bytes', async () => {
    const { call } = await aServer({ bodyLimitBytes: 16_777_216 });
    const many = { payloads: Array.from({ length: 1000 }, () => plain('x')) };
    expect((await call('/encode', many)).status).toBe(200);
    const large = { payloads: [{ metadata: {}, data: Buffer.alloc(10_000_000).toString('base64') }] };
    expect((await call('/encode', large)).status).toBe(200);
  });

  it('names the first few of what is wrong, and says how many more there are', async () => {
    const { call } = await aServer({ bodyLimitBytes: 100_000 });
    const answer = await call('/decode', { payloads: Array.from({ length: 900 }, () => ({ data: '!' })) });
    expect(await answer.text()).toBe(
      'The body is no list of payloads: payloads.0.data: expected base64; payloads.1.data: expected base64; payloads.2.data: expected base64; and 897 more.\n',
    );
  });

  it.each(['A', 'A=', 'AAAA=', 'AA=A', 'AAA==A', 'AA===', ' AA', 'AAAAA'])('takes %j for no base64', async (data) => {
    const { call } = await aServer();
    expect((await call('/decode', { payloads: [{ data }] })).status).toBe(400);
  });

  it('refuses other methods and other types', async () => {
    const { call, url } = await aServer();
    const get = await fetch(`${url}/decode`);
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await call('/decode', {}, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await call('/decode', {}, { 'content-type': 'application/json; charset=utf-8' })).status).toBe(200);
  });
});

describe('a body that is too large', () => {
  it('is refused by its announced length before any of it is read', async () => {
    const { port } = await aServer({ bodyLimitBytes: 100 });
    const socket = connect(port, '127.0.0.1');
    const type = 'content-type: application/json\r\n';
    socket.write(`POST /decode HTTP/1.1\r\nhost: x\r\n${type}content-length: 101\r\n\r\n`);
    expect(await firstLine(socket)).toBe('HTTP/1.1 413 Payload Too Large');
  });

  it('is refused where no length was announced', async () => {
    const { port } = await aServer({ bodyLimitBytes: 100 });
    const socket = connect(port, '127.0.0.1');
    const type = 'content-type: application/json\r\n';
    socket.write(`POST /decode HTTP/1.1\r\nhost: x\r\n${type}transfer-encoding: chunked\r\n\r\n`);
    socket.write(`65\r\n${'x'.repeat(101)}\r\n`);
    expect(await firstLine(socket)).toBe('HTTP/1.1 413 Payload Too Large');
  });

  it('is taken at the limit', async () => {
    const body = JSON.stringify({ payloads: [plain('x')] });
    const { call } = await aServer({ bodyLimitBytes: body.length });
    expect((await call('/decode', body)).status).toBe(200);
    expect((await call('/decode', `${body} `)).status).toBe(413);
  });
});

async function firstLine(socket: Socket): Promise<string> {
  onTestFinished(() => void socket.destroy());
  const [chunk]: unknown[] = await once(socket, 'data');
  return String(chunk).split('\r\n', 1).join('');
}

describe('a page', () => {
  it.each(['/decode', '/encode'])('of the Web UI may call %s', async (path) => {
    const { url, call } = await aServer();
    const asked = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-namespace' };
    const preflight = await fetch(`${url}${path}`, { method: 'OPTIONS', headers: asked });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
    expect(preflight.headers.get('access-control-allow-methods')).toBe('POST');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization, content-type, x-namespace');
    const answer = await call(path, { payloads: [] }, { origin });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
  });

  it('of the Web UI can read why it was refused', async () => {
    const { call } = await aServer({ checkToken: () => false });
    const answer = await call('/decode', {}, { origin });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([401, origin]);
  });

  it.each(['https://temporal.example.evil', 'http://temporal.example', 'https://temporal.example:444', 'null'])(
    'of %s may not, nor may any where no origin is configured',
    async (other) => {
      const { call } = await aServer();
      const none = await aServer({ origins: [] });
      const answers = [await call('/decode', {}, { origin: other }), await none.call('/decode', {}, { origin })];
      for (const { headers } of answers) expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(answers[0]?.headers.get('vary')).toBe('origin');
    },
  );
});

describe('the token', () => {
  const token = 'correct-horse-battery';
  const file = (folder: string) => join(folder, 'token');
  const withToken = async (folder: string) => {
    const { lines, log } = aLog();
    const { call, url } = await aServer({ checkToken: openTokenCheck(file(folder), log) });
    const ask = async (authorization?: string) =>
      (await call('/decode', {}, authorization === undefined ? {} : { authorization })).status;
    return { ask, lines, url };
  };

  it('lets in who brings it, and nobody else', async () => {
    const { ask, url } = await withToken(aFolder({ token: `${token}\n` }));
    expect(await ask(`Bearer ${token}`)).toBe(200);
    const others = [undefined, '', 'Bearer', `Bearer ${token}x`, `Bearer ${token.slice(1)}`, token, `Basic ${token}`];
    for (const other of others) expect(await ask(other), other).toBe(401);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('that was replaced takes effect at once; a broken one does not, and is logged once', async () => {
    const folder = aFolder({ token });
    const { ask, lines } = await withToken(folder);
    writeFileSync(file(folder), 'another-long-token');
    expect([await ask(`Bearer ${token}`), await ask('Bearer another-long-token')]).toEqual([401, 200]);
    writeFileSync(file(folder), 'short');
    expect([await ask('Bearer short'), await ask('Bearer another-long-token')]).toEqual([401, 200]);
    expect(lines).toEqual([
      'The token of CODEC_TOKEN_FILE was read anew and is in force.',
      expect.stringMatching(/at least 16 printable characters\. The last good token stays/),
    ]);
  });

  it.each([
    ['is empty', { token: '\n' }],
    ['is short', { token: 'hunter2' }],
    ['has two lines', { token: 'correct-horse\nbattery-staple' }],
    ['is missing', {}],
  ])('is refused at start where it %s, and not shown', (_, files) => {
    const complaint = () => openTokenCheck(file(aFolder(files)), aLog().log);
    expect(complaint).toThrow(/^CODEC_TOKEN_FILE /);
    expect(complaint).not.toThrow(/hunter2|horse/);
  });
});

describe('a server with a certificate', () => {
  const write = (folder: string, { cert, key }: { cert: string; key: string }) => {
    writeFileSync(join(folder, 'tls.crt'), cert);
    writeFileSync(join(folder, 'tls.key'), key);
    return { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };
  };
  const health = (port: number, ca: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    const options = { port, host: '127.0.0.1', path: '/healthz', ca, agent: false };
    tlsRequest(options, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
    return promise;
  };

  it('speaks https, and uses a renewed certificate, but no broken one', async () => {
    const [first, second] = [makeCertificate(), makeCertificate()];
    const files = write(aFolder(), first);
    const { lines, log } = aLog();
    const { port } = await aServer({ certificate: openCertificate(files, log) });
    expect(await health(port, first.cert)).toBe(200);
    await expect(health(port, second.cert)).rejects.toThrow(/self-signed/);
    writeFileSync(files.certFile, second.cert);
    expect(await health(port, first.cert)).toBe(200);
    expect(lines).toEqual([expect.stringMatching(/last good certificate stays in force/)]);
    writeFileSync(files.keyFile, second.key);
    expect(await health(port, second.cert)).toBe(200);
    await expect(health(port, first.cert)).rejects.toThrow(/self-signed/);
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toMatch(/PRIVATE|CERTIFICATE-/);
  });

  it('is refused where key and certificate do not belong together', () => {
    const files = write(aFolder(), { cert: makeCertificate().cert, key: makeCertificate().key });
    expect(() => openCertificate(files, aLog().log)).toThrow(
      /^CODEC_TLS_CERT_FILE .* cannot be used \(ERR_OSSL_X509_KEY_VALUES_MISMATCH\)/,
    );
  });
});
