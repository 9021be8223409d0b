{{/* The watcher's container: the only one with a token of the API server, and the only one without the key of Kagent. */}}
{{- define "kagent-hooks.watcher" -}}
name: watcher
image: {{ include "kagent-hooks.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
command: [node, watcher/main.js]
workingDir: /app
env:
  - name: INSTALLATION
    value: {{ include "kagent-hooks.installation" . | quote }}
  - name: NAMESPACE
    valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
  - name: POD_NAME
    valueFrom: {fieldRef: {fieldPath: metadata.name}}
{{- with .Values.clusterName }}
  - name: CLUSTER_NAME
    value: {{ . | quote }}
{{- end }}
{{- with .Values.watch.namespaces }}
  - name: WATCH_NAMESPACES
    value: {{ join "," . | quote }}
{{- end }}
{{- with .Values.watch.wideHookNamespaces }}
  - name: WIDE_HOOK_NAMESPACES
    value: {{ join "," . | quote }}
{{- end }}
{{- with .Values.hooks.minQuietWindow }}
  - name: MIN_QUIET_WINDOW
    value: {{ . | quote }}
{{- end }}
{{- with .Values.hooks.minRepeatAfter }}
  - name: MIN_REPEAT_AFTER
    value: {{ . | quote }}
{{- end }}
{{- with .Values.hooks.minAfter }}
  - name: MIN_AFTER
    value: {{ . | quote }}
{{- end }}
{{- with .Values.agents.allow }}
  - name: AGENTS_ALLOW
    value: {{ join "," . | quote }}
{{- end }}
  {{- include "kagent-hooks.temporalEnv" . | nindent 2 }}
  {{- with include "kagent-hooks.keysEnv" . | trim }}{{ . | nindent 2 }}{{- end }}
  {{- with include "kagent-hooks.env" (dict "env" .Values.watcher.env "of" "watcher") | trim }}{{ . | nindent 2 }}{{- end }}
ports:
  - {name: watcher, containerPort: 8082}
{{ include "kagent-hooks.probes" "watcher" }}
resources: {{- toYaml .Values.watcher.resources | nindent 2 }}
securityContext: {{- include "kagent-hooks.containerSecurity" . | nindent 2 }}
volumeMounts:
  - {name: tmp-watcher, mountPath: /tmp}
  - {name: api-server, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}
  {{- with include "kagent-hooks.temporalMount" . | trim }}{{ . | nindent 2 }}{{- end }}
  {{- with include "kagent-hooks.keysMount" . | trim }}{{ . | nindent 2 }}{{- end }}
{{- with .Values.volumeMounts }}
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* What the kubelet would mount into every container, if it were let. 288 is 0440, in words that every YAML reads alike. */}}
{{- define "kagent-hooks.watcherVolumes" -}}
- name: tmp-watcher
  emptyDir: {sizeLimit: 64Mi}
- name: api-server
  projected:
    defaultMode: 288
    sources:
      - serviceAccountToken: {path: token, expirationSeconds: 3607}
      - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
      - downwardAPI: {items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]}
{{- end }}
