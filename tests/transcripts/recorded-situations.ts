/**
 * Which recorded exchange belongs to which situation: the table by which the double is held against the recordings.
 *
 * `{agent}` stands for an agent of each runtime, `{dialect}` for each dialect. Left out are exchanges that show chance
 * only, such as how far a run had come.
 */
import type { Release } from '../kagent-double/start-kagent-double.ts';
import type { situations } from './situations.ts';

const runtimes = ['go', 'py'];
const dialects = ['03', '10'];
/** `{agent}` is one of each runtime, `{dialect}` each dialect. */
function spread(pattern: string): string[] {
  const byAgent = pattern.includes('{agent}')
    ? runtimes.map((name) => pattern.replace('{agent}', `${name}-agent`))
    : [pattern];
  const byTool = byAgent.flatMap((name) =>
    name.includes('{tool-agent}')
      ? ['tool-agent', 'py-tool-agent'].map((tool) => name.replace('{tool-agent}', tool))
      : [name],
  );
  return byTool.flatMap((name) =>
    name.includes('{dialect}') ? dialects.map((dialect) => name.replace('{dialect}', dialect)) : [name],
  );
}

export type SituationName = keyof typeof situations;
const recorded: [situation: SituationName, names: string[]][] = [
  ['nothing', ['01-version', '02-health', '03c-agent-one', '03d-agent-missing', '04-card', '04b-card-legacy-path']],
  ['nothing', ['04d-card-unknown-agent', '04e-get-on-rpc-url', '04f-root', '04g-me', '04h-card-with-version-1.0']],
  ['nothing', ['05-seed-rest-execute', '05c-g4-path-on-0.10', '06-unknown-agent-03', '06c-unknown-namespace']],
  ['nothing', ['06d-no-trailing-slash', '06e-bad-version', '06f-version-0.3-explicit', '06g-version-0.3.0', '08b-put']],
  [
    'nothing',
    ['07-{dialect}-batch', '07-{dialect}-empty-body', '07-{dialect}-malformed-json', '07-{dialect}-no-params'],
  ],
  ['nothing', ['07-{dialect}-no-jsonrpc-field', '07-{dialect}-notification-no-id', '07-{dialect}-numeric-id']],
  ['nothing', ['07-{dialect}-other-dialect-method', '07-{dialect}-unknown-method', '07-{dialect}-unknown-task']],
  [
    'nothing',
    ['09-{agent}-{dialect}-no-message', '09-{agent}-{dialect}-bad-role', '09-{agent}-{dialect}-params-string'],
  ],
  ['nothing', ['09-{agent}-{dialect}-unknown-taskid-on-send', '09-{agent}-{dialect}-cancel-unknown']],
  [
    'nothing',
    ['09-{agent}-{dialect}-resub-unknown', '09-{agent}-{dialect}-push-config', '09-{agent}-{dialect}-extended-card'],
  ],
  ['nothing', ['09-go-agent-{dialect}-empty-parts', '09-py-agent-03-empty-parts', '09-{agent}-{dialect}-no-messageid']],
  [
    'nothing',
    ['10-{agent}-{dialect}-send-nonblocking', '16-{agent}-{dialect}-send-blocking', '17-{agent}-{dialect}-stream'],
  ],
  [
    'nothing',
    ['14b-{agent}-{dialect}-list-unknown-context', '14c-{agent}-03-sess-tasks-unknown', '22c-py-empty-stream'],
  ],
  ['nothing', ['27b-{agent}-session-create', '27h-session-unknown-agent', '51-go-agent-03-ctl-nul']],
  ['nothing', ['16b-{agent}-{dialect}-send-default-config', '24-{agent}-03-ctx-300', '53-{agent}-nul-late']],
  ['nothing', ['18-py-agent-{dialect}-dup-first', '51-{agent}-03-ctl-esc-bell-vt', '51-py-agent-03-ctl-nul']],
  ['nothing', ['52-{agent}-{dialect}-lone-surrogate-escape', '54-{agent}-{dialect}-send-historyLength0']],
  ['nothing', ['21-{agent}-{dialect}-model-500-send', '58-agent-not-ready-but-alive']],
  ['twice', ['18b-{agent}-{dialect}-dup-second-same-context']],
  ['completed', ['27-{agent}-session-default-name', '66-byo-own-task-store-get']],
  ['paused', ['37-{tool-agent}-unknown-decision', '38b-{tool-agent}-approve-without-context']],
  ['paused', ['32-{tool-agent}-{dialect}-reject-reply', '32-{tool-agent}-{dialect}-plain-text-reply']],
  ['paused', ['80-v0.9.12-{tool-agent}-{dialect}-reject-reply', '85-v0.8.6-{tool-agent}-03-reject-reply']],
  ['paused elsewhere', ['38c-{tool-agent}-approve-wrong-context']],
  ['paused for two', ['32-py-tool-agent-{dialect}-batch-reply']],
  ['paused for a question', ['35-tool-agent-ask-user-paused']],
  ['orphan', ['59c-get-task-through-another-agent']],
  [
    'submitted',
    ['11-py-agent-{dialect}-api-task-early', '11-py-agent-{dialect}-list-early', '12-py-agent-{dialect}-get-first'],
  ],
  [
    'working',
    ['11-go-agent-{dialect}-api-task-early', '11-go-agent-{dialect}-list-early', '12-go-agent-{dialect}-get-first'],
  ],
  [
    'working',
    ['11-go-agent-{dialect}-sess-tasks-early', '15-{agent}-{dialect}-get-other-user', '15b-{agent}-03-sess-other-user'],
  ],
  ['working', ['15c-{agent}-{dialect}-task-other-user', '19-{agent}-{dialect}-cancel-running']],
  [
    'completed',
    ['13-{agent}-{dialect}-get-completed', '13b-{agent}-{dialect}-get-history0', '14-{agent}-03-session-after'],
  ],
  [
    'completed',
    ['14-{agent}-{dialect}-api-task-after', '14-{agent}-{dialect}-list-after', '14-{agent}-{dialect}-sess-tasks-after'],
  ],
  ['completed', ['19e-py-agent-{dialect}-cancel-terminal', '20b-{agent}-{dialect}-resubscribe-terminal']],
  ['short', ['20-go-agent-{dialect}-resubscribe', '20-py-agent-03-resubscribe']],
  ['twice', ['18c-{agent}-{dialect}-dup-list']],
  ['cancelled', ['19b-{agent}-{dialect}-get-after-cancel', '19c-{agent}-{dialect}-cancel-again']],
  ['failed 500', ['21b-{agent}-{dialect}-model-500-final']],
  ['failed 401', ['21b-{agent}-03-model-401-final']],
  ['empty', ['22-{agent}-{dialect}-empty-answer', '22d-py-empty-after']],
  ['down', ['23-byo-agent-{dialect}-send', '40c-{agent}-KILL-send-while-down']],
  ['orphan', ['41-{agent}-KILL-orphan-task', '41b-{agent}-KILL-orphan-resubscribe', '41c-{agent}-KILL-orphan-cancel']],
  ['orphan', ['41d-{agent}-new-send-in-orphan-context', '41e-{agent}-send-to-orphan-task']],
  [
    'database down',
    ['45-db-down-tasks-get', '45b-db-down-GetTask', '45c-db-down-tasks-list', '45d-db-down-session-tasks'],
  ],
  ['database down', ['45e-db-down-api-task', '45f-db-down-send']],
  ['deleted', ['59-get-task-after-agent-deleted', '59b-api-task-after-agent-deleted']],
  ['a session', ['27d-{agent}-session-tasks-empty', '27f-{agent}-session-rename', '27j-session-delete']],
  ['paused', ['31-{tool-agent}-{dialect}-approve-paused', '32-{tool-agent}-{dialect}-approve-reply']],
  [
    'paused',
    [
      '38-{tool-agent}-approve-without-taskid',
      '38d-{tool-agent}-approve-other-user',
      '39-{tool-agent}-cancel-while-paused',
    ],
  ],
  ['a message', ['64-byo-{dialect}-message-result']],
  ['a rejection', ['65-byo-{dialect}-rejected']],
  ['a login', ['65-byo-{dialect}-authreq']],
  ['paused for two', ['31-{tool-agent}-{dialect}-batch-paused']],
  ['paused for a question', ['35-py-tool-agent-ask-user-paused', '35b-py-tool-agent-ask-user-answer']],
  ['approved', ['33-{tool-agent}-{dialect}-approve-final', '34-{tool-agent}-{dialect}-approve-reply-again-after-done']],
  ['rejected', ['33-{tool-agent}-{dialect}-reject-final']],
  ['answered', ['35c-py-tool-agent-ask-user-final']],
];
const older: [situation: SituationName, names: string[]][] = [
  [
    'nothing',
    ['80-v0.9.12-version', '80-v0.9.12-health', '80-v0.9.12-card', '80-v0.9.12-card-legacy', '80-v0.9.12-bad-version'],
  ],
  [
    'nothing',
    ['80-v0.9.12-seed', '80-v0.9.12-unknown-agent', '80-v0.9.12-session-create', '80-v0.9.12-v1-header-gettask'],
  ],
  [
    'nothing',
    [
      '80-v0.9.12-{agent}-03-send',
      '80-v0.9.12-py-agent-10-send',
      '80-v0.9.12-{agent}-{dialect}-stream',
      '80-v0.9.12-{agent}-{dialect}-unknown-task',
    ],
  ],
  [
    'working',
    [
      '80-v0.9.12-{agent}-{dialect}-get-first',
      '80-v0.9.12-{agent}-{dialect}-list',
      '80-v0.9.12-{agent}-{dialect}-cancel',
    ],
  ],
  ['working', ['80-v0.9.12-{agent}-{dialect}-sess-tasks']],
  ['completed', ['80-v0.9.12-{agent}-{dialect}-get-final', '80-v0.9.12-{agent}-{dialect}-get-other-user']],
  ['completed', ['80-v0.9.12-{agent}-{dialect}-api-task-other-user']],
  ['down', ['80-v0.9.12-{agent}-get-while-agent-down']],
  ['paused', ['80-v0.9.12-{tool-agent}-{dialect}-approve-paused', '80-v0.9.12-{tool-agent}-{dialect}-approve-reply']],
  [
    'nothing',
    ['85-v0.8.6-version', '85-v0.8.6-health', '85-v0.8.6-card', '85-v0.8.6-card-legacy', '85-v0.8.6-bad-version'],
  ],
  ['nothing', ['85-v0.8.6-seed', '85-v0.8.6-unknown-agent', '85-v0.8.6-session-create', '85-v0.8.6-v1-header-gettask']],
  ['nothing', ['85-v0.8.6-{agent}-03-send', '85-v0.8.6-{agent}-03-stream', '85-v0.8.6-{agent}-03-unknown-task']],
  ['working', ['85-v0.8.6-{agent}-03-get-first', '85-v0.8.6-{agent}-03-list', '85-v0.8.6-{agent}-03-cancel']],
  ['working', ['85-v0.8.6-{agent}-03-sess-tasks']],
  [
    'completed',
    [
      '85-v0.8.6-{agent}-03-get-final',
      '85-v0.8.6-{agent}-03-get-other-user',
      '85-v0.8.6-{agent}-03-api-task-other-user',
    ],
  ],
  ['down', ['85-v0.8.6-{agent}-get-while-agent-down']],
  ['orphan', ['85-v0.8.6-{agent}-resub-orphan']],
  ['paused', ['85-v0.8.6-{tool-agent}-03-approve-paused', '85-v0.8.6-{tool-agent}-03-approve-reply']],
];

export const recordedRows = [...recorded, ...older].flatMap(([situation, names]) =>
  names.flatMap(spread).map((name): [SituationName, string] => [situation, name]),
);

export function releaseOf(name: string): Release {
  if (name.startsWith('80-')) return '0.9.12';
  return name.startsWith('85-') ? '0.8.6' : '0.10';
}
