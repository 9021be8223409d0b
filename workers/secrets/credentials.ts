/**
 * The Kagent credentials: files of the mounted Secret first, then the environment. Read anew for every call.
 *
 * Called by main at start, to refuse what is wrong, and by callAgent before each try, so that a rotated Secret takes
 * effect at once; what turns wrong later is logged and the last good set stays in force. Never logs a value.
 */
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import type { Credentials, ReadCredentials } from '../../activities/agents/credentials.ts';
import type { WorkerConfig } from '../config.ts';
import { type ChangeLog, keepLastGood } from './last-good.ts';
import { type FileContent, readSecret } from './read-secret.ts';

/** One setting: its file in the Secret, and its variable where the Secret has no such file. */
const variables = {
  'api-key': 'KAGENT_API_KEY',
  'base-url': 'KAGENT_BASE_URL',
  timeout: 'KAGENT_TIMEOUT',
  'max-retries': 'KAGENT_MAX_RETRIES',
} as const;

type Settings = Pick<
  WorkerConfig,
  (typeof variables)[keyof typeof variables] | 'KAGENT_SECRET_DIR' | 'KAGENT_ALLOW_HTTP'
>;

type Found = Partial<Record<string, FileContent>>;

const valuesWith = (allowsHttp: boolean) =>
  z.object({
    'api-key': z.string({ error: 'is not set' }).regex(/^[\x21-\x7e]+$/, 'wanted one line of printable characters'),
    'base-url': z
      .url({
        protocol: /^https?$/,
        error: ({ input }) =>
          `${input === undefined ? 'is not set; ' : ''}wanted an address such as https://api.kagent.dev`,
      })
      .refine(
        (url) => allowsHttp || isSafe(url),
        'wanted https; http only for loopback or with KAGENT_ALLOW_HTTP=true',
      ),
    timeout: z
      .string()
      .regex(/^(\d+(ms|s|m))+$/, 'wanted a duration such as 30s')
      .default('30s')
      .transform(readDuration)
      .refine((ms) => ms >= 100 && ms <= 540_000, 'wanted 100ms to 9m'), // the activity as a whole is given 10 minutes
    'max-retries': z
      .string()
      .regex(/^[1-9]\d?$/, 'wanted a whole number from 1 (a single try) to 99')
      .default('3')
      .transform(Number),
  });

/** Throws an Error that lists every problem by file and variable, without any value. */
export function readCredentials(config: Settings): Credentials {
  return parseCredentials(findCredentials(config), config);
}

/** Throws at first like `readCredentials`; the returned function gives the newest good set, and never throws. */
export function followCredentials(config: Settings, log: ChangeLog): ReadCredentials {
  return keepLastGood({
    what: 'The Kagent credentials',
    load: () => findCredentials(config),
    parse: (found) => parseCredentials(found, config),
    log,
  });
}

/** A file that is empty counts as well: it is refused, rather than replaced by something that was not meant. */
function findCredentials(config: Settings): Found {
  const fromEnvironment = Object.entries(variables).flatMap(([file, variable]) => {
    const text = config[variable];
    return text === undefined || text.trim() === '' ? [] : [[file, { text }] as const];
  });
  const { KAGENT_SECRET_DIR: folder } = config;
  const fromSecret = folder === undefined ? {} : readSecret(folder, Object.keys(variables));
  return { ...Object.fromEntries(fromEnvironment), ...fromSecret };
}

function parseCredentials(found: Found, { KAGENT_ALLOW_HTTP: allowsHttp }: Settings): Credentials {
  const texts: Record<string, string> = {};
  const unreadable: Record<string, string> = {};
  for (const [file, content = { text: '' }] of Object.entries(found)) {
    if ('text' in content) texts[file] = content.text.trim();
    else unreadable[file] = `the file cannot be read (${content.unreadable})`;
  }
  const { data, error } = valuesWith(allowsHttp).safeParse(texts);
  const wrong = Object.fromEntries(error?.issues.map(({ path, message }) => [String(path[0]), message]) ?? []);
  const problems = Object.entries({ ...wrong, ...unreadable }).map(([file, problem]) => `${nameOf(file)}: ${problem}`);
  if (data === undefined || problems.length > 0) {
    throw new Error(`The Kagent credentials have ${problems.length} problem(s):\n  ${problems.join(';\n  ')}.`);
  }
  const { 'api-key': apiKey, 'base-url': baseUrl, timeout: timeoutMs, 'max-retries': maxAttempts } = data;
  return { apiKey, baseUrl, timeoutMs, maxAttempts };
}

function nameOf(file: string): string {
  const variable = Object.entries(variables).find(([name]) => name === file)?.[1] ?? file;
  return `${file} (file of the Secret, or ${variable})`;
}

function readDuration(text: string): number {
  const units: Partial<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };
  const parts = text.matchAll(/(\d+)(ms|s|m)/g);
  return [...parts].reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (units[unit] ?? Number.NaN), 0);
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether the key can be sent there: encrypted, or without leaving this machine. What is no URL is not judged here. */
function isSafe(baseUrl: string): boolean {
  const { protocol, hostname } = URL.parse(baseUrl) ?? { protocol: 'https:', hostname: '' };
  if (protocol === 'https:' || hostname === 'localhost') return true;
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(address);
  return family !== 0 && loopback.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
