{{/* Where Kagent is and how it is spoken to. What is left to its default is not set, so that kubectl set env may set it. */}}

{{/* The worker's own default; here for those who have to know it, never set. */}}
{{- define "kagent-hooks.stockAddress" -}}http://kagent-controller.kagent.svc:8083{{- end }}

{{- define "kagent-hooks.kagentEnv" -}}
{{- with .Values.kagent }}
{{- if and .baseUrl (not .createSecret) }}
- name: KAGENT_BASE_URL
  value: {{ .baseUrl | quote }}
{{- end }}
{{- if ne .protocol "auto" }}
- name: KAGENT_PROTOCOL
  value: {{ .protocol | quote }}
{{- end }}
{{- with .userId }}
- name: KAGENT_USER_ID
  value: {{ . | quote }}
{{- end }}
{{- with .uiUrl }}
- name: KAGENT_UI_URL
  value: {{ . | quote }}
{{- end }}
{{- if .tokenAudience }}
- name: KAGENT_API_KEY_FILE
  value: /etc/kagent/token/token
{{- end }}
{{- end }}
{{- with .Values.worker.maxConcurrentRuns }}
- name: MAX_CONCURRENT_AGENT_RUNS
  value: {{ . | quote }}
{{- end }}
{{- end }}

{{/* Kagent shows it to agents, so it must be good for nothing else. 288 is 0440. */}}
{{- define "kagent-hooks.kagentToken" -}}
{{- with .Values.kagent.tokenAudience }}
{{- if contains "kubernetes.default" . }}
{{- fail (printf "kagent.tokenAudience is %s: Kagent and its agents could use such a token at the API server; expected an audience of Kagent's own, such as kagent." .) }}
{{- end }}
- name: kagent-token
  projected:
    defaultMode: 288
    sources:
      - serviceAccountToken: {path: token, audience: {{ . | quote }}, expirationSeconds: 3600}
{{- end }}
{{- end }}

{{/* The way to a Kagent in the cluster, for network policies; nothing where it is elsewhere. */}}
{{- define "kagent-hooks.kagentEgress" -}}
{{- $address := .Values.kagent.baseUrl | default (include "kagent-hooks.stockAddress" .) -}}
{{- $service := `^(https?)://[^./:@]+(?:\.([a-z0-9-]+|\{namespace\})\.svc(?:\.cluster\.local)?\.?)?(?::(\d+))?(?:/.*)?$` -}}
{{- if regexMatch $service $address -}}
{{- $namespace := regexReplaceAll $service $address "${2}" | default .Release.Namespace -}}
{{- $port := regexReplaceAll $service $address "${3}" | default (hasPrefix "https:" $address | ternary "443" "80") -}}
- to:
    {{- if eq $namespace "{namespace}" }}
    - namespaceSelector: {}
    {{- else }}
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{ $namespace | quote }}}}
    {{- end }}
  ports:
    - {protocol: TCP, port: {{ $port }}}
{{- end -}}
{{- end }}
