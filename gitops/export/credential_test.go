package export_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/gitops/export"
)

// places are texts of values, and where in them a credential stands.
var places = []struct{ name, text, want string }{
	{"nothing", "", ""},
	{"a token of the block", "global: {external-argo-cd: {auth: {type: token, token: s3cr3t}}}\n", "global.external-argo-cd.auth.token"},
	{"a password of the block", "global: {integrations: {argo-cd: {server: {auth: {password: s3cr3t}}}}}\n", "global.integrations.argo-cd.server.auth.password"},
	{"of an umbrella", "rt:\n  global:\n    codefresh:\n      userToken:\n        token: s3cr3t\n", "rt.global.codefresh.userToken.token"},
	{"a value below a name", "userToken: {value: s3cr3t}\n", "userToken.value"},
	{"a registry", "imageCredentials: {username: u, password: \"1234\"}\n", "imageCredentials.password"},
	{"a number", "db: {password: 1234}\n", "db.password"},
	{"the configuration of Docker", "a: {.dockerconfigjson: eyJhdXRocyI6eyJyZWciOiJ4In19}\n", "a..dockerconfigjson"},
	{"the same as JSON", "a: '{\"auths\": {\"reg\": {\"password\": \"s3cr3t\"}}}'\n", "a.auths.reg.password"},
	{"htpasswd", "ingress:\n  htpasswd: |\n    u:$apr1$x\n", "ingress.htpasswd"},
	{"a variable", "env:\n- name: A\n- name: DB_PASSWORD\n  value: s3cr3t\n", "env[1].value"},
	{"an option", "args: [--verbose, --token, s3cr3t]\n", "args[2]"},
	{"an option in one", "args: [--token=s3cr3t]\n", "args[0]"},
	{"an address", "repo: {url: \"https://user:s3cr3t@host/x\"}\n", "repo.url"},
	{"an address with a token", "a: {url: \"https://s3cr3t@host/x\"}\n", "a.url"},
	{"an address without a scheme", "dsn: me:s3cr3t@tcp(db:3306)/x\n", "dsn"},
	{"a query", "a: https://host/x?access_token=s3cr3t&b=c\n", "a"},
	{"a token anywhere", "a: {b: [x, eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.czNjcjN0]}\n", "a.b[1]"},
	{"a token as a key", "a: {eyJhbGciOiJIUzI1NiJ9: x}\n", "a.…"},
	{"a key of a service", "a: ghp_16C7e42F292c6912E7710c838347Ae178B4a\n", "a"},
	{"a private key", "tls:\n  key: |\n    -----BEGIN RSA PRIVATE KEY-----\n    x\n", "tls.key"},
	{"a Secret", "extra:\n- kind: Secret\n  stringData: {a: s3cr3t}\n", "extra[0].stringData.a"},
	{"configuration in a text", "config: |\n  host = a\n  client_secret = s3cr3t\n", "config"},
	{"values in a text", "spec:\n  values: |\n    auth:\n      token: s3cr3t\n", "spec.values.auth.token"},
	{"behind an alias", "a: &x s3cr3t\npassword: *x\n", "password"},
	{"merged", "a: &x {token: s3cr3t}\nb:\n  <<: *x\n", "a.token"},
	{"twice", "token: s3cr3t\ntoken: ''\n", "token"},
	{"a second document", "a: b\n---\ntoken: s3cr3t\n", "token"},
	{"a comment", "a: b # password: s3cr3t\n", "line 1"},
	{"an old line", "a: b\n# token: \"s3cr3t\"\n", "line 2"},
	{"an old variable", "a: b\n# - name: ARGO_CD_TOKEN\n#   value: s3cr3t\n", "line 3"},
	{"prose", "# the old token was xk29-fja8-s3cr3t-q0\na: b\n", "line 1"},
	{"a token in a comment", "a: b\n# eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.x\n", "line 2"},
	{"an address in a comment", "a: b\n\n# git clone https://u:s3cr3t@host/x\n", "line 3"},
	{"a header", "# curl -H 'Authorization: Bearer s3cr3t0'\na: b\n", "line 1"},

	{"the default of a variable", "token: ${TOKEN:-s3cr3t-k7vt2mb}\n", "token"},
	{"a command", "token: $(echo s3cr3t-k7vt2mb)\n", "token"},
	{"the default of a template", "token: '{{ .x | default \"s3cr3t\" }}'\n", "token"},
	{"between two templates", "token: '{{ .a }}s3cr3t{{ .b }}'\n", "token"},
	{"beside a reference", "config: |\n  token: s3cr3t\n  other: <path:a#b>\n", "config.token"},
	{"a value in angle brackets", "token: <s3cr3t-k7vT2mB>\n", "token"},

	{"references", "auth: {type: token, tokenSecretKeyRef: {name: my-secret-m2mg5mb749, key: api-x7y9z}}\n", ""},
	{"other references", "a: {existingSecret: x, tokenSecret: my-secret, secretName: y, passwordKey: token, secretKey: password, imagePullSecrets: [regcred-x9z8y7]}\n", ""},
	{"switches", "a: {automountServiceAccountToken: false, createSecret: true, allowEmptyPassword: yes, tokenTTL: 3600, passwordLength: 12, tokenUrl: https://h/oauth/token, passwordFile: /x/y}\n", ""},
	{"unset", "a: {token: \"\", password: null, secret: {}, apiKeys: []}\n", ""},
	{"argocd-vault-plugin", "token: <path:secret/data/argo#token>\nurl: https://u:<path:secret/data/x#p>@host\n", ""},
	{"vals", "token: ref+vault://secret/argo#/token\npassword: secrets://ref+vault://secret/argo#/token\n", ""},
	{"bank-vaults", "token: vault:secret/data/argo#token\n", ""},
	{"SOPS", "token: ENC[AES256_GCM,data:eyJhbGciOiJIUzI1NiJ9,iv:x,tag:y,type:str]\nsops: {age: [{enc: x, secret: y}], mac: \"ENC[x]\"}\n", ""},
	{"variables", "token: ${TOKEN}\npassword: '{{ x }}'\nurl: https://u:${PW}@host\n", ""},
	{"Argo CD's references", "clientSecret: $oidc.azuread.clientSecret\nsecret: $argocd-tokens:api\n", ""},
	{"the chart's own comments", "# -- User token. Used for runtime registration. One of token (for plain text value) or secretKeyRef must be provided.\n# DOCS: https://github.com/x/argo-cd-8.0.6-10-cap-3.0.2-2025-10-24-afba3263/secrets\n" +
		"# e.g:\n# tokenSecretKeyRef:\n#   name: argocd-token\n#   key: token\n#     clientSecret: $oidc.azuread.clientSecret\n# If `auth.type=token` is set\n# accounts.admin: apiKey,login\n", ""},
	{"addresses", "a: [git@github.com:o/r.git, ssh://git@github.com/o/r.git, https://host/@user, postgres://user@db/x, mailto:me@example.com, me@example.com:22]\n", ""},
	{"images", "image: images.example.com/x:1@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n", ""},
	{"a certificate", "caBundle: |\n  -----BEGIN CERTIFICATE-----\n  MIIBszCCAVmgAwIBAgIUeyJhbGciOiJIUzI1NiJ9\n", ""},
	{"comments", "# -- token: the API token, see https://g.codefresh.io/user/settings#autogen for v0.18.0-alpha1\n# existingSecret: \"\"\n# password: <your password>\n# --set token=...\n# token: \"\"\n# tokenSecretKeyRef: {name: a, key: b}\na: b # the Secret is argocd-initial-admin-secret\n# --set token=$TOKEN,password=PASSWORD\n", ""},
}

// exported returns where the export of an Application finds a credential in its values.
func exported(t *testing.T, text string) string {
	t.Helper()
	made, err := export.Application(export.Changes{}, export.ApplicationOptions{Chart: export.Chart{Address: "oci://h/c", Version: "1.2.3"}, Values: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range made {
		if f.Name == "values.yaml" {
			return f.Credential
		}
		if f.Credential != "" {
			t.Errorf("%s: %s", f.Name, f.Credential)
		}
	}
	t.Fatal("no values.yaml")
	return ""
}

func TestCredential(t *testing.T) {
	for _, test := range places {
		t.Run(test.name, func(t *testing.T) {
			if got := exported(t, test.text); got != test.want {
				t.Errorf("%q, want %q, in\n%s", got, test.want, test.text)
			}
		})
	}
}

// A credential in the addresses of an Application is found too.
func TestCredentialInAnAddress(t *testing.T) {
	made, err := export.Application(export.Changes{}, export.ApplicationOptions{
		Chart: export.Chart{Address: "https://u:s3cr3t@h/c", Version: "1.2.3"}, Repository: "https://s3cr3t@h/x.git", Values: []byte("a: b\n"),
	})
	if err != nil || made[0].Credential != "spec.source.repoURL" || made[1].Credential != "helmCharts[0].repo" {
		t.Errorf("%v %q %q", err, made[0].Credential, made[1].Credential)
	}
}

// The values of the examples hold a credential where they mean to, and nowhere else.
func TestCredentialInExamples(t *testing.T) {
	names, err := filepath.Glob("../../examples/values/*/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range append(names, "../../examples/chart/values.yaml") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Contains(filepath.Base(name), "plain")
		if got := exported(t, string(text)); (got != "") != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
