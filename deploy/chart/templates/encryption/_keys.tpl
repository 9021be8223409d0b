{{/* Keys, as a directory: a rotated Secret reaches the processes without a restart. Nothing where encryption is off. */}}

{{- define "kagent-hooks.keysEnv" -}}
{{- if .Values.encryption.secretName }}
- name: CODEC_KEY_DIR
  value: /etc/encryption/keys
{{- end }}
{{- end }}

{{- define "kagent-hooks.keysMount" -}}
{{- if .Values.encryption.secretName }}
- {name: encryption-keys, mountPath: /etc/encryption/keys, readOnly: true}
{{- end }}
{{- end }}

{{- define "kagent-hooks.keysVolume" -}}
{{- with .Values.encryption.secretName }}
- name: encryption-keys
  secret: {secretName: {{ . }}, defaultMode: 288}
{{- end }}
{{- end }}
