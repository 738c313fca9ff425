package render_test

import "strings"

// feature is something that a tool which parses and prints manifests tends to lose:
// keys of a mapping, from column 0 on.
type feature struct{ name, yaml string }

func features() []feature {
	return []feature{
		{"comments", "# one\n#two\n  # indented\na: b # three\n# four\n"},
		{"comments between and behind entries", "a:\n  # first\n  - b # second\n    # third\n# fourth\n  - c\n  #\n"},
		{"spacing", "a  :   b   # c\nd:    \n    e\nf: [ g,h ,  i ]\nj: { k: l ,m: n }\n"},
		{"blank lines", "a: b\n\n\n  \nc:\n\n  d: e\n"},
		{"trailing spaces", "a: b  \nc:   \n  d: e \n"},
		{"single quotes", "a: 'b'\n'c': 'it''s \"d\"'\ne: ''\n"},
		{"double quotes", "a: \"b\"\n\"c\": \"d 'e'\"\nf: \"\"\n"},
		{"quotes where none are needed", "\"a\": 'true'\n'b': \"1\"\nc: 'null'\n"},
		{"words that are booleans in YAML 1.1", "y: n\nyes: no\non: off\nYES: On\na: [y, N, yes, Off]\n"},
		{"booleans in capitals", "a: True\nb: FALSE\n"},
		{"octal numbers", "mode: 0644\nnew: 0o644\nnot: 0999\n"},
		{"hexadecimal and binary numbers", "a: 0x1F\nb: 0b101\nc: +12\n"},
		{"numbers with underscores", "a: 1_000\nb: 1_000.5\nc: 0x_FF\n"},
		{"floats", "a: 1.0\nb: 1e3\nc: .5\nd: 5.\ne: -.inf\nf: .NaN\ng: 1.10\nh: 6.02E+23\n"},
		{"large numbers", "a: 12345678901234567890123\nb: 0.1000000000000000055511151231257827\n"},
		{"numbers to the base of 60", "a: 190:20:30\nb: 22:22\n"},
		{"nulls", "a: ~\nb: null\nc:\nd: Null\ne: [~, null, ]\nf: NULL\n"},
		{"dates", "a: 2026-11-25\nb: 2026-11-25T01:02:03Z\nc: 2001-12-14 21:59:43.10 -5\n"},
		{"versions", "a: 1.20\nb: v1.20\nc: 1.2.3\n"},
		{"literal", "a: |\n  b\n   c\n\n  d\n"},
		{"literal, stripped", "a: |-\n  b\n\nc: d\n"},
		{"literal, kept", "a: |+\n  b\n\n\nc: d\n"},
		{"literal, indentation given", "a: |2\n    b\n  c\nd: |1-\n  e\n"},
		{"literal with a comment", "a: | # why\n  # no comment\n  b\n"},
		{"folded", "a: >\n  b\n  c\n\n  d\n    e\n  f\n"},
		{"folded, stripped", "a: >-\n  b\n  c\n"},
		{"folded, kept", "a: >+\n  b\n\nc: >1+\n  d\n"},
		{"block scalars in lists", "a:\n- |\n  b\n- >-\n  c\n-   |\n    d\n"},
		{"block scalar with spaces and tabs", "a: |\n  b  \n  \tc\t\n   \n  d\n"},
		{"an empty block scalar", "a: |\nb: >-\n\nc: |+\n\n"},
		{"a script", "a: |\n  #!/bin/sh\n  if [ \"$A\" = 'b' ]; then\n  \techo \"${A}\"\n  fi\n"},
		{"tabs", "a:\tb\nc: d\t# e\nf: \"\tg\"\n"},
		{"long lines", "a: " + strings.Repeat("word ", 400) + "end\nb: \"" + strings.Repeat("x", 5000) + "\"\n"},
		{"plain on several lines", "a: b\n  c\n\n  d\ne:\n  f\n  g\n"},
		{"double-quoted on several lines", "a: \"b\n  c\\\n  \\ d\n\n  e\"\n"},
		{"single-quoted on several lines", "a: 'b\n\n  c\n  # d\n  '\n"},
		{"flow", "a: {b: c, d: [e, f: g], \"h\":i}\nj: []\nk: {}\n"},
		{"flow on several lines", "a: {\n  b: c, # d\n  e: [\n    f,\n    g,\n  ],\n  }\n"},
		{"JSON in YAML", "a: {\"b\":[1,2,{\"c\":null}],\"d\":\"e\\u00e9\"}\n"},
		{"lists, not indented and indented", "a:\n- b\nc:\n    - d\n    -   e\n"},
		{"lists in lists", "a:\n- - b\n  - - c\n-\n  - d\n-\n"},
		{"unicode", "a: äöü €\nб: 日本語\n\"🚀\": \"e\\u0301 é\"\nc: \u00a0nbsp\u200b\n"},
		{"escapes", "a: \"\\x41\\u00e9\\U0001F680\\t\\n\\\\\\e\\0\\_\\N\\L\\P\"\nb: 'c\\n'\n"},
		{"line ends of YAML 1.1 in quotes", "a: \"b\u0085c\"\nd: \"e\u2028f\"\n"},
		{"anchors and aliases", "a: &x\n  b: c\nd: *x\ne: [&y f, *y]\ng: &z # h\n- i\n"},
		{"an anchor twice", "a: &v b\nc: *v\nd: &v e\nf: *v\n"},
		{"merge keys", "a: &m {b: c}\nd:\n  <<: *m\n  e: f\ng: {<<: *m, b: h}\n"},
		{"merge keys, several", "a: &m1 {b: c}\nd: &m2 {e: f}\ng:\n  <<: [*m1, *m2]\nh:\n  \"<<\": i\n"},
		{"tags", "a: !!str 1\nb: !!int \"2\"\nc: !own d\ne: ! f\ng: !<tag:yaml.org,2002:str> 3\nh: !!binary |\n  aGVsbG8=\ni: !!set {j, k}\n"},
		{"explicit keys", "? a\n: b\n? c\n? - d\n: - e\n"},
		{"odd keys", "1: a\ntrue: b\n~: c\n2.0: d\n\"\": e\n[f]: g\nspaced key: h\n"},
		{"duplicate keys", "a: b\na: c\nd: {e: f, e: g}\n"},
		{"order", "z: 1\na: 2\nm: 3\nkind2: 4\n"},
		{"colons, hashes and other signs in plain text", "a: b:c\nd: http://e/#f\ng: h#i\nj: -k\nl: ?m\nn: \"%o\"\np: q%\nr: a, b\n"},
		{"templates that are text", "a: '{{ .Values.b }}'\nc: \"{{`{{d}}`}}\"\ne: ${f}\n"},
		{"backslashes", "a: C:\\b\\n\nc: '\\'\nd: \"\\\\\"\n"},
		{"separators that are text", "a: |\n  ---\n  ...\nb: \"c\n  ---\n  d\"\ne: f---\ng: --- h\n"},
		{"names of the credential in text", "a: cap-app-proxy ARGO_CD_TOKEN\n# ARGO_CD_PASSWORD\nb: |\n  - name: ARGO_CD_USERNAME\n    value: x\n"},
		{"depth", "a: " + strings.Repeat("[", 60) + strings.Repeat("]", 60) + "\n" + strings.Repeat("b: {c: ", 1) + strings.Repeat("{d: ", 40) + "e" + strings.Repeat("}", 41) + "\n"},
	}
}

// chunk is something between documents, or of a document as a whole: a piece of a
// stream that concerns nothing here.
type chunk struct{ name, text string }

func chunks() []chunk {
	return []chunk{
		{"empty documents", "---\n---\n\n---\n"},
		{"a comment-only document", "---\n# a\n\n  # b\n"},
		{"a suppressed Secret", "---\n# Source: c/templates/x.yaml\n# HIDDEN: The Secret output has been suppressed\n"},
		{"a separator with a comment", "--- # a\nb: c\n--- #\nd: e\n"},
		{"a separator with spaces", "---  \na: b\n---\t\nc: d\n"},
		{"content on the separator", "--- {a: b}\n--- |\n c\n--- \"d\n e\"\n"},
		{"document ends", "---\na: b\n...\n---\nc: d\n... # e\n# f\n"},
		{"a document end without a separator", "---\na: b\n...\nc: d\n...\n"},
		{"directives", "---\na: b\n...\n%YAML 1.1\n%TAG !e! tag:example.com,2000:\n# c\n---\nd: !e!f g\n...\n"},
		{"JSON", "---\n{\"a\": [1, 2.50, null], \"b\": {\"c\": \"d\"}}\n"},
		{"JSON on several lines", "---\n{\n\t\"a\": 1,\n\t\"b\": [\n\t]\n}\n"},
		{"a list of objects", "---\napiVersion: v1\nkind: List\nmetadata: {resourceVersion: \"\"}\nitems:\n- kind: ConfigMap\n  metadata: {name: a} # b\n- {kind: Secret}\n"},
		{"an empty list", "---\nkind: ConfigMapList\nitems: []\n"},
		{"duplicate ids", "---\nkind: ConfigMap\nmetadata: {name: a}\ndata: {b: 1}\n---\nkind: ConfigMap\nmetadata: {name: a}\ndata: {b: 2}\n"},
		{"CRLF", "---\r\na: b\r\nc: |\r\n  d\r\n\r\n"},
		{"mixed line ends", "---\r\na: b\nc: d\r\n# e\r\r\n"},
		{"CR", "---\ra: b\rc: d\r"},
		{"byte order mark", "---\na: b\n...\n\ufeff---\nc: d\n"},
		{"scalars", "---\na\n---\n'b'\n---\n1\n---\nnull\n---\n~\n"},
		{"a list as document", "---\n- a\n- b: c\n"},
		{"broken: null bytes and other dirt", "---\na: \x00\x01\xff\xfe\n"},
		{"broken: brackets, quotes, tabs and aliases", "---\na: [b\n---\n\tc: d: e\n---\n'f\n---\n*g\n"},
		{"annotations that are empty", "---\nkind: ConfigMap\nmetadata:\n  annotations: {}\n  creationTimestamp: null\nstatus: {}\n"},
		{"a hook that looks like a service", "---\nkind: Deployment\nmetadata: {name: cap-app-proxy, annotations: {helm.sh/hook: test}}\nspec: {template: {spec: {containers: [{image: x, name: cap-app-proxy, env: [{name: ARGO_CD_PASSWORD, value: 'x'}]}]}}}\n"},
		{"a resource that describes services", "---\nkind: CustomResourceDefinition\nspec:\n  a: a Deployment like cap-app-proxy reads ARGO_CD_TOKEN_SECRET_NAME\n  b: 0644\n"},
		{"a glued separator", "---\na: b---\nc: d\n---e: f\n"},
		{"blank lines around separators", "\n\n---\n\n\na: b\n\n\n"},
		{"annotations of Helm 4", "---\nkind: ConfigMap\nmetadata:\n  annotations:\n    postrenderer.helm.sh/postrender-filename: 'a/templates/b.yaml'\n"},
	}
}

// forms are streams of app-proxy and the other services, before a run or after it.
func forms() map[string]func(app, others string) string {
	appWired, _ := servicesAfter()
	const json = `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"cap-app-proxy"},"spec":{"replicas":1.0,"template":{"spec":{"containers":[{"image":"x","name":"cap-app-proxy","env":[` +
		`{"name":"ARGO_CD_URL","value":"http:\u002f\u002fx"},{"name":"ARGO_CD_USERNAME","value":"admin"}]}]}}}}`
	jsonWired := strings.Replace(json, `"env":[{"name":"ARGO_CD_URL","value":"http:\u002f\u002fx"},{"name":"ARGO_CD_USERNAME","value":"admin"}]`,
		`"env":[{"name": "ARGO_CD_TOKEN", "valueFrom": {"secretKeyRef": {"key": "k", "name": "my-token"}}}, {"name":"ARGO_CD_URL","value":"http:\u002f\u002fx"}]`, 1)
	list := func(app string) string {
		body := strings.SplitAfter(strings.TrimPrefix(app, "---\n"), "\n")
		return "---\napiVersion: v1\nkind: List # of two\nmetadata: {annotations: {}}\nitems:\n-   kind: ConfigMap\n    data: {mode: 0644}\n- " + strings.Join(body, "  ")[:len(strings.Join(body, "  "))-2] + "\n"
	}
	return map[string]func(app, others string) string{
		"as it is":            func(app, others string) string { return app + others },
		"CRLF":                func(app, others string) string { return crlf(app + others) },
		"CRLF in the service": func(app, others string) string { return crlf(app) + others },
		"CRLF elsewhere":      func(app, others string) string { return app + crlf(others) },
		"no final newline":    func(app, others string) string { return others + strings.TrimSuffix(app, "\n") },
		"CRLF, no final newline": func(app, others string) string {
			return crlf(others + strings.TrimSuffix(app, "\n"))
		},
		"byte order mark":          func(app, others string) string { return "\ufeff" + app + others },
		"byte order mark, CRLF":    func(app, others string) string { return "\ufeff" + crlf(app+others) },
		"no separator first":       func(app, others string) string { return strings.TrimPrefix(app, "---\n") + others },
		"comments first":           func(app, others string) string { return "# a\n\n  # b\n" + app + others },
		"separator with a comment": func(app, others string) string { return "--- # a" + app[3:] + others },
		"separator with spaces":    func(app, others string) string { return "---  \t" + app[3:] + others },
		"document end":             func(app, others string) string { return app + "... # end\n" + others },
		"document end, no separators": func(app, others string) string {
			return app + "...\n" + strings.TrimPrefix(others, "---\n")
		},
		"directives":                        func(app, others string) string { return "%YAML 1.1\n%TAG !e! tag:e,2000:\n" + app + "...\n" + others },
		"trailing comments and blank lines": func(app, others string) string { return app + "\n# a\n  # b\n\n" + others },
		"duplicate ids":                     func(app, others string) string { return app + app + others },
		"in a list":                         func(app, others string) string { return list(app) + others },
		"in a list of lists": func(app, others string) string {
			return "---\nkind: List\nitems:\n- kind: List\n  items:\n  - " + strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(app, "---\n# Source: gitops-runtime/templates/cap-app-proxy.yaml\n"), "\n"), "\n", "\n    ") + "\n" + others
		},
		"JSON": func(app, others string) string {
			if app == appWired {
				return "---\n" + jsonWired + "\n" + others
			}
			return "---\n" + json + "\n" + others
		},
		"JSON in a list": func(app, others string) string {
			if app == appWired {
				return "{\"kind\":\"DeploymentList\",\"items\":[" + jsonWired + ",\n" + `{"kind":"X"}` + "]}\n" + others
			}
			return "{\"kind\":\"DeploymentList\",\"items\":[" + json + ",\n" + `{"kind":"X"}` + "]}\n" + others
		},
		"quoted keys and values": func(app, others string) string {
			return strings.NewReplacer("kind: Deployment", "'kind' : \"Deployment\" # k", "metadata:", "\"metadata\":", "  name: cap-app-proxy\n", "  'name': \"cap-app-proxy\"\n").Replace(app) + others
		},
		"Helm 4's annotation": func(app, others string) string {
			return strings.Replace(app, "  name: cap", "  annotations:\n    postrenderer.helm.sh/postrender-filename: 'x/y.yaml'\n  name: cap", 1) + others
		},
	}
}
