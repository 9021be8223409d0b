/** The prompt that comes with a start: the same as a worker would write, or none. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstPromptOf } from '../../watcher/starting/first-prompt.ts';
import { isIncident } from '../../workflows/checks/check-input.ts';
import { writePrompt } from '../../workflows/contract/prompt.ts';
import { beginRecord, soFarOf } from '../../workflows/record/incident-record.ts';
import { promptOfStart } from '../../workflows/record/prompt-of-start.ts';

import { anIncident, anOccurrence, noon } from '../make.ts';

const everything =
  '{{.EventType}} {{.Message}} {{.Count}} {{.FirstSeen}} {{.LastSeen}} {{.AskedAt}}\n{{.Evidence}}\n' +
  '{{#each Members}}{{.Namespace}}/{{.ResourceName}} {{.Container}} {{.NodeName}} {{.FirstSeen}} x{{.Count}};{{/each}}';

describe('the watcher', () => {
  it('writes what the worker would write in the same moment, whatever occurred', () => {
    const occurrences = fc.record({
      message: fc.string({ maxLength: 200, unit: 'grapheme' }),
      times: fc.integer({ min: 1, max: 50 }),
      evidence: fc.option(fc.array(fc.string({ maxLength: 50 }), { maxLength: 3 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(occurrences, ({ evidence, ...over }) => {
        const occurrence = anOccurrence({ ...over, ...(evidence !== undefined && { evidence }) });
        const incident = anIncident({ prompt: everything, occurrence });
        const worker = writePrompt(incident, soFarOf(beginRecord(incident, 'run', noon), noon));
        expect(worker).toEqual({ ok: true, text: firstPromptOf(incident, noon) });
      }),
    );
  });

  it.each([
    ['a long template', 'x'.repeat(4097)],
    ['a template that cannot be filled', '{{.Nothing}}'],
    ['one that takes many steps', '{{#each this}}{{#each this}}{{#each this}}{{this}}{{/each}}{{/each}}{{/each}}'],
    ['one that gets long', '{{.Message}}'.repeat(20)],
  ])('leaves %s to the worker', (_, prompt) => {
    const incident = anIncident({ prompt, occurrence: anOccurrence({ message: 'm'.repeat(1000) }) });
    expect(firstPromptOf(incident, noon)).toBeUndefined();
  });
});

describe('the execution', () => {
  const incident = { ...anIncident(), firstPrompt: 'go' };
  it.each<[string, string | undefined, { asks: number; ageMs: number; unread: number }]>([
    ['takes it in its first moments', 'go', { asks: 1, ageMs: 10_000, unread: 0 }],
    ['does not once it has waited for a worker', undefined, { asks: 1, ageMs: 10_001, unread: 0 }],
    ['does not where a signal has come', undefined, { asks: 1, ageMs: 0, unread: 1 }],
    ['does not when it asks again', undefined, { asks: 2, ageMs: 0, unread: 0 }],
  ])('%s', (_, expected, { asks, ...since }) => {
    expect(promptOfStart(incident, { asks }, since)).toBe(expected);
  });

  it('takes no input with a prompt longer than the watcher writes one', () => {
    expect(isIncident({ ...anIncident(), firstPrompt: 'x'.repeat(8192) })).toBe(true);
    expect(isIncident({ ...anIncident(), firstPrompt: 'x'.repeat(8193) })).toBe(false);
  });
});
