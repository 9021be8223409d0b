/**
 * Settings that several processes read, and the forms that several settings have.
 *
 * Schemas only; reads nothing.
 */
import { z } from 'zod';
import { durationMs, durationPattern } from '../workflows/contract/plain/duration.ts';

/** Milliseconds after parsing. */
export const Duration = z
  .string()
  .regex(durationPattern, 'expected a duration such as 500ms, 90s or 1h30m')
  .transform(durationMs);

/** Undefined where unset. */
export const Text = z.string().optional();

/** A list, separated by commas, spaces or both. */
export const Words = z.string().transform((text) => text.split(/[\s,]+/).filter((word) => word !== ''));

/** False where unset. */
export const Flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');

export const Port = z
  .string()
  .regex(/^\d{1,5}$/, 'expected a port number')
  .transform(Number)
  .refine((port) => port <= 65_535, 'expected a port number');

export function httpAddress(expected: string) {
  return z.url({ protocol: /^https?$/, error: `expected ${expected}` });
}

export function installation(other: 'watcher' | 'worker') {
  return z
    .string({ error: `is not set; expected the same short name as on the ${other}` })
    .regex(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/, 'expected 1 to 32 lower-case letters, digits and dashes')
    .describe(
      'Short name of this installation. Part of the task queue, of every workflow id and of every query; the same on watcher and worker.',
    );
}

export function healthPort(usual: string) {
  return Port.prefault(usual).describe('Port of /healthz, /readyz and /livez.');
}

export const KeyFolder = Text.describe(
  'Folder with the keys that encrypt what goes to Temporal, as a Secret is mounted: a file per key id, and active. The same on watcher and worker; read anew on change. Without it nothing is encrypted.',
);

export const LogLevel = z
  .enum(['debug', 'info', 'warn', 'error'])
  .default('info')
  .describe('Least severe log lines that are written.');
