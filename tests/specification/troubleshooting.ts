/** The end of the specification: timeouts, certificates, proxies, debugging, support. */
import { type Row, read, section, shown, test } from './row.ts';

const command = (title: string) => test('e2e/specification-commands', title);
const seen = test('e2e/metrics', 'is seen in the metrics and logs of both processes, and the key in none of them');

export const troubleshooting: readonly Row[] = [
  ...section('Common Issues', [
    ['**Connection Timeouts:**', read('Timeouts', 'give each try more time')],
    [
      `# Increase timeout in configuration
kubectl patch secret kagent-credentials -p '{"stringData":{"timeout":"60s"}}'`,
      {
        ...shown(command('the printed patch gives the next call 60 s, without a restart')),
        ...read('Timeouts', '60s'),
      },
    ],
    ['**SSL Certificate Issues:**', read('Certificates', 'a private CA')],
    [
      `# For self-hosted instances with custom certificates
kubectl create configmap kagent-ca-cert --from-file=ca.crt=your-ca.crt`,
      {
        ...shown(command('the printed ConfigMap makes the worker trust a Kagent of that CA')),
        ...read('Certificates', '`kagent-ca-cert`'),
      },
    ],
    ['**Proxy Configuration:**', read('Proxies', 'go through the proxy')],
    [
      `# Configure HTTP proxy if needed
kubectl set env deployment/kagent-hook-controller HTTP_PROXY=http://proxy:8080`,
      {
        ...shown(
          command('the printed proxy is what the worker of the Deployment calls Kagent through'),
          test('integration/kagent-tls-proxy', 'of HTTP_PROXY alone has https calls, on one kept connection'),
        ),
        ...read('Proxies', '`HTTP_PROXY`'),
      },
    ],
  ]),
  ...section('Debug API Calls', [
    ['Enable API debug logging:', { ...shown(seen), ...read('Debugging the calls', '`LOG_LEVEL=debug`') }],
    [
      `kubectl set env deployment/kagent-hook-controller LOG_LEVEL=debug
kubectl logs -n kagent-system deployment/kagent-hook-controller | grep "kagent-api"`,
      {
        ...shown(
          command('the printed log level is read by both processes of the Deployment'),
          command('the printed grep finds a request and its answer in the log of the worker'),
          test('integration/chart/story', 'the printed grep finds the calls in the log of the first container'),
        ),
        ...read('Debugging the calls', '`kagent-api`'),
        note: 'kubectl logs needs a kubelet; here grep reads the same lines from the file of the process.',
      },
    ],
  ]),
  ...section('Support', [
    ['For Kagent API integration issues:', read('Support', 'status.kagent.dev')],
    [
      '**Check API Status**: [status.kagent.dev](https://status.kagent.dev)',
      read('Support', '(https://status.kagent.dev)'),
    ],
    [
      '**API Documentation**: [docs.kagent.dev/api](https://docs.kagent.dev/api)',
      read('Support', '(https://docs.kagent.dev/api)'),
    ],
    ['**Support**: [support.kagent.dev](https://support.kagent.dev)', read('Support', '(https://support.kagent.dev)')],
  ]),
];
