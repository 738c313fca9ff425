package schema_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// TestMasksLookBeyondTheRegion repeats credentials from parts of a file that lint has
// no need to read on lines that it shows.
func TestMasksLookBeyondTheRegion(t *testing.T) {
	linter := &schema.Linter{}
	const block = "global:\n  external-argo-cd:\n    auth:\n      type: Token # s3cr3t-canary-xyz\n"
	for name, elsewhere := range map[string]string{
		"key that speaks of secrets":  "redis:\n  ACCESS_TOKEN: s3cr3t-canary-xyz\n",
		"dashes in such a key":        "redis:\n  deep:\n    api-key: s3cr3t-canary-xyz\n",
		"field of an auth mapping":    "redis:\n  auth:\n    pin: s3cr3t-canary-xyz\n",
		"list below such a key":       "redis:\n  passwords:\n  - s3cr3t-canary-xyz\n",
		"block scalar":                "redis:\n  privateKey: |\n    first line\n    s3cr3t-canary-xyz\n",
		"below a key lint looks into": "argo-cd:\n  configs:\n    secret:\n      pin: {password: s3cr3t-canary-xyz}\n",
	} {
		t.Run(name, func(t *testing.T) {
			for _, text := range []string{block + elsewhere, elsewhere + block} {
				result, err := linter.LintFile("values.yaml", []byte(text), schema.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if shown := show(result); !strings.Contains(shown, "Token") || strings.Contains(shown, canary) {
					t.Errorf("shown:\n%s", shown)
				}
			}
		})
	}
}

// TestMasksOfLinesBeyondTheRegion shows every line of a file, as a diff does.
func TestMasksOfLinesBeyondTheRegion(t *testing.T) {
	linter := &schema.Linter{}
	text := "redis:\n  password: s3cr3t-canary\nglobal:\n  external-argo-cd:\n    auth: {type: Token}\nother:\n  apiKey: s3cr3t-other\n"
	result, err := linter.LintFile("values.yaml", []byte(text), schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for line := 7; line > 0; line-- {
		pieces, ok := result.Masks.Line("values.yaml", line)
		if !ok {
			t.Fatalf("no line %d", line)
		}
		for _, p := range pieces {
			if strings.Contains(p.Text, canary) {
				t.Errorf("line %d is shown with its credential", line)
			}
		}
	}
}

// head begins a values file with the block.
const head = "global:\n  external-argo-cd:\n    auth:\n"

// leaks are values files with a credential in every place that it was ever put.
func leaks() map[string]string {
	const jwt = "eyJhbGciOiJIUzI1NiJ9.s3cr3t-payload.s3cr3t-signature"
	token := head + "      type: token\n      token: " + jwt + "\n"
	return map[string]string{
		"comment above":                token + "      # token: eyJhbGciOiJIUzI1NiJ9.s3cr3t.old\n",
		"comment behind the type":      head + "      type: Token # was " + jwt + "\n",
		"comment of one word":          head + "      type: tokne # s3cr3tc\n",
		"comment without a space":      head + "      type: tokne #s3cr3tc\n",
		"comment behind quotes":        head + "      type: \"tokne\"#s3cr3tc\n",
		"comment in braces":            head[:len(head)-1] + " {type: tokne,#s3cr3tc\n      username: ci}\n",
		"commented field":              head + "      type: Token\n      #password: s3cr3told\n",
		"comment with odd characters":  head + "      type: tokne # (s3cr3t!)\n",
		"comment with a user's URL":    head + "      type: tokne # https://me:s3cr3t@example.com\n",
		"comment with a hook's URL":    head + "      type: tokne # https://hooks.example.com/T1/s3cr3tpath\n",
		"comment that gives a pass":    head + "      type: tokne # the pass: s3cr3t\n",
		"comment on a block scalar":    head + "      type: tokne\nx:\n  note: |- # was s3cr3tc\n    text\n",
		"comment on its indentation":   head + "      type: tokne\nx:\n  note: |2#s3cr3tc\n    text\n",
		"comment with tabs":            head + "      type: tokne\t#\ts3cr3tc\n",
		"type like the token":          head + "      type: s3cr3tvalue\n      token: s3cr3tvalue\n",
		"type is the token":            head + "      type: \"token s3cr3tvalue\"\n",
		"field like the password":      head + "      password: s3cr3tvalue\n      s3cr3tvalue: x\n",
		"name like the password":       head + "      passwordSecretKeyRef: {name: S3cr3tvalue, key: s3cr3tvalue}\n      password: s3cr3tvalue\n      token: S3cr3tvalue\n",
		"mended name like a password":  head + "      type: token\n      tokenSecretKeyRef: {name: \" s3cr3tvalue\", key: k}\n      password: s3cr3tvalue\n",
		"key that is a password":       head + "      passwordSecretKeyRef: {name: argocd, key: \"S3cr3t$Pas-s3cr3t!\"}\n",
		"name that is a password":      head + "      passwordSecretKeyRef: {name: \"s3cr3t$Passw0rd!\", key: argocd}\n",
		"token and value as a key":     head + "      token=s3cr3tvalue:\n",
		"field and value as a key":     head + "      \"token: s3cr3tvalue\":\n",
		"field and value, and a value": head + "      \"token: s3cr3tvalue\": {a: b}\n",
		"key with dots":                head + "      \"my.s3cr3t pw.x\": x\n",
		"token below a key":            head + "      type: token\n      token: {value: s3cr3tval}\n",
		"token on its own line":        head + "      type: token\n      token:\n        value: s3cr3tval\n",
		"password in braces":           head + "      password: {s3cr3t}\n",
		"password in braces, a pair":   head + "      password: {s3cr3t: s3cr3t}\n",
		"misspelt, in braces":          head + "      pasword: {s3cr3t-val, x}\n",
		"password in brackets":         head + "      password: [s3cr3t, {s3cr3t: x}]\n",
		"unknown field, in braces":     head + "      pin: {a: {b: s3cr3t}}\n",
		"reference with the value":     head + "      type: token\n      tokenSecretKeyRef: {value: s3cr3tval}\n",
		"reference of a reference":     head + "      type: token\n      tokenSecretKeyRef: {name: {s3cr3t: s3cr3t}}\n",
		"reference is the token":       head + "      type: token\n      tokenSecretKeyRef: s3cr3tval\n",
		"variable":                     token + "app-proxy:\n  env:\n    ARGO_CD_TOKEN: {valueFrom: s3cr3tval}\n",
		"variable, one key deeper":     token + "app-proxy:\n  env:\n    ARGO_CD_TOKEN: {valueFrom: {secretKeyRef: {name: a, value: s3cr3tval}}}\n",
		"variable, an odd key":         token + "app-proxy:\n  env:\n    ARGO_CD_TOKEN: {valueFrom: {secretKeyRef: {name: a, key: 's3cr3t!$'}}}\n",
		"variable in a list":           token + "app-proxy:\n  env: {ARGO_CD_TOKEN: [s3cr3tval]}\n",
		"variable as in Kubernetes":    token + "app-proxy:\n  extraEnv:\n  - name: ARGO_CD_TOKEN\n    value: s3cr3tval\n",
		"in place of the block":        "global:\n  external-argo-cd:\n    auth: s3cr3tvalue\n",
		"in place of it, a list":       "global:\n  external-argo-cd:\n    auth: [s3cr3tvalue]\n",
		"in place of it, on a line":    "global:\n  external-argo-cd:\n    auth:\n      s3cr3tvalue\n",
		"in place of it, quoted":       "global:\n  external-argo-cd:\n    auth:\n      \"s3cr3t\n      s3cr3t\"\n",
		"in place of what is around":   "global:\n  external-argo-cd: s3cr3tvalue\n",
		"in place of a misspelt one":   "global:\n  external-arg-cd: s3cr3tvalue\n",
		"in place of the server":       "global:\n  integrations:\n    argo-cd:\n      server: s3cr3tvalue\n",
		"in place of everything":       "global: s3cr3tvalue\n",
		"beside the block, misspelt":   "global: {external-argo-cd: {passwort: s3cr3t, token: x}}\n",
		"path as a key":                "global.external-argo-cd.auth: s3cr3tvalue\n",
		"path as a key, a field":       "global.external-argo-cd.auth.pin: s3cr3tvalue\n",
		"path as a key, below it":      "global.external-argo-cd.auth: {pin: s3cr3t, tokenSecretKeyRef.value: s3cr3t}\n",
		"tag":                          head + "      password: !s3cr3t pw\n",
		"anchor":                       head + "      password: &s3cr3t pw\n",
		"tag and nothing":              head + "      password: !s3cr3t\n",
		"tag and the next line":        head + "      password: !s3cr3t\n        pw\n",
		"anchor of a misspelt field":   head + "      pasword: &s3cr3t pw\n",
		"tag of letters":               head + "      pasword: !hunter pw\n      username: s3cr3t!\n",
		"replaced by a merge key":      "x: &x\n  password: y\n" + head + "      password: s3cr3tvalue\n      <<: *x\n      type: Password\n",
		"replaced by a merge key, {}":  "x: &x {password: y}\n" + head[:len(head)-1] + " {password: s3cr3tvalue, <<: *x, type: Password}\n",
		"first of two":                 head + "      password: {a: s3cr3t}\n      password: x\n",
		"behind an alias":              "x: &x s3cr3tvalue\n" + head + "      password: *x\n      type: Password\n",
		"block scalar":                 head + "      type: Password\n      password: |\n        s3cr3tvalue # s3cr3t\n        and s3cr3t more\n",
		"folded":                       head + "      type: Password\n      pasword: >-\n        s3cr3tvalue\n        s3cr3t\n",
		"block scalar below a key":     head + "      password:\n        a: |\n          s3cr3t\n",
		"braces over lines":            head[:len(head)-1] + " {\n    type: Token, # s3cr3tc\n    token: {\n      a: s3cr3t # s3cr3tc\n    }}\n",
		"other names":                  token + "x: {dbPass: s3cr3t, pwd: s3cr3t, sshPassphrase: s3cr3t, passcode: s3cr3t, private-key: s3cr3t, tls.key: s3cr3t}\n",
		"URLs":                         token + "x: ['https://me:s3cr3t@example.com/', 'https://s3cr3t@example.com', 'https://a/b?token=s3cr3t', 'https://a?b=c&password=s3cr3t']\n",
		"connection string":            token + "x:\n  a: \"host=x;Password = s3cr3t\"\n  b: |\n    # none\n    password: s3cr3t\n",
		"private key":                  token + "x: |\n  -----BEGIN EC PRIVATE KEY-----\n  s3cr3t\n  -----END EC PRIVATE KEY-----\n",
		"no YAML":                      head + "      password: s3cr3t\n      eyJs3cr3t-s3cr3t: x\n     # s3cr3t\n   - [s3cr3t: a\n",
	}
}

// TestMasks lints each of them alone, and merged with others; whatever is shown of the
// findings and of any line has no credential in it.
func TestMasks(t *testing.T) {
	linter := &schema.Linter{}
	read := func(text string) func(string) ([]byte, error) {
		return func(name string) ([]byte, error) {
			switch name {
			case "over.yaml":
				return []byte("global: {external-argo-cd: {auth: {username: me}}}\n"), nil
			case "under.yaml":
				return []byte("global:\n  external-argo-cd: {auth: {username: you, type: tokne}}\n"), nil
			}
			return []byte(text), nil
		}
	}
	for name, text := range leaks() {
		for _, text := range []string{text, strings.ReplaceAll(text, "\n", "\r\n"), strings.TrimSpace(text), "\ufeff" + text} {
			for _, opts := range []schema.Options{{}, {ChartVersion: &auth.ChartVersion{Minor: 26}}} {
				result, err := linter.LintFile("values.yaml", []byte(text), opts)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				hidesCanary(t, name, result)
				merged, err := values.Load(values.Options{Files: []string{"under.yaml", "values.yaml", "over.yaml"}}, read(text))
				if err != nil {
					continue // of those that are no YAML
				}
				if result, err = linter.Lint(merged, opts); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				hidesCanary(t, name+", merged", result)
			}
		}
	}
}

// hidesCanary looks for the canary in findings, as JSON has them too, and in all lines.
func hidesCanary(t *testing.T, name string, result schema.Result) {
	t.Helper()
	isLeak := func(text string) bool { return strings.Contains(strings.ToLower(text), canary) }
	for _, d := range result.Diagnostics {
		for _, e := range d.Fix {
			if !e.Secret && isLeak(e.NewText) {
				t.Errorf("%s: an edit of %s has the credential", name, d.Rule)
			}
		}
		d.Fix = nil
		if text, err := json.Marshal(d); err != nil || isLeak(string(text)) {
			t.Errorf("%s: %s (%v)", name, text, err)
		}
	}
	for _, file := range []string{"values.yaml", "--set", "--set#2", "--set-json", "--set-string"} {
		for line := 1; ; line++ {
			pieces, ok := result.Masks.Line(file, line)
			if !ok {
				break
			}
			var shown strings.Builder
			for _, p := range pieces {
				shown.WriteString(p.Text)
			}
			if isLeak(shown.String()) {
				t.Errorf("%s: line %d is shown as %s", name, line, shown.String())
			}
		}
	}
}

// TestMasksOfFlags does the same with what is given on the command line.
func TestMasksOfFlags(t *testing.T) {
	linter := &schema.Linter{}
	const block = "global.external-argo-cd.auth"
	for name, o := range map[string]values.Options{
		"in place of the block": {Set: []string{block + "=s3cr3t"}},
		"in place of its parts": {Set: []string{block + "={s3cr3t,b}"}},
		"comma":                 {Set: []string{block + ".password=a,s3cr3t=y"}},
		"comma and another":     {Set: []string{block + ".type=Token," + block + ".token=a,s3cr3t=y,x=s3cr3t"}},
		"below a key":           {Set: []string{block + ".token.value=s3cr3tval"}},
		"index":                 {Set: []string{block + ".token[0]=s3cr3tval"}},
		"list":                  {Set: []string{block + ".password={a,s3cr3t}"}},
		"of another key":        {Set: []string{"x.tokens={a,s3cr3t}", block + ".type=Token"}},
		"type like the token":   {Set: []string{block + ".type=s3cr3tvalue," + block + ".token=s3cr3tvalue"}},
		"type":                  {String: []string{block + ".type=s3cr3t"}},
		"unknown field":         {Set: []string{block + ".password=s3cr3tvalue", block + ".s3cr3tvalue=x"}},
		"odd field":             {Set: []string{block + ".s3cr3t!x=x"}},
		"replaced":              {Set: []string{block + ".pasword=s3cr3tvalue", block + ".pasword=x"}},
		"replaced in one":       {Set: []string{block + ".password=s3cr3tvalue," + block + "=x"}},
		"replaced by the block": {Set: []string{block + ".pasword=s3cr3tvalue", block + "=x"}},
		"null":                  {Set: []string{block + ".password=s3cr3tvalue", block + ".password=null," + block + ".type=Token"}},
		"JSON":                  {JSON: []string{block + `={"type": "Token", "token": {"a": "s3cr3t"}}`}},
		"JSON, one field":       {JSON: []string{block + `.passwordSecretKeyRef={"name": "a", "key": "s3cr3t $"}`}},
		"comma, misspelt":       {Set: []string{block + ".pasword=a,s3cr3t=y"}},
		"lost to a later part":  {Set: []string{"x.token=s3cr3tvalue,x=y," + block + ".type=Token"}},
		"variable":              {Set: []string{"app-proxy.env.ARGO_CD_TOKEN=s3cr3t", block + ".type=Token"}},
		"variable below a key":  {Set: []string{"app-proxy.env.ARGO_CD_TOKEN.valueFrom=s3cr3t", block + ".type=Token"}},
	} {
		merged, err := values.Load(o, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		result, err := linter.Lint(merged, schema.Options{})
		if err != nil {
			t.Fatal(err)
		}
		hidesCanary(t, name, result)
		if len(result.Diagnostics) == 0 {
			t.Errorf("%s: no finding", name)
		}
	}
}

// TestMasksShowFlags shows of a flag what lint knows the meaning of, and nothing behind the
// first value that it hides.
func TestMasksShowFlags(t *testing.T) {
	linter := &schema.Linter{}
	const block = "global.external-argo-cd.auth"
	for text, want := range map[string]string{
		block + ".type=Token,a.b=true,c=d,e=true":          block + ".type=Token,a.b=true,c=…",
		block + ".tokenSecretKeyRef.name=My_Secret,a=true": block + ".tokenSecretKeyRef.name=My_Secret,a=true",
		block + ".token=<your-token>,a=true":               block + ".token=<your-token>,a=true",
		block + ".usrname=s3cr3t,a=true":                   block + ".usrname=…",
	} {
		merged, err := values.Load(values.Options{Set: []string{text}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		result, err := linter.Lint(merged, schema.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := shownLine(result.Masks, "--set", 1); got != want {
			t.Errorf("%s is shown as %s, want %s", text, got, want)
		}
	}
}

func shownLine(m *mask.Masks, file string, number int) string {
	var b strings.Builder
	pieces, _ := m.Line(file, number)
	for _, p := range pieces {
		b.WriteString(p.Text)
	}
	return b.String()
}

// TestMasksShow shows lines with keys, types, names, booleans and everything else.
func TestMasksShow(t *testing.T) {
	linter := &schema.Linter{}
	text := `# values of the runtime
y: &y 1
x: &x {a: [a, 'b', *y], c: !!bool true, "d": null}
global: # one for all
  external-argo-cd: &cd
    auth: {type: Token, username: ci, tokenSecretKeyRef: {name: ArgoCD_Account, key: tokens}, token: ""}
app-proxy:
  image: !!str quay.io/codefresh/app-proxy:1.2
  env: {ARGO_CD_TOKEN: {valueFrom: {secretKeyRef: {name: argocd, key: tok-1}}}}
  <<: *x
  s3cr3t: {deep: false}
  list:
  - - "it's # no comment"
    - |
      key: value
      # no comment
  folded: a
    b c
`
	want := `# …
y: …
x: … {a: […, …, …], c: … true, "d": null}
global: # …
  external-argo-cd: …
    auth: {type: Token, username: …, tokenSecretKeyRef: {name: ArgoCD_Account, key: tokens}, token: ""}
app-proxy:
  image: …
  env: {ARGO_CD_TOKEN: {valueFrom: {secretKeyRef: {name: argocd, key: tok-1}}}}
  <<: …
  …: {deep: false}
  list:
  - - …
    - …
      …
      …
  folded: …
    …
`
	result, err := linter.LintFile("values.yaml", []byte(text), schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range strings.Split(strings.TrimSuffix(want, "\n"), "\n") {
		if got := shownLine(result.Masks, "values.yaml", i+1); got != want {
			t.Errorf("line %d is shown as %q, want %q", i+1, got, want)
		}
	}
}

// TestQuotes: the usual slips are quoted, and our own words stay whatever the password is.
func TestQuotes(t *testing.T) {
	linter := &schema.Linter{}
	for text, want := range map[string]string{
		head + "      passwordSecretKeyRef: {name: ArgoCD_Account, key: tokens/api}\n": `"ArgoCD_Account" cannot be`,
		head + "      passwordSecretKeyRef: {name: 'argocd-api-token ', key: k}\n":     `"argocd-api-token " cannot be`,
		head + "      password: argocd\n      type: token\n      token: x\n":           "argocd account generate-token",
		head + "      password: external-argo-cd\n      tpye: password\n":              "[misspelled-key] global.external-argo-cd.auth.tpye",
		"global: {external-arg-cd: {auth: {password: external}}}\n":                    `unknown key "external-arg-cd"`,
		head + "      type: s3cr3t\n      token: s3cr3t\n":                             "unknown type …, it must be",
		head + "      type: a word too many\n":                                         "unknown type …, it must be",
		head + "      type: bearer\n":                                                  `unknown type "bearer", it must be`,
		head + "      password: !canary\n":                                             "|       password: …\n",
		head + "      s3cr3t-word: x\n":                                                "auth.…\n  unknown field …",
		head + "      existing-secret: x\n":                                            "auth.existing-secret\n  unknown field \"existing-secret\"",
		head + "      type: token\n      token: <your-token>\n":                        "|       token: <your-token>\n",
		head + "      type: token\n      token: <s3cr3t>\n":                            "|       token: …\n",
	} {
		result, err := linter.LintFile("values.yaml", []byte(text), schema.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if shown := show(result); !strings.Contains(shown, want) {
			t.Errorf("%s is not in\n%s", want, shown)
		}
	}
}

// TestMovedCommentsAreSecret: what is hidden in a line is hidden in the edit that moves it.
func TestMovedCommentsAreSecret(t *testing.T) {
	linter := &schema.Linter{}
	for name, text := range map[string]string{
		"comment of the block": "global:\n  x: 1\n  external-argo-cd:\n    auth:\n      # s3cr3tc\n      type: token\n      tokenSecretKeyRef: {name: a, key: b}\n",
	} {
		result, err := linter.LintFile("values.yaml", []byte(text), schema.Options{ChartVersion: &auth.ChartVersion{Minor: 26}})
		if err != nil {
			t.Fatal(err)
		}
		hidesCanary(t, name, result)
		if len(result.Diagnostics) != 1 || len(result.Diagnostics[0].Fix) == 0 {
			t.Errorf("%s: %s", name, show(result))
		}
	}
}
