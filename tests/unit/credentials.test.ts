/** What the Kagent credentials and the CA file are read from, what is refused, and what is in force meanwhile. */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readMountedFiles } from '../../runtime/mounted-files.ts';
import { readConfig } from '../../workers/config.ts';
import { followCa } from '../../workers/secrets/ca-file.ts';
import { followCredentials, readCredentials } from '../../workers/secrets/credentials.ts';
import { makeCertificate } from '../api-server/certificate.ts';

const variables = { INSTALLATION: 'p', KAGENT_API_KEY: 'from-env', KAGENT_BASE_URL: 'https://env.example/api' };

function aFolder(files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'secret-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, name), value);
  return folder;
}

/** Writes a version of a Secret as the kubelet does: a new folder, then the link to it in one step, then the old one goes. */
function mountVersion(folder: string, version: string, files: Record<string, string>, old?: string): void {
  mkdirSync(join(folder, version));
  for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, version, name), value);
  symlinkSync(version, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  if (old === undefined) for (const name of Object.keys(files)) symlinkSync(join('..data', name), join(folder, name));
  else rmSync(join(folder, old), { recursive: true });
}

function aLog() {
  const lines = { info: [] as string[], warn: [] as string[] };
  const log = { info: (text: string) => lines.info.push(text), warn: (text: string) => lines.warn.push(text) };
  return { lines, log };
}

const read = (environment: Record<string, string>) => readCredentials(readConfig({ ...variables, ...environment }));
const readTimeout = (timeout: string) => read({ KAGENT_TIMEOUT: timeout }).timeoutMs;
const complaintAbout = (environment: Record<string, string>) => () => read(environment);

describe('the Kagent credentials', () => {
  it('come from the environment, with a timeout of 30 s and 3 tries', () => {
    expect(read({})).toEqual({
      apiKey: 'from-env',
      baseUrl: 'https://env.example/api',
      protocol: 'auto',
      timeoutMs: 30_000,
      maxAttempts: 3,
    });
  });

  it('come from the Secret alone where no variable is set, white space around them left out', () => {
    const folder = aFolder({ 'api-key': '\tk\r\n', 'base-url': ' https://file.example\n', timeout: '60s\n' });
    const found = readCredentials(readConfig({ INSTALLATION: 'p', KAGENT_SECRET_DIR: folder }));
    const said = { apiKey: 'k', baseUrl: 'https://file.example', timeoutMs: 60_000 };
    expect(found).toEqual({ ...said, protocol: 'auto', maxAttempts: 3 });
  });

  it('come from the Secret where it has the key, from the variable where it has not', () => {
    const folder = aFolder({ 'api-key': 'from-file', timeout: '10s' });
    const found = read({ KAGENT_SECRET_DIR: folder, KAGENT_TIMEOUT: '20s', KAGENT_MAX_RETRIES: '5' });
    expect(found).toMatchObject({ apiKey: 'from-file', timeoutMs: 10_000, maxAttempts: 5 });
    expect(found.baseUrl).toBe('https://env.example/api');
  });

  it('do not come from the variable where the Secret has the key without a value', () => {
    const folder = aFolder({ 'api-key': '\n' });
    expect(complaintAbout({ KAGENT_SECRET_DIR: folder })).toThrow(/1 problem.*\n {2}api-key .*printable/);
  });

  it('need nothing for a stock Kagent in the cluster, also where the Secret and its folder are missing', () => {
    const stock = { baseUrl: 'http://kagent-controller.kagent.svc:8083', protocol: 'auto', maxAttempts: 3 };
    for (const folder of [aFolder(), '/does-not-exist']) {
      const config = readConfig({ INSTALLATION: 'p', KAGENT_SECRET_DIR: folder });
      expect(readCredentials(config)).toEqual({ ...stock, timeoutMs: 30_000 });
    }
  });

  it('need a key and a base URL for rest, and a base URL for a2a', () => {
    const complaint = (protocol: string) => () =>
      readCredentials(readConfig({ INSTALLATION: 'p', KAGENT_SECRET_DIR: aFolder({ protocol }) }));
    expect(complaint('rest')).toThrow(/2 problem/);
    expect(complaint('rest')).toThrow(/api-key \(file of the Secret, or KAGENT_API_KEY\): is not set/);
    expect(complaint('rest')).toThrow(/base-url \(file of the Secret, or KAGENT_BASE_URL\): is not set/);
    expect(complaint('a2a')).toThrow(/1 problem.*\n {2}base-url .*: is not set/);
  });

  it.each([
    ['in the Secret', () => ({ KAGENT_SECRET_DIR: aFolder({ 'api-key': 'k' }) })],
    ['in the environment', () => ({ KAGENT_API_KEY: 'k' })],
  ])('with a key %s need a base URL: a key is not sent where nobody has sent it', (_, given) => {
    const complaint = () => readCredentials(readConfig({ INSTALLATION: 'p', ...given() }));
    expect(complaint).toThrow(/1 problem.*\n {2}base-url .*: is not set; expected an address/);
  });

  it('say how Kagent is spoken to and for which user, the Secret before the variables', () => {
    const environment = { KAGENT_PROTOCOL: 'kagent-1', KAGENT_USER_ID: 'ops@example.com', KAGENT_HEADERS: 'X-Team: a' };
    const said = { protocol: 'kagent-1', userId: 'ops@example.com', headers: { 'X-Team': 'a' } };
    expect(read(environment)).toMatchObject(said);
    const KAGENT_SECRET_DIR = aFolder({ protocol: 'a2a\n', 'user-id': ' hooks\n', headers: '\nX-Team: b\nX-B: c\n' });
    const fromSecret = { protocol: 'a2a', userId: 'hooks', headers: { 'X-Team': 'b', 'X-B': 'c' } };
    expect(read({ ...environment, KAGENT_SECRET_DIR })).toMatchObject(fromSecret);
  });

  it.each([
    ['protocol', 'REST', /expected auto, rest, kagent-0, kagent-1 or a2a/],
    ['user-id', 'two words', /expected one line of printable characters/],
    ['headers', 'Authorization: Bearer x', /line 1 is Authorization/],
    ['headers', ' ', /expected lines such as X-Team: payments/],
  ])('with the %s %j are refused', (file, text, complaint) => {
    expect(complaintAbout({ KAGENT_SECRET_DIR: aFolder({ [file]: text }) })).toThrow(complaint);
    expect(complaintAbout({ KAGENT_SECRET_DIR: aFolder({ [file]: text }) })).toThrow(/1 problem/);
  });

  it('that are wrong are listed by file and variable, and no value is shown', () => {
    const wrong = { 'api-key': 'two\nlines', 'base-url': 'ftp://secret.host', timeout: 'soon', 'max-retries': '0' };
    const complaint = complaintAbout({ KAGENT_SECRET_DIR: aFolder(wrong) });
    expect(complaint).toThrow(/4 problem/);
    expect(complaint).toThrow(/max-retries .*expected a whole number from 1/);
    expect(complaint).not.toThrow(/two|lines|secret\.host|soon|"0"/);
  });

  it('that cannot be read are named once, with the reason', () => {
    const folder = aFolder();
    mkdirSync(join(folder, 'api-key'));
    expect(complaintAbout({ KAGENT_SECRET_DIR: folder })).toThrow(
      /1 problem.*\n {2}api-key .*the file cannot be read \(EISDIR\)\.$/,
    );
  });
});

describe('the timeout', () => {
  it.each([
    ['100ms', 100],
    ['60s', 60_000],
    ['1m30s', 90_000],
    ['9m', 540_000],
  ])('may be %s', (text, ms) => expect(readTimeout(text)).toBe(ms));

  it.each(['0s', '99ms', '9m1ms', '541s', '30', '1h', '-1s', '1.5s', '30 s', `${'9'.repeat(400)}s`])(
    'may not be %s',
    (text) => expect(() => readTimeout(text)).toThrow(/timeout \(.*: expected/),
  );

  it('is below the time that the workflow gives the activity, however large', () => {
    const source = readFileSync(new URL('../../workflows/deliver.ts', import.meta.url), 'utf8');
    const activity = /proxyActivities<Pick<Activities, 'callAgent'>>\({\s*startToCloseTimeout: '(\d+) minutes'/.exec(
      source,
    );
    expect(readTimeout('9m')).toBeLessThan(Number(activity?.[1]) * 60_000);
  });
});

describe('the tries', () => {
  it.each([
    ['1', 1],
    ['99', 99],
  ])('may be %s', (text, tries) => expect(read({ KAGENT_MAX_RETRIES: text }).maxAttempts).toBe(tries));

  it.each(['0', '-1', '1.5', '100', 'many', '03'])('may not be %s', (text) =>
    expect(complaintAbout({ KAGENT_MAX_RETRIES: text })).toThrow(/max-retries .*expected a whole number from 1/),
  );
});

describe('the base URL', () => {
  it.each([
    'https://api.kagent.dev',
    'https://your-kagent-instance.com/api/',
    'http://localhost:8080',
    'http://127.0.0.1:8080',
    'http://127.1.2.3',
    'http://[::1]:8080/api',
    'http://[::ffff:127.0.0.1]',
    'http://kagent-controller.kagent.svc:8083',
    'http://kagent-controller.kagent.svc.cluster.local.:8083/',
    'http://kagent-controller:8083',
  ])('may be %s', (url) => expect(read({ KAGENT_BASE_URL: url }).baseUrl).toBe(url));

  it.each([
    'http://kagent.kagent.svc.example.com:8083',
    'http://kagent.kagent:8083',
    'http://xsvc.cluster.local',
    'http://10.0.0.1',
    'http://167772161',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'http://[fd00::1]',
  ])('may be %s only where http is allowed', (url) => {
    expect(complaintAbout({ KAGENT_BASE_URL: url })).toThrow(
      /1 problem.*\n.*base-url .*expected https.*KAGENT_ALLOW_HTTP=true/,
    );
    expect(read({ KAGENT_BASE_URL: url, KAGENT_ALLOW_HTTP: 'true' }).baseUrl).toBe(url);
    expect(complaintAbout({ KAGENT_BASE_URL: url, KAGENT_ALLOW_HTTP: 'false' })).toThrow('expected https');
  });

  it.each(['ftp://kagent', 'kagent.dev', 'https://', 'not a URL'])('may never be %s', (url) => {
    const complaint = complaintAbout({ KAGENT_BASE_URL: url, KAGENT_ALLOW_HTTP: 'true' });
    expect(complaint).toThrow(/1 problem.*\n.*base-url .*expected an address/);
  });

  it.each([
    'http://agents.kagent.svc:8080/{namespace}/{name}',
    'https://agents.example/{namespace}/{name}',
    'https://a.example/{name}/a2a',
  ])('may be %s with the protocol a2a only', (url) => {
    expect(read({ KAGENT_BASE_URL: url, KAGENT_PROTOCOL: 'a2a' }).baseUrl).toBe(url);
    for (const KAGENT_PROTOCOL of ['auto', 'rest', 'kagent-0', 'kagent-1']) {
      const complaint = complaintAbout({ KAGENT_BASE_URL: url, KAGENT_PROTOCOL });
      expect(complaint).toThrow(/1 problem.*\n.*base-url .*braces.*with the protocol a2a only/);
    }
  });

  it.each([
    ['http://agents.example.com/{name}', 'expected https'],
    ['https://{name}.example.com', 'in the path only: whoever names an agent must not name a host'],
    ['http://{name}.{namespace}.svc:8080', 'in the path only'],
    ['https://agents.example/{agent}', 'no other braces than {namespace} and {name}'],
    ['https://agents.example/{name', 'no other braces'],
    ['ftp://{name}', 'expected an address'],
  ])('may not be %s with the protocol a2a', (url, complaint) => {
    expect(complaintAbout({ KAGENT_BASE_URL: url, KAGENT_PROTOCOL: 'a2a' })).toThrow(complaint);
  });
});

describe('the key file', () => {
  const keyFile = () => join(aFolder({ token: 'token-1\n' }), 'token');

  it('goes before the variable and behind the Secret', () => {
    const KAGENT_API_KEY_FILE = keyFile();
    expect(read({ KAGENT_API_KEY_FILE }).apiKey).toBe('token-1');
    expect(read({ KAGENT_API_KEY_FILE, KAGENT_SECRET_DIR: aFolder({ 'api-key': 'k' }) }).apiKey).toBe('k');
  });

  it('is enough beside a stock Kagent', () => {
    const found = readCredentials(readConfig({ INSTALLATION: 'p', KAGENT_API_KEY_FILE: keyFile() }));
    expect(found).toMatchObject({ apiKey: 'token-1', baseUrl: 'http://kagent-controller.kagent.svc:8083' });
  });

  it.each([
    ['is missing', '/does-not-exist/token', /the file cannot be read \(ENOENT\)/],
    ['is empty', undefined, /expected one line of printable/],
  ])('that %s at the start is refused with its name, and the variable is not taken instead', (_, path, complaint) => {
    const KAGENT_API_KEY_FILE = path ?? join(aFolder({ token: '\n' }), 'token');
    expect(complaintAbout({ KAGENT_API_KEY_FILE })).toThrow(complaint);
    expect(complaintAbout({ KAGENT_API_KEY_FILE })).toThrow(/api-key \(file of the Secret, or KAGENT_API_KEY_FILE\)/);
  });

  it('that changes is in force with the next call, and stays in force while it is gone or empty', () => {
    const path = keyFile();
    const { lines, log } = aLog();
    const current = followCredentials(readConfig({ ...variables, KAGENT_API_KEY_FILE: path }), log);
    writeFileSync(path, 'token-2');
    expect(current().apiKey).toBe('token-2');
    rmSync(path);
    for (let call = 0; call < 3; call += 1) expect(current().apiKey).toBe('token-2');
    writeFileSync(path, '');
    expect(current().apiKey).toBe('token-2');
    expect(lines.warn).toHaveLength(2);
    expect(lines.warn.join()).not.toContain('token-');
    writeFileSync(path, 'token-3');
    expect(current().apiKey).toBe('token-3');
  });
});

describe('a Secret that changes', () => {
  it('is in force with the next call, and said so without a value', () => {
    const folder = aFolder({ 'api-key': 'old-key', timeout: '10s' });
    const { lines, log } = aLog();
    const current = followCredentials(readConfig({ ...variables, KAGENT_SECRET_DIR: folder }), log);
    expect(current()).toMatchObject({ apiKey: 'old-key', timeoutMs: 10_000 });
    writeFileSync(join(folder, 'api-key'), 'new-key');
    writeFileSync(join(folder, 'timeout'), '60s');
    expect(current()).toMatchObject({ apiKey: 'new-key', timeoutMs: 60_000 });
    rmSync(join(folder, 'timeout'));
    expect(current().timeoutMs).toBe(30_000);
    expect(lines.warn).toEqual([]);
    expect(lines.info).toHaveLength(2);
    expect(lines.info.join()).not.toMatch(/key\b.*-key|60/);
  });

  it('is in force with the next call when the kubelet turns its link', () => {
    const folder = aFolder();
    mountVersion(folder, '..1', { 'api-key': 'old', 'base-url': 'https://old' });
    const current = followCredentials(readConfig({ INSTALLATION: 'p', KAGENT_SECRET_DIR: folder }), aLog().log);
    expect(current()).toMatchObject({ apiKey: 'old', baseUrl: 'https://old' });
    mountVersion(folder, '..2', { 'api-key': 'new', 'base-url': 'https://new', timeout: '60s' }, '..1');
    expect(current()).toMatchObject({ apiKey: 'new', baseUrl: 'https://new', timeoutMs: 60_000 });
  });

  it('is never read half old and half new, also when the link is turned in between', () => {
    const folder = aFolder();
    mountVersion(folder, '..1', { 'api-key': 'old', 'base-url': 'https://old' });
    // The list of names is walked while the files are read: what it does midway happens between two files.
    let isTurned = false;
    const names = Object.assign(['api-key', 'base-url'], {
      flatMap<T>(this: string[], read: (name: string) => T[]) {
        const [first = '', second = ''] = this;
        const before = read(first);
        if (!isTurned) mountVersion(folder, '..2', { 'api-key': 'new', 'base-url': 'https://new' }, '..1');
        isTurned = true;
        return [...before, ...read(second)];
      },
    });
    expect(readMountedFiles(folder, names)).toEqual({
      'api-key': { text: 'new' },
      'base-url': { text: 'https://new' },
    });
  });

  it('for the worse is warned about once, without its value, and the last good set stays in force', () => {
    const folder = aFolder({ 'api-key': 'good', timeout: '10s' });
    const { lines, log } = aLog();
    const current = followCredentials(readConfig({ ...variables, KAGENT_SECRET_DIR: folder }), log);
    const good = current();
    const write = (timeout: string) => writeFileSync(join(folder, 'timeout'), timeout);
    writeFileSync(join(folder, 'api-key'), 'new');
    write('never-shown');
    for (let call = 0; call < 3; call += 1) expect(current()).toEqual(good);
    expect(lines.warn).toEqual([
      'The Kagent credentials have 1 problem(s): timeout (file of the Secret, or KAGENT_TIMEOUT): expected a duration such as 500ms, 90s or 1h30m. The last good ones stay in force.',
    ]);
    write('another-bad-one');
    for (let call = 0; call < 3; call += 1) expect(current()).toEqual(good);
    expect(lines.warn).toHaveLength(2);
    write('20s');
    expect(current()).toMatchObject({ apiKey: 'new', timeoutMs: 20_000 });
    write('never-shown');
    current();
    expect(lines.warn).toHaveLength(3);
  });

  it('that lost its key keeps the last one in force', () => {
    const folder = aFolder({ 'api-key': 'good', 'base-url': 'https://good' });
    const { lines, log } = aLog();
    const current = followCredentials(readConfig({ INSTALLATION: 'p', KAGENT_SECRET_DIR: folder }), log);
    rmSync(join(folder, 'api-key'));
    expect(current().apiKey).toBe('good');
    expect(lines.warn.join()).toContain('api-key (file of the Secret, or KAGENT_API_KEY): is not set');
  });

  it('that is deleted keeps all of it in force until there is a new one', () => {
    const old = { 'api-key': 'old', 'base-url': 'https://old', 'user-id': 'me', headers: 'X-A: b' };
    const folder = aFolder(old);
    const { lines, log } = aLog();
    const current = followCredentials(readConfig({ INSTALLATION: 'p', KAGENT_SECRET_DIR: folder }), log);
    const good = current();
    for (const file of Object.keys(old)) rmSync(join(folder, file));
    for (let call = 0; call < 3; call += 1) expect(current()).toEqual(good);
    expect(lines.warn).toHaveLength(1);
    for (const file of Object.keys(old)) expect(lines.warn[0]).toMatch(`${file} (file of the Secret, or KAGENT_`);
    for (const [file, text] of Object.entries(old)) writeFileSync(join(folder, file), text.replace('old', 'new'));
    expect(current()).toMatchObject({ apiKey: 'new', baseUrl: 'https://new' });
  });

  it('that comes after the start is in force with the next call', () => {
    const folder = aFolder();
    const current = followCredentials(readConfig({ INSTALLATION: 'p', KAGENT_SECRET_DIR: folder }), aLog().log);
    expect(current()).not.toHaveProperty('apiKey');
    writeFileSync(join(folder, 'base-url'), 'https://new');
    writeFileSync(join(folder, 'api-key'), 'k');
    expect(current()).toMatchObject({ apiKey: 'k', baseUrl: 'https://new' });
  });

  it('that is bad from the start is thrown', () => {
    const config = readConfig({ INSTALLATION: 'p', KAGENT_SECRET_DIR: aFolder({ 'api-key': 'k', timeout: 'x' }) });
    expect(() => followCredentials(config, aLog().log)).toThrow(/2 problem/);
  });
});

describe('the CA file', () => {
  const { cert } = makeCertificate();
  const other = makeCertificate().cert;

  it('may hold several certificates, and text between them', () => {
    const path = join(aFolder({ 'ca.crt': `# ours\n${cert}\n# theirs\n${other}` }), 'ca.crt');
    expect(followCa(path, aLog().log)()).toBe(readFileSync(path, 'utf8'));
  });

  it.each([
    ['nothing', '', 'found none'],
    ['no PEM', 'hello', 'found none'],
    ['a certificate that is cut', cert.slice(0, 200), 'is broken'],
    ['a certificate that is spoilt', cert.replace(/\n[^-]{20}/, '\nAAAAAAAAAAAAAAAAAAAA'), 'is broken'],
    ['a second one that is cut', `${cert}\n${other.slice(0, 200)}`, 'one of its 2 certificate(s) is broken'],
  ])('with %s is refused with its name', (_, text, complaint) => {
    const path = join(aFolder({ 'ca.crt': text }), 'ca.crt');
    expect(() => followCa(path, aLog().log)()).toThrow(complaint);
    expect(() => followCa(path, aLog().log)()).toThrow(`KAGENT_CA_FILE ${path}`);
  });

  it('that is missing is refused with its name', () => {
    expect(() => followCa('/does-not-exist/ca.crt', aLog().log)()).toThrow(
      'KAGENT_CA_FILE /does-not-exist/ca.crt: there is no such file',
    );
  });

  it('whose folder is there, as that of an optional ConfigMap is, counts once it comes, and stays when it goes', () => {
    const path = join(aFolder(), 'ca.crt');
    const { lines, log } = aLog();
    const current = followCa(path, log);
    expect([current(), current(), lines.warn.length]).toEqual([undefined, undefined, 0]);
    writeFileSync(path, cert);
    expect(current()).toBe(cert);
    rmSync(path);
    expect([current(), current()]).toEqual([cert, cert]);
    expect(lines.warn).toHaveLength(1);
  });

  it('that changes is in force with the next call; broken, it is warned about once', () => {
    const path = join(aFolder({ 'ca.crt': cert }), 'ca.crt');
    const { lines, log } = aLog();
    const current = followCa(path, log);
    writeFileSync(path, other);
    expect(current()).toBe(other);
    writeFileSync(path, 'broken');
    for (let call = 0; call < 3; call += 1) expect(current()).toBe(other);
    expect(lines.warn).toHaveLength(1);
  });
});
