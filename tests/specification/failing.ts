/** The specification's part about errors: when a call is tried again, what each error means, and what helps. */
import { type Row, read, section, shown, test } from './row.ts';

const attempts = test('unit/call-agent', 'to %s ends after the attempts of the specification');
const example = test('unit/specification-examples', 'the error of the example is %s, and tried again: %s');
const sorted = test('unit/rest-faults', '$what fails as $reason, which is of kind $kind');
const again = test(
  'integration/deliver',
  'two failures of the server are tried again within one delivery, with one key',
);
const limited = test('integration/deliver', 'a rate limit is waited out however often it comes, and uses up no try');
const helps = (says: string) => read('When a call fails', says);

export const failing: readonly Row[] = [
  ...section('Retry Logic', [
    ['The controller implements exponential backoff for failed API calls:', shown(attempts)],
    [
      `Attempt 1: Immediate
Attempt 2: 2 seconds delay
Attempt 3: 4 seconds delay
Max attempts: 3`,
      {
        ...shown(
          attempts,
          test(
            'integration/deliver',
            'a server that stays down sees exactly three tries where nothing is delivered again',
          ),
        ),
        ...read('Decisions about delivering', 'Redelivery goes beyond'),
        note: 'Three attempts a delivery; unless REDELIVERY_LIMIT=0s, the delivery is made again minutes later.',
      },
    ],
  ]),
  ...section('Authentication Errors (401)', [
    [
      `{
  "error": "unauthorized",
  "message": "Invalid API key",
  "code": 401
}`,
      shown(
        example,
        test('e2e/faults', 'what Kagent refuses for good fails with its reason, shows no key, and Temporal keeps'),
      ),
    ],
    ['**Resolution:**', { ...helps('| 401'), ...shown(sorted) }],
    ['Verify API key is correct', { ...helps('key is correct'), ...shown(sorted) }],
    ['Check API key permissions', { ...helps('has `agents:execute`'), ...shown(sorted) }],
    ["Ensure API key hasn't expired", { ...helps('has not expired'), ...shown(sorted) }],
  ]),
  ...section('Agent Not Found (404)', [
    [
      `{
  "error": "agent_not_found",
  "message": "Agent 'incident-responder' not found",
  "code": 404
}`,
      shown(example),
    ],
    ['**Resolution:**', { ...helps('| 404'), ...shown(sorted) }],
    ['Verify agent ID in hook configuration', { ...helps('the name in the Hook'), ...shown(sorted) }],
    ['Check agent exists in Kagent platform', { ...helps('exists in Kagent'), ...shown(sorted) }],
    ['Ensure agent is active and deployed', { ...helps('active and deployed'), ...shown(sorted) }],
  ]),
  ...section('Rate Limiting (429)', [
    [
      `{
  "error": "rate_limited",
  "message": "Too many requests",
  "code": 429,
  "retry_after": 60
}`,
      shown(example),
    ],
    ['**Resolution:**', { ...helps('| 429'), ...shown(sorted) }],
    [
      'Controller automatically retries after specified delay',
      shown(limited, test('unit/call-agent', 'waits out any number of rate limits without using up an attempt')),
    ],
    ['Consider reducing hook frequency', helps('fewer Hooks')],
    ['Upgrade Kagent plan if needed', helps('a larger plan')],
  ]),
  ...section('Server Errors (5xx)', [
    [
      `{
  "error": "internal_server_error",
  "message": "Temporary service unavailable",
  "code": 500
}`,
      shown(example),
    ],
    ['**Resolution:**', { ...helps('| 5xx'), ...shown(sorted) }],
    ['Controller automatically retries', shown(again, attempts)],
    ['Check Kagent platform status', helps('status.kagent.dev')],
    ['Contact Kagent support if persistent', helps('support.kagent.dev')],
  ]),
];
