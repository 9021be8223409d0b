{{/* Where Temporal is and how it is spoken to, as its own loader reads it. */}}

{{- define "kagent-hooks.temporalAddress" -}}
{{- if .Values.temporal.address -}}
{{- .Values.temporal.address -}}
{{- else if .Values.temporal.dev.enabled -}}
{{ include "kagent-hooks.name" . }}-temporal-dev:7233
{{- else -}}
{{- fail "temporal.address is empty: expected host:port of a Temporal server, or temporal.dev.enabled=true to try things out." -}}
{{- end -}}
{{- end }}

{{- define "kagent-hooks.temporalEnv" -}}
{{- $tls := .Values.temporal.tls -}}
- name: TEMPORAL_ADDRESS
  value: {{ include "kagent-hooks.temporalAddress" . | quote }}
- name: TEMPORAL_NAMESPACE
  value: {{ .Values.temporal.namespace | quote }}
{{- with .Values.temporal.apiKey }}
{{- if .secret }}
- name: TEMPORAL_API_KEY
  valueFrom: {secretKeyRef: {name: {{ .secret }}, key: {{ .key }}}}
{{- end }}
{{- end }}
{{- if or $tls.enabled $tls.secret .Values.temporal.apiKey.secret }}
- name: TEMPORAL_TLS
  value: "true"
{{- end }}
{{- if $tls.secret }}
{{- if ne (empty $tls.cert) (empty $tls.key) }}
{{- fail "temporal.tls.cert and temporal.tls.key: expected both or neither." }}
{{- end }}
{{- if $tls.cert }}
- name: TEMPORAL_TLS_CLIENT_CERT_PATH
  value: /etc/temporal/tls/{{ $tls.cert }}
- name: TEMPORAL_TLS_CLIENT_KEY_PATH
  value: /etc/temporal/tls/{{ $tls.key }}
{{- end }}
{{- if $tls.ca }}
- name: TEMPORAL_TLS_SERVER_CA_CERT_PATH
  value: /etc/temporal/tls/{{ $tls.ca }}
{{- end }}
{{- end }}
{{- if $tls.serverName }}
- name: TEMPORAL_TLS_SERVER_NAME
  value: {{ $tls.serverName | quote }}
{{- end }}
{{- end }}

{{- define "kagent-hooks.temporalMount" -}}
{{- if .Values.temporal.tls.secret }}
- {name: temporal-tls, mountPath: /etc/temporal/tls, readOnly: true}
{{- end }}
{{- end }}

{{- define "kagent-hooks.temporalVolume" -}}
{{- with .Values.temporal.tls.secret }}
- name: temporal-tls
  secret: {secretName: {{ . }}, defaultMode: 288}
{{- end }}
{{- end }}
