/** The bench as people run it, made small: its harness works. Its figures say nothing here, and no time is checked. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

const Load = z.object({ latency: z.object({ count: z.number() }), lost: z.number(), doubled: z.number() });
const Written = z.object({
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  machine: z.object({ cores: z.number().positive() }),
  measured: z.object({
    incidents: z.object({ saturation: z.array(z.object({ bare: Load, product: Load })).min(1) }),
  }),
});

it('asks about every incident once, beside the bare engine, and writes what it measured', {
  timeout: 240_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'bench.json');
  const args = ['--expose-gc', 'tests/bench/main.ts', 'incidents', '--small', '--json', file];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toMatch(/new incidents +[\d.]+ \/s at saturation, [\d.]+ of the bare engine/);
  const { measured } = Written.parse(JSON.parse(await readFile(file, 'utf8')));
  for (const { bare, product } of measured.incidents.saturation) {
    expect([bare, product]).toEqual([
      expect.objectContaining({ lost: 0, doubled: 0 }),
      expect.objectContaining({ lost: 0, doubled: 0 }),
    ]);
    expect(product.latency.count).toBe(10);
  }
});
