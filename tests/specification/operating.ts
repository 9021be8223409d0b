/** The specification from its configuration examples on: Secrets, metrics, health, keys, networks, data. */
import { type Row, read, section, shown, test } from './row.ts';

const command = (title: string) => test('e2e/specification-commands', title);
const manifest = command('the printed Secret %s is taken by the cluster and read by the worker');
const counted = test('unit/metrics', 'that fails by %s counts once as error, under one type');
const seen = test('e2e/metrics', 'is seen in the metrics and logs of both processes, and the key in none of them');
const leaks = test('e2e/leaks', 'a key that servers write back stands in nothing that we write');
const request = test('e2e/leaks', 'nothing of the Pod, its node and its Hook leaves but the list of the specification');
const key = (says: string) => read('The API key', says);
const urls = (says: string) => read('Base URLs', says);

export const operating: readonly Row[] = [
  ...section('Production Configuration', [
    [
      `apiVersion: v1
kind: Secret
metadata:
  name: kagent-credentials
  namespace: kagent-system
type: Opaque
stringData:
  api-key: "prod-key-abc123..."
  base-url: "https://api.kagent.dev"
  timeout: "30s"
  max-retries: "3"`,
      { ...shown(manifest), ...read('The Secret', '`max-retries`') },
    ],
  ]),
  ...section('Development Configuration', [
    [
      `apiVersion: v1
kind: Secret
metadata:
  name: kagent-credentials
  namespace: kagent-system
type: Opaque
stringData:
  api-key: "dev-key-xyz789..."
  base-url: "https://dev.kagent.dev"
  timeout: "10s"
  max-retries: "1"`,
      shown(manifest, test('unit/call-agent', 'has as many attempts as are configured')),
    ],
  ]),
  ...section('API Call Metrics', [
    [
      'The controller exposes metrics for monitoring API interactions:',
      { ...shown(seen), ...read('Metrics', '`/metrics`') },
    ],
    [
      '`kagent_api_calls_total{status="success|error", agent_id="..."}`',
      { ...shown(counted, seen), ...read('Metrics', '`kagent_api_calls_total`') },
    ],
    [
      '`kagent_api_call_duration_seconds{agent_id="..."}`',
      { ...shown(counted, seen), ...read('Metrics', '`kagent_api_call_duration_seconds`') },
    ],
    [
      '`kagent_api_errors_total{error_type="auth|not_found|rate_limit|server"}`',
      {
        ...shown(test('unit/metrics', 'is an error of type %s after %j'), seen),
        ...read('Metrics', '`kagent_api_errors_total`'),
      },
    ],
  ]),
  ...section('Health Checks', [
    [
      'Verify Kagent API connectivity:',
      {
        ...shown(test('e2e/agents', 'a rotated key takes effect within seconds, without a restart')),
        ...read('Health', '`AgentReachable`'),
      },
    ],
    [
      `# Test API connectivity
kubectl exec -n kagent-system deployment/kagent-hook-controller -- \\
  curl -H "Authorization: Bearer $KAGENT_API_KEY" \\
  $KAGENT_BASE_URL/health`,
      {
        ...shown(
          command('the printed curl reaches the health of Kagent with the key of the exports'),
          test('integration/chart/story', 'the printed exec reaches Kagent with what the calling shell exports'),
        ),
        ...read('Health', 'your own shell'),
        note: 'kubectl exec needs a kubelet; here a script of that name runs curl with the variables of the container.',
      },
    ],
    [
      `# Check controller health
curl http://localhost:8081/healthz`,
      {
        ...shown(
          command('the printed curl shows the health of the worker'),
          test('e2e/health', 'the worker reports its neighbour under /healthz only, and keeps working without it'),
        ),
        ...read('Health', '`/healthz`'),
      },
    ],
  ]),
  ...section('API Key Management', [
    ['**Rotation:**', key('Rotate')],
    [
      'Rotate API keys regularly (recommended: every 90 days)',
      {
        ...key('every 90 days'),
        ...shown(
          test('e2e/agents', 'a rotated key takes effect within seconds, without a restart'),
          test('unit/call-agent', 'goes on with a key that was rotated between two attempts'),
        ),
      },
    ],
    [
      'Use Kubernetes secrets for secure storage',
      {
        ...key('a Secret'),
        ...shown(command('the printed command makes a Secret that the worker reads'), leaks),
      },
    ],
    ['Never commit API keys to version control', key('version control')],
    ['**Least Privilege:**', key('no other permission')],
    ['Use API keys with minimal required permissions', key('no other permission')],
    ['Create separate keys for different environments', key('each environment')],
    ['Monitor API key usage', key('`kagent_api_calls_total`')],
    ['**Network Security:**', urls('https')],
    [
      'Use HTTPS for all API communications',
      { ...urls('https'), ...shown(test('unit/credentials', 'may be %s only where')) },
    ],
    ['Implement network policies if required', urls('network policy')],
    ['Consider VPN or private networking for sensitive environments', urls('VPN')],
  ]),
  ...section('Data Privacy', [
    [
      'The controller sends the following data to Kagent:',
      { ...shown(request), ...read('What leaves the cluster', 'and nothing else') },
    ],
    [
      'Event metadata (timestamps, resource names)',
      { ...shown(request), ...read('What leaves the cluster', '`resourceName`') },
    ],
    ['Kubernetes event messages', { ...shown(request), ...read('What leaves the cluster', '`eventMessage`') }],
    ['Configured prompt templates', { ...shown(request), ...read('What leaves the cluster', '`prompt`') }],
    [
      'Cluster identification (if configured)',
      {
        ...shown(request, test('unit/rest', 'names no cluster when none is configured')),
        ...read('What leaves the cluster', '`CLUSTER_NAME`'),
      },
    ],
    ['Ensure this complies with your data governance policies.', read('What leaves the cluster', 'data governance')],
  ]),
];
