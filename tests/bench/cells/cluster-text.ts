/** Pods and Events as JSON text of realistic size, for the benchmark of detection. Every hundredth Pod is in trouble. */
const labels = { app: 'web', tier: 'frontend', 'app.kubernetes.io/managed-by': 'Helm' };

/** About 8 KiB, with the managed fields and the environment that no detector needs. */
export function podText(index: number, version: number): string {
  const inTrouble = index % 100 === 0;
  const restartCount = inTrouble ? version : 0;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `web-${index}`,
      namespace: 'shop',
      uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      resourceVersion: String(index * 10 + version),
      creationTimestamp: '2026-09-01T10:00:00Z',
      labels: { ...labels, 'pod-template-hash': `7d9c6b8f5d${index % 50}` },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `web-${index % 50}`,
          uid: `rs-${index % 50}`,
          controller: true,
        },
      ],
      managedFields: Array.from({ length: 3 }, (_, n) => managedField(n)),
    },
    spec: {
      nodeName: `node-${index % 100}`,
      restartPolicy: 'Always',
      containers: [
        {
          name: 'app',
          image: 'registry.example/web:1',
          readinessProbe: { httpGet: { path: '/ready', port: 8080 } },
          env: Array.from({ length: 20 }, (_, n) => ({ name: `SETTING_${n}`, value: `value-${n}-${index}` })),
        },
      ],
    },
    status: {
      phase: 'Running',
      conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: '2026-09-01T10:00:05Z',
      })),
      containerStatuses: [
        {
          name: 'app',
          image: 'registry.example/web:1',
          ready: true,
          started: true,
          restartCount,
          containerID: `containerd://${index}-${restartCount}`,
          state: { running: { startedAt: '2026-09-01T10:00:04Z' } },
          lastState: restartCount === 0 ? {} : { terminated: terminationOf(index, restartCount) },
        },
      ],
    },
  });
}

function managedField(n: number): object {
  const fields = Object.fromEntries(
    Array.from({ length: 30 }, (_, k) => [`f:field-${n}-${k}`, { '.': {}, 'f:value': {} }]),
  );
  return { manager: `manager-${n}`, operation: 'Update', fieldsV1: { 'f:spec': fields } };
}

function terminationOf(index: number, restartCount: number): object {
  return {
    exitCode: 137,
    reason: 'OOMKilled',
    startedAt: '2026-09-01T10:00:04Z',
    finishedAt: '2026-09-01T11:00:00Z',
    containerID: `containerd://${index}-${restartCount - 1}`,
  };
}

/** One in ten is a Warning; the rest is the course of things. */
export function eventText(index: number, pods: number): string {
  const isWarning = index % 10 === 0;
  const pod = index % pods;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `web-${pod}.${index}`, namespace: 'shop', uid: `event-${index}`, resourceVersion: String(index) },
    involvedObject: {
      kind: 'Pod',
      namespace: 'shop',
      name: `web-${pod}`,
      uid: `00000000-0000-4000-8000-${String(pod).padStart(12, '0')}`,
      fieldPath: 'spec.containers{app}',
    },
    type: isWarning ? 'Warning' : 'Normal',
    reason: isWarning ? 'Unhealthy' : 'Started',
    message: isWarning ? 'Readiness probe failed: HTTP probe failed with statuscode: 503' : 'Container started',
    count: 1 + (index % 7),
    firstTimestamp: '2026-09-01T11:00:00Z',
    lastTimestamp: '2026-09-01T11:30:00Z',
    source: { component: 'kubelet', host: 'node-1' },
  });
}
