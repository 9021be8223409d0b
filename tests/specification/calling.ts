/** The specification from its beginning to what is sent and answered: key, address, request, answer. */
import { type Row, read, section, shown, test } from './row.ts';

const story = test('e2e/story', 'an OOM kill asks the agent once, in the words of the specification');
const request = test('unit/specification-examples', 'the request has exactly the headers and the body of the example');
const answer = test('unit/specification-examples', 'the answer of the example is a started run');
const command = (title: string) => test('e2e/specification-commands', title);
const secret = command('the printed command makes a Secret that the worker reads');
const exports = command('the printed exports are what the worker reads where there is no Secret');
const key = (says: string) => read('The API key', says);

export const calling: readonly Row[] = [
  ...section('Kagent API Integration', [
    [
      'This document describes how the KAgent Hook Controller integrates with the Kagent platform, including authentication, API requirements, and configuration.',
      read('Kagent', 'REST API'),
    ],
  ]),
  ...section('Overview', [
    [
      'The controller communicates with the Kagent platform via REST API to trigger agent executions when Kubernetes events occur.',
      shown(
        story,
        test('e2e/story', 'a Pod that the real scheduler cannot place is reported in the words of the scheduler'),
      ),
    ],
    [
      'Each event configuration in a Hook resource specifies which Kagent agent to call and what prompt to send.',
      shown(story, test('unit/hook-schema', 'has all four types act, each with its own agent')),
    ],
  ]),
  ...section('API Key Authentication', [
    ['The controller uses API key authentication to communicate with the Kagent platform.', shown(request)],
  ]),
  ...section('Setting up API Keys', [
    ['**Obtain API Key from Kagent Platform:**', key('a person makes it')],
    ['Log into your Kagent dashboard', key('Log into the dashboard')],
    ['Navigate to Settings > API Keys', key('Settings > API Keys')],
    ['Create a new API key with appropriate permissions', key('`agents:execute` and `agents:read`')],
    ['Copy the generated key', key('Copy the key')],
    ['**Configure in Kubernetes:**', { ...shown(secret), ...read('The Secret', '`kagent-credentials`') }],
    [
      `kubectl create secret generic kagent-credentials \\
  --from-literal=api-key=your-kagent-api-key \\
  --from-literal=base-url=https://api.kagent.dev \\
  --namespace=kagent-system`,
      shown(secret),
    ],
    ['**Environment Variables (Alternative):**', { ...shown(exports), ...read('The Secret', '`KAGENT_API_KEY`') }],
    [
      `export KAGENT_API_KEY=your-kagent-api-key
export KAGENT_BASE_URL=https://api.kagent.dev`,
      shown(exports),
    ],
  ]),
  ...section('Required Permissions', [
    ['The API key must have the following permissions:', key('permissions')],
    [
      '`agents:execute` - Execute agent requests',
      {
        ...key('`agents:execute`'),
        ...shown(test('unit/rest-faults', '$what fails as $reason, which is of kind $kind')),
      },
    ],
    [
      '`agents:read` - Read agent configurations (for validation)',
      {
        ...key('`agents:read`'),
        ...shown(
          test(
            'e2e/agents',
            'a key that may not read agents leaves them unknown, and says which permission is missing',
          ),
        ),
      },
    ],
  ]),
  ...section('Base URL Configuration', [
    [
      'Configure the base URL for your Kagent instance:',
      shown(test('unit/rest', 'goes below a base URL that ends in "%s"'), secret),
    ],
    [
      '**SaaS**: `https://api.kagent.dev`',
      {
        ...read('Base URLs', '`https://api.kagent.dev`'),
        ...shown(test('unit/specification-examples', 'the base URL %s')),
      },
    ],
    [
      '**Self-hosted**: `https://your-kagent-instance.com/api`',
      {
        ...read('Base URLs', '`https://your-kagent-instance.com/api`'),
        ...shown(test('unit/specification-examples', 'the base URL %s')),
      },
    ],
    [
      '**Development**: `https://dev.kagent.dev`',
      {
        ...read('Base URLs', '`https://dev.kagent.dev`'),
        ...shown(test('unit/specification-examples', 'the base URL %s')),
      },
    ],
  ]),
  ...section('Agent Execution Endpoint', [
    [
      '**Endpoint**: `POST /v1/agents/{agentId}/execute`',
      shown(request, test('unit/rest', 'keeps any agent name in one segment of the path')),
    ],
    ['**Headers:**', shown(request)],
    [
      `Authorization: Bearer {api-key}
Content-Type: application/json`,
      shown(request),
    ],
    ['**Request Body:**', shown(request)],
    [
      `{
  "prompt": "Your prompt template with context",
  "context": {
    "eventName": "pod-restart",
    "eventTime": "2024-01-15T10:30:00Z",
    "resourceName": "my-app-pod-123",
    "namespace": "production",
    "eventMessage": "Container my-app restarted"
  },
  "metadata": {
    "source": "kagent-hook-controller",
    "hookName": "production-monitoring",
    "kubernetesCluster": "prod-cluster-1"
  }
}`,
      shown(request, story),
    ],
    ['**Response:**', shown(answer)],
    [
      `{
  "success": true,
  "executionId": "exec-123456",
  "message": "Agent execution started successfully",
  "estimatedDuration": "30s"
}`,
      shown(answer),
    ],
  ]),
];
