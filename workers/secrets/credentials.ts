/**
 * The Kagent credentials: files of the mounted Secret first, then the environment. Read anew for every call.
 *
 * What turns wrong later is logged and the last good set stays in force. Never logs a value.
 */
import { z } from 'zod';
import type { Credentials, ReadCredentials } from '../../activities/agents/credentials.ts';
import { type ChangeLog, keepLastGood } from '../../runtime/last-good.ts';
import { type FileContent, readMountedFiles, readNeeded } from '../../runtime/mounted-files.ts';
import { Duration } from '../../runtime/settings.ts';
import { protocolSettings, type WorkerConfig } from '../config.ts';
import { flawOfBaseUrl, stockAddress } from './base-url.ts';
import { readExtraHeaders } from './extra-headers.ts';

/** One setting: its file in the Secret, and its variable where the Secret has no such file. */
const variables = {
  'api-key': 'KAGENT_API_KEY',
  'base-url': 'KAGENT_BASE_URL',
  protocol: 'KAGENT_PROTOCOL',
  'user-id': 'KAGENT_USER_ID',
  headers: 'KAGENT_HEADERS',
  timeout: 'KAGENT_TIMEOUT',
  'max-retries': 'KAGENT_MAX_RETRIES',
} as const;

interface Found {
  contents: Partial<Record<string, FileContent>>;
  /** A key that somebody has chosen, other than a token that the cluster makes. */
  hasOwnKey: boolean;
}

/** Whom we call, and as whom: a Secret that loses one of these is being replaced, or was deleted by mistake. */
const lasting = ['api-key', 'base-url', 'user-id', 'headers'];

const OneLine = z.string({ error: 'is not set' }).regex(/^[\x21-\x7e]+$/, 'expected one line of printable characters');

const Protocol = z
  .enum(protocolSettings, `expected ${protocolSettings.slice(0, -1).join(', ')} or a2a`)
  .default('auto');

const ExtraHeaders = z.string().transform((text, context) => {
  const read = readExtraHeaders(text);
  if ('headers' in read) return read.headers;
  context.issues.push({ code: 'custom', input: undefined, message: read.flaw });
  return z.NEVER;
});

const valuesWith = (rule: { allowsHttp: boolean; protocol: z.infer<typeof Protocol> }) =>
  z.object({
    'api-key': rule.protocol === 'rest' ? OneLine : OneLine.optional(),
    'base-url': z
      .string({ error: 'is not set; expected an address such as https://api.kagent.dev' })
      .refine((url) => flawOfBaseUrl(url, rule) === undefined, {
        error: ({ input }) => flawOfBaseUrl(String(input), rule),
      }),
    protocol: Protocol,
    'user-id': OneLine.optional(),
    headers: ExtraHeaders.optional(),
    // The activity as a whole is given 10 minutes.
    timeout: Duration.refine((ms) => ms >= 100 && ms <= 540_000, 'expected 100ms to 9m').prefault('30s'),
    'max-retries': z
      .string()
      .regex(/^[1-9]\d?$/, 'expected a whole number from 1 (a single try) to 99')
      .default('3')
      .transform(Number),
  });
type Values = z.infer<ReturnType<typeof valuesWith>>;

/** Throws an Error that lists every problem by file and variable, without any value. */
export function readCredentials(config: WorkerConfig): Credentials {
  return parseCredentials(findCredentials(config), config);
}

/** Throws at first like `readCredentials`; the returned function gives the newest good set, and never throws. */
export function followCredentials(config: WorkerConfig, log: ChangeLog): ReadCredentials {
  let had: string[] = [];
  return keepLastGood({
    load: () => findCredentials(config),
    parse: (found) => {
      const credentials = parseCredentials(found, config, had);
      had = lasting.filter((file) => file in found.contents);
      return credentials;
    },
    log,
    changed: () => 'The Kagent credentials were read anew and are in force.',
    kept: 'The last good ones stay in force.',
  });
}

/** A file that is empty counts as well: it is refused, rather than replaced by something that was not meant. */
function findCredentials(config: WorkerConfig): Found {
  const fromEnvironment = Object.fromEntries(
    Object.entries(variables).flatMap(([file, variable]) => {
      const text = config[variable];
      return text === undefined || text.trim() === '' ? [] : [[file, { text }] as const];
    }),
  );
  const { KAGENT_SECRET_DIR: folder, KAGENT_API_KEY_FILE: keyFile } = config;
  const fromSecret = folder === undefined ? {} : readMountedFiles(folder, Object.keys(variables));
  const fromKeyFile = keyFile !== undefined && { 'api-key': readNeeded(keyFile) };
  return {
    contents: { ...fromEnvironment, ...fromKeyFile, ...fromSecret },
    hasOwnKey: 'api-key' in fromSecret || (keyFile === undefined && 'api-key' in fromEnvironment),
  };
}

/** `had` are files that were set before, and are to stay. */
function parseCredentials(found: Found, config: WorkerConfig, had: readonly string[] = []): Credentials {
  const { texts, unreadable } = sortContents(found);
  const protocol = Protocol.safeParse(texts['protocol']).data ?? 'auto';
  if (isStock(found, protocol)) texts['base-url'] = stockAddress;
  const { data, error } = valuesWith({ protocol, allowsHttp: config.KAGENT_ALLOW_HTTP }).safeParse(texts);
  const wrong = Object.fromEntries(error?.issues.map(({ path, message }) => [String(path[0]), message]) ?? []);
  const gone = had.filter((file) => !(file in found.contents));
  const lost = Object.fromEntries(gone.map((file) => [file, 'is not set any more; only a new start goes without it']));
  const problems = Object.entries({ ...wrong, ...lost, ...unreadable });
  if (data !== undefined && problems.length === 0) return credentialsOf(data);
  const sentences = problems.map(([file, problem]) => `${nameOf(file, config)}: ${problem}`);
  throw new Error(`The Kagent credentials have ${sentences.length} problem(s):\n  ${sentences.join(';\n  ')}.`);
}

function sortContents({ contents }: Found): Record<'texts' | 'unreadable', Record<string, string>> {
  const texts: Record<string, string> = {};
  const unreadable: Record<string, string> = {};
  for (const [file, content = { text: '' }] of Object.entries(contents)) {
    if ('text' in content) texts[file] = content.text.trim();
    else unreadable[file] = `the file cannot be read (${content.unreadable})`;
  }
  return { texts, unreadable };
}

/** A key goes nowhere but where somebody has sent it; and no stock Kagent speaks the other two protocols. */
function isStock({ contents, hasOwnKey }: Found, protocol: Values['protocol']): boolean {
  return !('base-url' in contents) && !hasOwnKey && protocol !== 'rest' && protocol !== 'a2a';
}

function credentialsOf(values: Values): Credentials {
  const { 'api-key': apiKey, 'base-url': baseUrl, protocol, 'user-id': userId, headers } = values;
  return {
    ...(apiKey !== undefined && { apiKey }),
    baseUrl,
    protocol,
    timeoutMs: values.timeout,
    maxAttempts: values['max-retries'],
    ...(userId !== undefined && { userId }),
    ...(headers !== undefined && { headers }),
  };
}

function nameOf(file: string, { KAGENT_API_KEY_FILE: keyFile }: WorkerConfig): string {
  const found = Object.entries(variables).find(([name]) => name === file)?.[1] ?? file;
  const variable = file === 'api-key' && keyFile !== undefined ? 'KAGENT_API_KEY_FILE' : found;
  return `${file} (file of the Secret, or ${variable})`;
}
