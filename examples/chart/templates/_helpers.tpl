{{/* The release of the real chart that stands for the chosen generation. */}}
{{- define "example.version" -}}
{{- $versions := dict "g1" "0.18.0" "g2" "0.25.2" "g3" "0.30.0" -}}
{{- if not (hasKey $versions .Values.generation) -}}
{{- fail (printf "generation is %q, it must be g1, g2 or g3" .Values.generation) -}}
{{- end -}}
{{- get $versions .Values.generation -}}
{{- end }}

{{/* Labels of everything that the chart makes itself. */}}
{{- define "example.common" -}}
helm.sh/chart: gitops-runtime-{{ include "example.version" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* Pod labels of the services that are known by app=NAME. Call with a name. */}}
{{- define "example.byApp" -}}
app: {{ . }}
{{- end }}

{{/* Pod labels of sources-server and event-reporter. Call with root and component. */}}
{{- define "example.extras" -}}
app.kubernetes.io/name: cf-argocd-extras
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* Image of a service. Call with root and name. */}}
{{- define "example.image" -}}
{{ printf "%s/%s:%s" .root.Values.image.prefix .name .root.Values.image.tag | quote }}
{{- end }}

{{/* The one ServiceAccount that all services share. */}}
{{- define "example.account" -}}
serviceAccountName: example-runtime
{{- end }}

{{/* The two entries by which every service but app-proxy learns which Secret to
read. The mistake this chart is for: they never follow the auth block. */}}
{{- define "example.tokenSecret" -}}
- name: ARGO_CD_TOKEN_SECRET_KEY
  value: "token"
- name: ARGO_CD_TOKEN_SECRET_NAME
  value: "argocd-token"
{{- end }}

{{/* Values path of the Argo CD server for the chosen generation, as YAML. */}}
{{- define "example.server" -}}
{{- if eq .Values.generation "g3" -}}
{{- toYaml (index .Values.global.integrations "argo-cd" "server") -}}
{{- else -}}
{{- toYaml (index .Values.global "external-argo-cd" "server") -}}
{{- end -}}
{{- end }}

{{/* Address of the Argo CD server. */}}
{{- define "example.serverURL" -}}
{{- $server := include "example.server" . | fromYaml -}}
{{ printf "%s://%s:%v" $server.protocol $server.svc $server.port | quote }}
{{- end }}
