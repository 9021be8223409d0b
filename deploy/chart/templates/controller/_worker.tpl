{{/* The worker's container, beside the watcher (watcher: true) and in the Deployment of extra workers. */}}
{{- define "kagent-hooks.worker" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
name: worker
image: {{ include "kagent-hooks.image" $root | quote }}
imagePullPolicy: {{ $values.image.pullPolicy }}
command: [node, workers/main.js]
workingDir: /app
env:
  - name: INSTALLATION
    value: {{ include "kagent-hooks.installation" $root | quote }}
  - name: KAGENT_SECRET_DIR
    value: /etc/kagent/credentials
  {{- with include "kagent-hooks.kagentEnv" $root | trim }}{{ . | nindent 2 }}{{- end }}
{{- if $values.kagent.caConfigMap }}
  - name: KAGENT_CA_FILE
    value: /etc/kagent/ca/ca.crt
  - name: CURL_CA_BUNDLE
    value: /tmp/ca-bundle.crt
{{- end }}
{{- if .watcher }}
  - name: WATCHER_HEALTH_URL
    value: http://127.0.0.1:8082
{{- end }}
  {{- include "kagent-hooks.temporalEnv" $root | nindent 2 }}
  {{- with include "kagent-hooks.keysEnv" $root | trim }}{{ . | nindent 2 }}{{- end }}
  {{- with include "kagent-hooks.env" (dict "env" $values.worker.env "of" "worker") | trim }}{{ . | nindent 2 }}{{- end }}
{{- with $values.worker.envFrom }}
envFrom: {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  - {name: worker, containerPort: 8081}
{{ include "kagent-hooks.probes" "worker" }}
resources: {{- toYaml $values.worker.resources | nindent 2 }}
securityContext: {{- include "kagent-hooks.containerSecurity" . | nindent 2 }}
volumeMounts:
  - {name: tmp-worker, mountPath: /tmp}
  - {name: kagent-credentials, mountPath: /etc/kagent/credentials, readOnly: true}
{{- if $values.kagent.tokenAudience }}
  - {name: kagent-token, mountPath: /etc/kagent/token, readOnly: true}
{{- end }}
{{- if $values.kagent.caConfigMap }}
  - {name: kagent-ca, mountPath: /etc/kagent/ca, readOnly: true}
{{- end }}
  {{- with include "kagent-hooks.temporalMount" $root | trim }}{{ . | nindent 2 }}{{- end }}
  {{- with include "kagent-hooks.keysMount" $root | trim }}{{ . | nindent 2 }}{{- end }}
{{- with $values.volumeMounts }}
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* For kubectl exec … curl: the well-known CAs and, where the ConfigMap is there, those of it. Run once per Pod. */}}
{{- define "kagent-hooks.curlCa" -}}
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const own = '/etc/kagent/ca/ca.crt';
const pems = require('node:tls').rootCertificates.concat(existsSync(own) ? readFileSync(own, 'utf8') : []);
writeFileSync('/tmp/ca-bundle.crt', pems.join('\n'));
{{- end }}

{{/* curl takes one bundle instead of its own, and refuses to start without it: one is made of the well-known CAs and ours. */}}
{{- define "kagent-hooks.workerInit" -}}
{{- if .Values.kagent.caConfigMap -}}
initContainers:
  - name: curl-ca
    image: {{ include "kagent-hooks.image" . | quote }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    command:
      - node
      - -e
      - |
        {{- include "kagent-hooks.curlCa" . | nindent 8 }}
    resources: {requests: {cpu: 10m, memory: 64Mi}, limits: {memory: 256Mi}}
    securityContext: {{- include "kagent-hooks.containerSecurity" . | nindent 6 }}
    volumeMounts:
      - {name: tmp-worker, mountPath: /tmp}
      - {name: kagent-ca, mountPath: /etc/kagent/ca, readOnly: true}
{{- end }}
{{- end }}

{{- define "kagent-hooks.workerVolumes" -}}
- name: tmp-worker
  emptyDir: {sizeLimit: 64Mi}
- name: kagent-credentials
  secret: {secretName: {{ .Values.kagent.secret }}, defaultMode: 288, optional: true}
{{- include "kagent-hooks.kagentToken" . }}
{{- with .Values.kagent.caConfigMap }}
- name: kagent-ca
  configMap: {name: {{ . }}, optional: true}
{{- end }}
{{- include "kagent-hooks.temporalVolume" . }}
{{- include "kagent-hooks.keysVolume" . }}
{{- with .Values.volumes }}
{{ toYaml . }}
{{- end }}
{{- end }}
