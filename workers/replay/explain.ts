/**
 * What the SDK says about a replay that failed → what the code does instead, in plain words. Pure.
 *
 * Called by replay-history. What it does not know it hands on as it is, in one line.
 */

/** By the SDK's state machines, whose names are in its messages without blanks and in lower case. */
const steps = new Map(
  Object.entries({
    activity: 'runs or cancels an activity',
    localactivity: 'runs a local activity',
    timer: 'starts or cancels a timer',
    modifyworkflowproperties: 'writes the memo',
    upsertworkflowsearchattributes: 'sets search attributes',
    completeworkflow: 'completes',
    failworkflow: 'fails',
    cancelworkflow: 'ends as cancelled',
    continueasnewworkflow: 'continues as new',
    childworkflow: 'starts a child workflow',
    signalexternalwf: 'signals another workflow',
    cancelexternalwf: 'cancels another workflow',
    patch: 'records a patch',
  }),
);

type Words = (...found: string[]) => string;

/** The first row that fits is taken. */
const rows: [RegExp, Words][] = [
  [
    /^Activity type of .*? '(.*)' does not match activity type of (local )?activity command '(.*)'/,
    (was, local = '', is) => `the code runs ${local}activity ${is}, and not ${was}`,
  ],
  [
    /^Activity id of .*? '(.*)' does not match activity id of (local )?activity command '(.*)'/,
    (was, local = '', is) => `the code runs its ${local}activity ${is}, and not ${was}`,
  ],
  [
    /^Local activity marker data has sequence number (\d+) but .*sequence number (\d+)/,
    (was, is) => `the code runs its local activity ${is}, and not ${was}`,
  ],
  [/^Missing associated machine for LocalActivity/, () => 'the code runs no such local activity'],
  [/^No command scheduled for event/, () => 'the code does nothing there, it waits'],
  [/^During event handling, .* matching command/, () => 'the code has not begun what this event ends'],
  [/says the transition is invalid during event/, () => 'it does not fit the events before it'],
  [/^(.+?) ?machine does not handle /i, (machine = '') => `the code ${stepOf(machine)} there`],
];

/** The SDK's own words, without those around them. */
export function essenceOf(message: string): string {
  const [, quoted] = /message: "((?:[^"\\]|\\.)*)"/.exec(message) ?? [];
  const text = quoted === undefined ? message : unescape(quoted);
  const oneLine = text
    .replace(/^(\[TMPRL\d+\] )?(Nondeterminism error|Fatal error in workflow machines): /, '')
    .replaceAll(/\s+/g, ' ');
  return oneLine.length > 300 ? `${oneLine.slice(0, 300)}…` : oneLine;
}

export function explain(message: string): string {
  const essence = essenceOf(message);
  if (message.includes('workflow task failure')) return `the code throws there: ${essence}`;
  for (const [pattern, words] of rows) {
    const found = pattern.exec(essence);
    if (found !== null) return words(...found.slice(1));
  }
  return `the SDK says: ${essence}`;
}

function stepOf(machine: string): string {
  return steps.get(machine.replaceAll(' ', '').toLowerCase()) ?? `takes another step (${machine})`;
}

/** The SDK quotes as Rust does, which for what stands in its messages is what JSON does. */
function unescape(quoted: string): string {
  try {
    const text: unknown = JSON.parse(`"${quoted}"`);
    return String(text);
  } catch {
    return quoted;
  }
}
