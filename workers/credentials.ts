/**
 * The Kagent credentials: files of the mounted Secret first, then the environment. Read anew for every call.
 *
 * Called by main at start, to refuse what is wrong, and by callAgent before each try, so that a rotated Secret takes
 * effect at once. Never caches, never logs a value.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Credentials } from '../activities/agents/credentials.ts';
import type { WorkerConfig } from './config.ts';

/** One setting: its file in the Secret, its variable, and what it defaults to. */
const sources = {
  'api-key': 'KAGENT_API_KEY',
  'base-url': 'KAGENT_BASE_URL',
  timeout: 'KAGENT_TIMEOUT',
  'max-retries': 'KAGENT_MAX_RETRIES',
} as const;

const Values = z.object({
  'api-key': z.string({ error: 'is not set' }).regex(/^[\x21-\x7e]+$/, 'wanted one line of printable characters'),
  'base-url': z.url({ protocol: /^https?$/, error: 'wanted an address such as https://api.kagent.dev' }),
  timeout: z
    .string()
    .regex(/^\d+(ms|s|m)$/, 'wanted a duration such as 30s')
    .default('30s')
    .transform((text) => {
      const unit = text.endsWith('ms') ? 1 : text.endsWith('m') ? 60_000 : 1000;
      return Number.parseInt(text, 10) * unit;
    })
    .refine((ms) => ms >= 100 && ms <= 540_000, 'wanted 100ms to 9m'),
  'max-retries': z
    .string()
    .regex(/^[1-9]\d?$/, 'wanted a whole number from 1 (a single try) to 99')
    .default('3')
    .transform(Number),
});

/** Throws an Error that lists every problem by file and variable, without any value that may be secret. */
export function readCredentials(config: WorkerConfig): Credentials {
  const found = Object.fromEntries(
    Object.entries(sources).flatMap(([file, variable]) => {
      const value = readSecretFile(config.KAGENT_SECRET_DIR, file) ?? config[variable];
      return value === undefined || value.trim() === '' ? [] : [[file, value.trim()]];
    }),
  );
  const parsed = Values.safeParse(found);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `  ${nameOf(String(path[0]))}: ${message}`);
    throw new Error(`The Kagent credentials have ${problems.length} problem(s):\n${problems.join('\n')}`);
  }
  const values = parsed.data;
  return {
    apiKey: values['api-key'],
    baseUrl: values['base-url'],
    timeoutMs: values.timeout,
    maxAttempts: values['max-retries'],
  };
}

function nameOf(file: string): string {
  const variable = Object.entries(sources).find(([name]) => name === file)?.[1] ?? file;
  return `${file} (file of the Secret, or ${variable})`;
}

function readSecretFile(folder: string | undefined, file: string): string | undefined {
  if (folder === undefined) return undefined;
  try {
    return readFileSync(join(folder, file), 'utf8');
  } catch {
    return undefined; // a Secret need not have every file
  }
}

/** The certificates of a PEM file; throws a sentence that names the file. */
export function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`KAGENT_CA_FILE ${file} cannot be read: ${String(error)}`, { cause: error });
  }
}
