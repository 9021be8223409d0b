/**
 * A believable diagnosis for a prompt, by the words in it, so that a demo without any model has something to show.
 */
interface Diagnosis {
  words: RegExp;
  text: string;
}

const diagnoses: readonly Diagnosis[] = [
  {
    words: /oom|out of memory|memory/i,
    text: 'The container was killed because it used more memory than its limit allows; usage rose steadily until then, which looks like a leak rather than a spike. Raise the limit for now and look at the heap. See `kubectl top pod --containers` and `kubectl describe pod` for the last state.',
  },
  {
    words: /crash|backoff|back-off|restart/i,
    text: 'The container exits shortly after its start and Kubernetes waits longer before each new try. Its last log lines name a missing setting, so the most recent rollout is the likely cause. Read them with `kubectl logs --previous`, and go back with `kubectl rollout undo`.',
  },
  {
    words: /unschedulable|schedul|pending|insufficient/i,
    text: 'No node can take the pod: what it requests does not fit next to what runs already. Lower its requests or add a node. `kubectl describe pod` shows the reason per node, `kubectl describe nodes` what is left.',
  },
  {
    words: /image|pull/i,
    text: 'The image cannot be pulled: its registry does not know this tag, or the pull secret is missing. Compare the name with what was built. `kubectl describe pod` shows the exact answer of the registry.',
  },
  {
    words: /probe|unhealthy|readiness|liveness/i,
    text: 'The probe gets no answer in time although the process is alive, which points to a slow start or an overloaded backend. Give it a startup probe or a longer timeout. See `kubectl get events --field-selector reason=Unhealthy`.',
  },
  {
    words: /node|notready|kubelet/i,
    text: 'The node stopped reporting to the control plane, and its pods are being moved. Its kubelet is the first thing to look at. Use `kubectl describe node` and keep new pods away with `kubectl cordon`.',
  },
];

const unclear =
  'The cluster shows nothing unusual beside this event, so it may have passed by itself. Watch whether it comes back. `kubectl get events --sort-by=.lastTimestamp` lists what happened around it.';

export function diagnosePrompt(prompt: string): string {
  return diagnoses.find(({ words }) => words.test(prompt))?.text ?? unclear;
}
