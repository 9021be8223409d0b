/** The private functions of Temporal's SDK that we use, and the version of the SDK with which they were checked. */
import { readdirSync, readFileSync } from 'node:fs';
import { defaultDataConverter } from '@temporalio/common/lib/converter/data-converter.js';
import { expect, it } from 'vitest';
import { z } from 'zod';
import {
  decodeArrayFromPayloads,
  encodeMapToPayloads,
  encodeToPayloads,
  historyFromJSON,
  historyToJSON,
} from '../../runtime/temporal-private.ts';

const checkedWith = '1.24.0';
const whatToCheck =
  'Read runtime/temporal-private.ts beside the release notes: do these functions still exist, take the same arguments and do the same? Run tests/integration/handover.test.ts, unreadable-executions.test.ts and replay-command.test.ts, then enter the version here.';

const root = new URL('../../', import.meta.url);
const Manifest = z.object({ version: z.string() });

it.each(['client', 'common'])(
  '@temporalio/%s is of the version with which its private functions were checked',
  (name) => {
    const manifest = readFileSync(new URL(`node_modules/@temporalio/${name}/package.json`, root), 'utf8');
    expect(Manifest.parse(JSON.parse(manifest)).version, whatToCheck).toBe(checkedWith);
  },
);

it('values come back from payloads as they were, alone and by name', async () => {
  const values = ['text', { count: 1 }];
  const payloads = await encodeToPayloads(defaultDataConverter, ...values);
  expect(await decodeArrayFromPayloads(defaultDataConverter, payloads)).toEqual(values);
  const { incident } = await encodeMapToPayloads(defaultDataConverter, { incident: values });
  expect(await decodeArrayFromPayloads(defaultDataConverter, [incident])).toEqual([values]);
});

it('a history comes back from its JSON as it was', () => {
  const [file = ''] = readdirSync(new URL('tests/histories/', root));
  const saved: unknown = JSON.parse(readFileSync(new URL(`tests/histories/${file}`, root), 'utf8'));
  const history = historyFromJSON(saved);
  expect(history.events?.length).toBeGreaterThan(0);
  expect(historyFromJSON(JSON.parse(historyToJSON(history)))).toEqual(history);
});
