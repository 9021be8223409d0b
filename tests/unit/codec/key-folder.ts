/** Key folders as people make them and as the kubelet mounts them. Used by the tests of the codec. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type KeyRing, openKeyRing } from '../../../codec/key-ring.ts';

/** What a file of the folder holds for a new key. */
export const aKey = () => randomBytes(32).toString('base64');

export function aFolder(files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, name), value);
  return folder;
}

/** Writes a version of a Secret as the kubelet does: a new folder, then the link to it in one step, then the old one goes. */
export function mountVersion(folder: string, version: string, files: Record<string, string>, old?: string): void {
  mkdirSync(join(folder, version));
  for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, version, name), value);
  symlinkSync(version, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  for (const name of Object.keys(files)) {
    rmSync(join(folder, name), { force: true });
    symlinkSync(join('..data', name), join(folder, name));
  }
  if (old !== undefined) rmSync(join(folder, old), { recursive: true });
}

export function aLog() {
  const lines: string[] = [];
  return { lines, log: { info: (text: string) => lines.push(text), warn: (text: string) => lines.push(text) } };
}

/** A ring that looks into its folder for every payload. */
export function aRing(files: Record<string, string>): KeyRing {
  return openKeyRing({ folder: aFolder(files), log: aLog().log, recheckMs: 0 });
}
