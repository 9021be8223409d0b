{{/* Fixed: people type it, whatever the release is called. */}}
{{- define "kagent-hooks.name" -}}kagent-hook-controller{{- end }}

{{/* Namespace and release, cut to 32 characters without two of them becoming one. */}}
{{- define "kagent-hooks.installation" -}}
{{- $long := printf "%s-%s" .Release.Namespace .Release.Name | replace "." "-" -}}
{{- if .Values.installation -}}
{{- .Values.installation -}}
{{- else if le (len $long) 32 -}}
{{- $long -}}
{{- else -}}
{{- printf "%s-%s" (trunc 23 $long | trimSuffix "-") (sha256sum (printf "%s/%s" .Release.Namespace .Release.Name) | trunc 8) -}}
{{- end -}}
{{- end }}

{{/* Objects of the whole cluster, and beside other installations in it. */}}
{{- define "kagent-hooks.clusterwide" -}}kagent-hooks-{{ include "kagent-hooks.installation" . }}{{- end }}

{{- define "kagent-hooks.selector" -}}
app.kubernetes.io/name: kagent-hook-controller
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "kagent-hooks.labels" -}}
{{ include "kagent-hooks.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: kagent-hooks
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "kagent-hooks.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end }}

{{/* Variables of a map; those that the chart itself sets are refused, because a second one of the same name is lost. */}}
{{- define "kagent-hooks.env" -}}
{{- $taken := list "INSTALLATION" "NAMESPACE" "POD_NAME" "CLUSTER_NAME" "WATCH_NAMESPACES" "WIDE_HOOK_NAMESPACES" "AGENTS_ALLOW" "MIN_QUIET_WINDOW" "MIN_REPEAT_AFTER" "MIN_AFTER" "HEALTH_PORT" "WATCHER_HEALTH_URL" "KAGENT_SECRET_DIR" "KAGENT_BASE_URL" "KAGENT_PROTOCOL" "KAGENT_USER_ID" "KAGENT_UI_URL" "KAGENT_API_KEY_FILE" "KAGENT_CA_FILE" "MAX_CONCURRENT_AGENT_RUNS" "CODEC_KEY_DIR" "CURL_CA_BUNDLE" -}}
{{- range $name, $value := .env }}
{{- if or (has $name $taken) (hasPrefix "TEMPORAL_" $name) }}
{{- fail (printf "%s.env.%s: this variable is set by the chart, from a value of its own; see values.yaml." $.of $name) }}
{{- end }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{- define "kagent-hooks.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* Health endpoints answer from the first second; only a process that a restart would help fails /livez. */}}
{{- define "kagent-hooks.probes" -}}
livenessProbe:
  httpGet: {path: /livez, port: {{ . }}}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /readyz, port: {{ . }}}
  periodSeconds: 10
  timeoutSeconds: 5
startupProbe:
  httpGet: {path: /livez, port: {{ . }}}
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: 60
{{- end }}

{{/* What all Pods have in common. */}}
{{- define "kagent-hooks.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}
