/**
 * Objects of every kind that the watcher reads, in trouble, and with anything in any place of them: for property tests.
 *
 * Each begins as an object that the API server might send; then some of its values are replaced by any JSON whatever.
 */
import fc from 'fast-check';
import { at } from './make.ts';

/** Texts that try to be something else. */
const evilTexts = [
  'constructor',
  '__proto__',
  'toString',
  '../../x?y',
  '',
  '\ud83d',
  '\udc00x',
  '\u202e\u2066\r\n\u001b[2J\u0000',
  '[Sign in](http://evil.example) ![x](http://evil.example/x.png) <img src=x>',
  '`](http://evil.example) ``` \n\n# Heading',
  '|',
  '😀'.repeat(300),
  '{'.repeat(5000),
  '\u0000'.repeat(3000),
  '{{.EventMessage}}{{#if',
];
const longText = fc.nat({ max: 200_000 }).map((length) => 'x'.repeat(length));
export const evilText = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...evilTexts) },
  { weight: 1, arbitrary: longText },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);
const evilNumber = fc.oneof(fc.constantFrom(1e308, -1e308, -1, 0.5, 2 ** 53, 2 ** 31, -0), fc.integer());

/** An own property, whatever it is called: as JSON.parse makes it. */
const evilObject = fc
  .constantFrom('__proto__', 'constructor', 'toString', 'x')
  .map((key): unknown => JSON.parse(`{"${key}":{"name":"x","uid":"y","polluted":true}}`));
const deep = fc.nat({ max: 500 }).map((depth): unknown => JSON.parse(`${'['.repeat(depth)}1${']'.repeat(depth)}`));
const many = fc.nat({ max: 2000 }).map((count): unknown => Array.from({ length: count }, () => ({ name: 'x' })));

/** Any JSON, most of it small. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  evilText,
  evilNumber,
  fc.constantFrom(null, true, false, [], {}),
  evilObject,
  deep,
  many,
  fc.jsonValue({ maxDepth: 3 }),
);

/** Mostly one of these, sometimes anything that is a text. */
const word = (...words: [string, ...string[]]) =>
  fc.oneof({ weight: 15, arbitrary: fc.constantFrom(...words) }, { weight: 1, arbitrary: evilText });
const number = (most: number) =>
  fc.oneof({ weight: 15, arbitrary: fc.nat({ max: most }) }, { weight: 1, arbitrary: evilNumber });
const time = fc.oneof(
  { weight: 15, arbitrary: fc.constantFrom(at(0), at(5), at(50)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('+275760-09-13T00:00:00Z', '-000001-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '5'),
  },
  { weight: 1, arbitrary: evilText },
);
const message = word('', 'Back-off', 'Readiness probe failed: no', 'exceeded quota', 'for volume "data" : no');
/** Mostly few; sometimes more than anybody has use for. */
const few = <T>(item: fc.Arbitrary<T>) =>
  fc.oneof(
    { weight: 9, arbitrary: fc.array(item, { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.tuple(item, fc.nat({ max: 300 })).map(([one, count]) => repeated(one, count)) },
  );

/** The same again and again, distinguished by its name where it has one. */
function repeated<T>(one: T, count: number): T[] {
  const isNamed = typeof one === 'object' && one !== null && 'name' in one;
  return Array.from({ length: count }, (_, n) => (isNamed ? { ...one, name: `${String(one.name)}${n}` } : one));
}

const labels = fc.oneof(
  fc.constant({ app: 'web', tier: 'front' }),
  fc.nat({ max: 3000 }).map((count) => Object.fromEntries(Array.from({ length: count }, (_, n) => [n, 'v']))),
  fc.dictionary(evilText, evilText, { maxKeys: 4 }),
);
const owner = fc.record({
  kind: word('ReplicaSet', 'StatefulSet', 'Job', 'Node'),
  name: word('web-5d9c', 'web'),
  uid: word('rs-uid', 'owner-uid'),
  controller: fc.constantFrom(true, true, false),
});
const condition = (types: [string, ...string[]], reasons: [string, ...string[]]) =>
  fc.record({
    type: word(...types),
    status: word('True', 'False', 'Unknown'),
    reason: word(...reasons),
    message,
    lastTransitionTime: time,
  });

/** Name, namespace and uid of each object are what the tests look for, so they are given. */
const metadataOf = (kind: AnyKind) =>
  fc.record(
    {
      uid: kind === 'Event' ? fc.constantFrom('event-a', 'event-b', 'event-c') : fc.constant(uidOf(kind)),
      name: fc.constant('web-0'),
      namespace: fc.constant(kind === 'Node' ? '' : 'shop'),
      creationTimestamp: time,
      deletionTimestamp: fc.constantFrom(null, null, null, at(60)),
      generation: number(3),
      labels,
      ownerReferences: few(owner),
    },
    { requiredKeys: ['uid', 'name', 'namespace'] },
  );

const ended = fc.record({
  exitCode: number(255),
  reason: word('OOMKilled', 'Error', 'Unknown', 'RestartingAllContainers', 'Completed'),
  message,
  startedAt: time,
  finishedAt: time,
  containerID: word('containerd://1', 'containerd://2'),
});
const container = fc.record({
  name: word('app', 'proxy'),
  image: word('registry/app:1'),
  ready: fc.boolean(),
  started: fc.boolean(),
  restartCount: number(9),
  containerID: word('containerd://3', ''),
  readinessProbe: fc.constantFrom({}, null),
  restartPolicy: word('Always', 'Never'),
  state: fc.oneof(
    fc.record({ waiting: fc.record({ reason: waitingReason(), message }) }),
    fc.record({ terminated: ended }),
    fc.record({ running: fc.record({ startedAt: time }) }),
  ),
  lastState: fc.record({ terminated: ended }, { requiredKeys: [] }),
});
const podConditions: [string, ...string[]] = [
  'PodScheduled',
  'ContainersReady',
  'DisruptionTarget',
  'PodResizeInProgress',
];

function waitingReason() {
  return word('CrashLoopBackOff', 'ErrImagePull', 'CreateContainerConfigError', 'ContainerCreating');
}

function anyPodStatus() {
  return fc.record({
    phase: word('Pending', 'Running', 'Failed'),
    reason: word('', 'Evicted', 'NodeShutdown', 'OutOfcpu'),
    message,
    conditions: few(condition(podConditions, ['Unschedulable', 'EvictionByEvictionAPI', 'DeletionByTaintManager'])),
    containerStatuses: few(container),
    initContainerStatuses: few(container),
    ephemeralContainerStatuses: few(container),
  });
}

const rolloutConditions = few(
  condition(['Progressing', 'ReplicaFailure'], ['ProgressDeadlineExceeded', 'FailedCreate', 'ReplicaSetCreateError']),
);
const rollout = {
  spec: fc.record({ replicas: number(5), paused: fc.constantFrom(false, false, true), updateStrategy: anyStrategy() }),
  status: fc.record({
    observedGeneration: number(5),
    conditions: rolloutConditions,
    updatedReplicas: number(5),
    readyReplicas: number(5),
    currentRevision: word('a', 'b'),
    updateRevision: word('a', 'b'),
    desiredNumberScheduled: number(5),
    updatedNumberScheduled: number(5),
    numberReady: number(5),
  }),
};

function anyStrategy() {
  return fc.record({ type: word('RollingUpdate', 'OnDelete'), rollingUpdate: fc.record({ partition: number(3) }) });
}

export const anyKinds = [
  'Pod',
  'Node',
  'Job',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'HorizontalPodAutoscaler',
  'ReplicaSet',
  'Event',
] as const;
export type AnyKind = (typeof anyKinds)[number];

function uidOf(kind: AnyKind): string {
  return kind === 'ReplicaSet' ? 'rs-uid' : `${kind.toLowerCase()}-uid`;
}

const shapes: Record<AnyKind, Record<string, fc.Arbitrary<unknown>>> = {
  Pod: {
    spec: fc.record({
      nodeName: word('node-a'),
      restartPolicy: word('Always', 'OnFailure'),
      containers: few(container),
      initContainers: few(container),
    }),
    status: fc.oneof(
      { weight: 1, arbitrary: fc.constant({ phase: 'Pending', containerStatuses: [] }) },
      { weight: 3, arbitrary: anyPodStatus() },
    ),
  },
  Node: {
    spec: fc.record({
      unschedulable: fc.boolean(),
      taints: few(fc.record({ key: word('a', 'karpenter.sh/disrupted') })),
    }),
    status: fc.record({ conditions: few(condition(['Ready'], ['KubeletNotReady', 'NodeStatusUnknown'])) }),
  },
  Job: {
    status: fc.record({ failed: number(9), conditions: few(condition(['Failed'], ['BackoffLimitExceeded'])) }),
  },
  Deployment: rollout,
  StatefulSet: rollout,
  DaemonSet: rollout,
  HorizontalPodAutoscaler: {
    status: fc.record({
      conditions: few(condition(['ScalingActive', 'AbleToScale'], ['FailedGetResourceMetric', 'FailedGetScale'])),
    }),
  },
  ReplicaSet: {},
  Event: {
    involvedObject: fc.record({
      kind: word('Pod', 'Pod', 'Pod', 'Node', 'Job'),
      namespace: word('shop', ''),
      name: word('web-0'),
      uid: word('pod-uid', 'pod-uid', ''),
      fieldPath: word('spec.containers{app}', '', 'spec.containers{__proto__}'),
    }),
    type: word('Warning', 'Warning', 'Normal'),
    reason: word(
      'FailedMount',
      'FailedAttachVolume',
      'Killing',
      'Unhealthy',
      'TriggeredScaleUp',
      'Failed',
      'FailedCreatePodSandBox',
    ),
    message: word(
      'Container app failed liveness probe, will be restarted',
      'MountVolume.SetUp failed for volume "data" : no',
      'Readiness probe failed',
    ),
    firstTimestamp: time,
    lastTimestamp: time,
    count: number(9),
    series: fc.constantFrom(null, { count: 3 }, { count: 0.5 }),
  },
};

interface Damage {
  /** From 0 to 1: which of all places. */
  where: number;
  what: unknown;
}

const damage: fc.Arbitrary<Damage> = fc.record({ where: fc.double({ min: 0, max: 1, noNaN: true }), what: anyJson });

/** An object of the kind, with none, one or a few of its values replaced by anything. */
export function anyObject(kind: AnyKind): fc.Arbitrary<unknown> {
  const shape = fc.record({ kind: fc.constant(kind), metadata: metadataOf(kind), ...shapes[kind] });
  return damaged(shape);
}

/** The same of any other shape. */
export function damaged(shape: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const some = fc.oneof(
    { weight: 2, arbitrary: fc.constant<Damage[]>([]) },
    { weight: 1, arbitrary: fc.array(damage, { maxLength: 4 }) },
  );
  return fc.tuple(shape, some).map(([object, damages]) => {
    const copy = structuredClone(object);
    for (const one of damages) inflict(copy, one);
    return copy;
  });
}

function inflict(object: unknown, { where, what }: Damage): void {
  const places = placesIn(object);
  const place = places[Math.min(places.length - 1, Math.floor(where * places.length))];
  if (place === undefined) return;
  const property = { value: what, enumerable: true, configurable: true, writable: true };
  Object.defineProperty(place.holder, place.key, property);
}

interface Place {
  holder: object;
  key: string;
}

const mostPlaces = 3000;

function placesIn(object: unknown): Place[] {
  const places: Place[] = [];
  const left = [object];
  for (let holder = left.pop(); holder !== undefined && places.length < mostPlaces; holder = left.pop()) {
    if (typeof holder !== 'object' || holder === null) continue;
    for (const [key, value] of Object.entries(holder)) {
      places.push({ holder, key });
      if (value !== undefined) left.push(value);
    }
  }
  return places;
}

const metadata = { uid: uidOf('Pod'), name: 'web-0', namespace: 'shop', creationTimestamp: at(0) };
const unready = { name: 'app', ready: false, started: true, restartCount: 0, containerID: 'containerd://1' };
const about = { kind: 'Pod', namespace: 'shop', name: 'web-0', uid: uidOf('Pod') };

/** Troubles that need several things to agree, each as a Pod and an Event about it. */
const typical: readonly [pod: object, event: object][] = [
  [
    { metadata, status: { phase: 'Pending' } },
    {
      reason: 'FailedMount',
      message: 'MountVolume.SetUp failed for volume "data" : no',
      firstTimestamp: at(-60),
      count: 7,
    },
  ],
  [
    {
      metadata,
      spec: { containers: [{ name: 'app', readinessProbe: {} }] },
      status: { phase: 'Running', containerStatuses: [{ ...unready, state: { running: { startedAt: at(1) } } }] },
    },
    { reason: 'Unhealthy', message: 'Readiness probe failed: no' },
  ],
  [
    {
      metadata,
      spec: { restartPolicy: 'Never' },
      status: {
        phase: 'Failed',
        containerStatuses: [{ ...unready, state: { terminated: { exitCode: 1, reason: 'Error', finishedAt: at(5) } } }],
      },
    },
    { reason: 'BackOff', message: 'Back-off restarting failed container' },
  ],
];

/** Some of them are damaged like all others. */
export const anyTrouble: fc.Arbitrary<readonly [pod: unknown, event: unknown]> = fc
  .constantFrom(...typical)
  .chain(([pod, event]) =>
    fc.tuple(
      damaged(fc.constant(pod)),
      damaged(
        fc.constant({
          metadata: { uid: 'event-a', namespace: 'shop' },
          involvedObject: about,
          type: 'Warning',
          lastTimestamp: at(5),
          ...event,
        }),
      ),
    ),
  );
