/**
 * Ways in which Kubernetes leads a watcher astray, and the tests that show that this one is not led there.
 *
 * Read by the test that looks for each named test. In the order in which the signals travel: Events, Pods, other kinds, client.
 */
import { section, shown, test } from './specification/row.ts';

const views = (title: string) => test('unit/views', title);
const samples = (title: string) => test('unit/samples', title);
const of = (detector: string) => (title: string) => shown(test(`unit/detectors/${detector}`, title));
const restart = of('pod-restart');
const pending = of('pod-pending');
const oom = of('oom-kill');
const probe = of('probe-failed');
const image = of('image-pull-failed');
const evicted = of('pod-evicted');
const node = of('node-not-ready');
const job = of('job-failed');
const rollout = of('rollout-stuck');
const hpa = of('hpa-failed');
const volume = of('volume-mount-failed');
const termination = of('terminations');
const reflector = (title: string) => shown(test('integration/reflector', title));
const observed = (title: string) => shown(test('unit/observe', title));

export const traps = [
  ...section('Events', [
    ['An Event that still goes on keeps its first times', shown(views('an Event is never younger than its last time'))],
    [
      'The same Event looks different in its two APIs',
      shown(views('09: is the same, whichever API it is read through')),
    ],
    ['Similar Events are combined under a prefix', shown(views('25: that was combined loses the prefix'))],
    ['A series keeps the text of its first Event', pending('with the words of its condition')],
    ['Events are dropped when there are many', restart('is seen without any Event')],
    ['A restarted kubelet begins new Event objects', volume('whether one Event counts both or each has its own text')],
    ['A storm of Events about one Pod', shown(test('unit/tracking', 'of a storm about one Pod stays small'))],
    [
      'Some reporters give no uid, or a wrong one',
      shown(test('unit/tracking', 'is found by name where the reporter gives no uid')),
    ],
    [
      'Events of static Pods name another uid',
      shown(test('unit/evidence', 'counts for the Pod that stands for it, which has another uid')),
    ],
    ['Old Events are there at every start', observed('from before the Hook is no news')],
    ['The Events of Nodes are type Normal', node('the Event of type Normal, without the real uid, decides nothing')],
    [
      'The text of an image back-off says no cause in 1.30',
      image('has its cause from the Event where the container that backs off'),
    ],
  ]),
  ...section('Containers', [
    ['Times and containerID may be missing', termination('without a containerID is known by its end')],
    ['Updates are coalesced, and records overwritten', restart('is counted by the jump of restartCount')],
    ['The same name comes back with another uid', shown(samples('26: the same name with a new uid is another Pod'))],
    ['Sidecars are init containers', image('counts in a container of every kind')],
    ['The first restart has no Warning', restart('is seen without any Event')],
    [
      'Restarts do not follow from restartPolicy any more',
      restart('is not predicted from the restart policy of the Pod'),
    ],
    [
      'A resize or a changed image restarts on purpose',
      restart('when the container was resized in place or its definition changed'),
    ],
    ['A reboot restarts everything on a Node', restart('when its node went down: it belongs to the node')],
    ['Jobs restart on failure by design', restart('when it belongs to a Job that restarts on failure')],
    ['A Pod that ended shows made-up records', restart('where the kubelet fills in what it lost')],
    ['A record is gone before it was seen', restart('is one of unknown cause, dated by the start that followed')],
    ['Records come late, and go with dead containers', shown(test('unit/same-run', '%s is told once'))],
    ['All containers restart at once, with made-up records', restart('are one finding of their Pod')],
    [
      'The back-off of images is called like that of restarts',
      restart('though the back-off of images has the same name'),
    ],
    [
      'One Killing Event stands for the kills of two runs',
      restart('is found in an Event that is shared by the kills of two runs'),
    ],
  ]),
  ...section('Memory', [
    ['No Event tells of an OOM kill', shown(samples('gives exactly its incidents'))],
    ['The reason may come late', oom('whose reason was Error at first has the identity of the restart')],
    ['A killed child marks a later end', oom('was a child of the container')],
    ['A kubelet kills with 137 as well', restart('that the kubelet killed %s is %s, and 137 no possible OOM kill')],
    ['137 alone is no OOM kill', oom('is not 137 with reason %s')],
    ['Without a restart the evidence is in a failed Pod', oom('of a container that is not started again counts')],
    ['Node-level Events name no Pod', shown(samples('07: what a node tells of memory'))],
  ]),
  ...section('Waiting', [
    ['The scheduler complains at the first try', pending('counts from its creation, for five minutes')],
    ['An autoscaler is at work', pending('counts anew from the newest scale-up')],
    ['A gate holds a Pod back', pending('a gate holds it back')],
    ['A gate goes after a long time', observed('that a gate held back counts from when the gate went')],
    ['No scheduler looks at the Pod, and nothing is said', pending('no scheduler has looked at it')],
    ['A Pod becomes Pending again', pending('again after it ran is not counted from its creation')],
    ['Nothing more is ever written to the Pod', observed('fires at its deadline although nothing is ever written')],
    [
      'The reason flips while an image cannot be pulled',
      image('is found by %s, and is one state of its container and image'),
    ],
    [
      'One failed mount at the start of a node is harmless',
      shown(samples('12: a mount that fails once while a node starts')),
    ],
    ['A Multi-Attach error is told only once', volume('told of once and for all, must hold for 90 seconds')],
    [
      'What cannot be started shows as a crash loop',
      of('container-config-error')('is the same state while %s is asked and while the next try is held back'),
    ],
    ['A configuration error is no restart', of('container-config-error')('is never a restart, an image or a volume')],
  ]),
  ...section('Probes', [
    ['Every failed attempt is an Event', probe('that did not reach its threshold is none')],
    ['A redirect is a success', probe('is none for a redirect')],
    [
      'Readiness probes fail during termination',
      shown(test('unit/detectors/any-pod', 'a Pod that runs well gives nothing')),
    ],
    ['A slow start fails startup probes', shown(samples('15: a slow start within its startup probe is none'))],
    ['Killing is type Normal', probe('is found while the container still runs')],
    ['Clocks of nodes are off', observed('is judged by our clock where we saw it begin')],
  ]),
  ...section('Other kinds', [
    ['Scale-down removes Nodes on purpose', node('scale-down: the taint %s announces its end')],
    ['Cordoned Nodes are being drained', node('a cordoned Node is for those who ask for drains')],
    ['The fallout of a Node hits many Pods', shown(test('e2e/workload', 'as fallout of that Node'))],
    [
      'Limits of ephemeral storage set no condition',
      evicted('by the kubelet says which resource, and needs no condition'),
    ],
    ['A disruption may be taken back', evicted('that was announced and taken back is none')],
    ['Drains are planned', evicted('is seen while the Pod is deleted, and in its last words')],
    ['A node refuses the Pod', evicted('also is when the node refuses the Pod')],
    ['FailureTarget comes first', job('FailureTarget alone: Pods still end')],
    ['A Job is removed as soon as it has failed', job('ttlSecondsAfterFinished 0')],
    ['A Job belongs to another controller', job('managedBy: the verdict of a controller')],
    ['Failed Pods of a Job that succeeds', job('failed Pods of a Job that still succeeds')],
    ['A Pod that is never restarted just ends', of('pod-failed')('says which container ended how, and needs no Event')],
    ['A Pod that is deleted ends as Failed, too', of('pod-failed')('is none that %s')],
    ['The verdict is that of the former rollout', rollout('is not stuck by the verdict on its former generation')],
    ['Without a deadline there is no condition', rollout('without a deadline has no condition')],
    [
      'StatefulSets and DaemonSets have no such condition',
      rollout('with Pods to replace is found, and counts from when it last moved'),
    ],
    ['A quota keeps Pods from being made', rollout('that cannot create Pods because of a quota')],
    ['Scaling may be switched off', hpa('ScalingDisabled: somebody scaled the target to zero')],
    ['Metrics are missing after every rollout', hpa('"pods might be unready" for a minute')],
  ]),
  ...section('The stream', [
    ['A 410 has two shapes', shown(test('integration/occurrences-under-faults', '%s: every kill is told once'))],
    ['Handlers that throw end the client of others', reflector('that throws ends neither the list nor the stream')],
    ['Lines that are no events', reflector('a line that is no event')],
    ['Watches end all the time', reflector('that ends ten times in good order goes on')],
    ['A connection whose other end is gone', reflector('so that a lost connection is found by then')],
    ['A connection for every request', reflector('forty lists and watches need no more than two')],
    ['The client reads faster than the handler works', reflector('while it is busy the server keeps the rest')],
  ]),
];
