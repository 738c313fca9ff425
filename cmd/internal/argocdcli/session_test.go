package argocdcli_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/argocdcli"
)

func given(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

func TestEnvironment(t *testing.T) {
	for name, tt := range map[string]struct {
		env                map[string]string
		url, token, reason string
		insecure           bool
	}{
		"nothing":      {nil, "", "", "", false},
		"variables":    {map[string]string{"ARGOCD_SERVER": "argocd.example.com", "ARGOCD_AUTH_TOKEN": "s3cr3t\n"}, "https://argocd.example.com", "s3cr3t", "", false},
		"options":      {map[string]string{"ARGOCD_OPTS": "--server argocd:8080 --plaintext --grpc-web-root-path /argo/ --auth-token s3cr3t"}, "http://argocd:8080/argo", "s3cr3t", "", false},
		"equal signs":  {map[string]string{"ARGOCD_OPTS": "--server=argocd --insecure --grpc-web --auth-token='s3cr3t'"}, "https://argocd", "s3cr3t", "", true},
		"both":         {map[string]string{"ARGOCD_SERVER": "one", "ARGOCD_AUTH_TOKEN": "other", "ARGOCD_OPTS": `--server "two" --auth-token s3cr3t`}, "https://two", "s3cr3t", "", false},
		"flag at end":  {map[string]string{"ARGOCD_SERVER": "one", "ARGOCD_OPTS": `--header "a: s3cr3t" --plaintext`}, "http://one", "", "", false},
		"no half":      {map[string]string{"ARGOCD_OPTS": `--auth-token "s3cr3t`}, "", "", "a quote without its other half", false},
		"no flag":      {map[string]string{"ARGOCD_OPTS": `s3cr3t`}, "", "", "word 1 of ARGOCD_OPTS", false},
		"no flag left": {map[string]string{"ARGOCD_OPTS": `--auth-token a s3cr3t`}, "", "", "word 3 of ARGOCD_OPTS", false},
	} {
		s, err := argocdcli.Environment(given(tt.env))
		if (err == nil) != (tt.reason == "") || err != nil && !strings.Contains(err.Error(), tt.reason) {
			t.Errorf("%s: %v", name, err)
		}
		if s.URL() != tt.url || s.Token.Reveal() != tt.token || s.Insecure != tt.insecure || strings.Contains(fmt.Sprintf("%v %+v %#v %v", s, s, s, err), "s3cr3t") {
			t.Errorf("%s: another session, or a credential is shown: %v", name, s)
		}
	}
}

const config = `
current-context: argocd.example.com
contexts:
- {name: argocd.example.com, server: argocd.example.com, user: argocd.example.com}
- {name: inside, server: "argocd:8080", user: me}
- {name: port-forward, server: port-forward, user: me}
- {name: core, server: kubernetes, user: me}
- {name: nobody, server: argocd.example.com, user: nobody}
servers:
- {server: argocd.example.com, grpc-web: true, grpc-web-root-path: ""}
- {server: "argocd:8080", plain-text: true, insecure: true, grpc-web-root-path: argo-cd}
- {server: kubernetes, core: true}
users:
- {name: argocd.example.com, auth-token: s3cr3t-1, refresh-token: s3cr3t-2}
- {name: me, auth-token: s3cr3t-3}
`

func TestContext(t *testing.T) {
	for name, want := range map[string]struct{ url, token, reason string }{
		"":                   {"https://argocd.example.com", "s3cr3t-1", ""},
		"argocd.example.com": {"https://argocd.example.com", "s3cr3t-1", ""},
		"inside":             {"http://argocd:8080/argo-cd", "s3cr3t-3", ""},
		"port-forward":       {"https://port-forward", "s3cr3t-3", ""},
		"core":               {"", "", "with --core"},
		"nobody":             {"", "", "nobody is signed in"},
		"other":              {"", "", `no context "other"; it has "argocd.example.com", "inside"`},
	} {
		s, err := argocdcli.Context([]byte(config), name)
		if s.URL() != want.url || s.Token.Reveal() != want.token || (err == nil) != (want.reason == "") || err != nil && !strings.Contains(err.Error(), want.reason) {
			t.Errorf("%q: %v, %v", name, s, err)
		}
	}
	for _, text := range []string{"contexts: s3cr3t", "users: [{name: a, auth-token: {s3cr3t: 1}}]", "\t s3cr3t", "", "contexts: []"} {
		if s, err := argocdcli.Context([]byte(text), ""); err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%v, or a credential is shown", s)
		}
	}
}

func TestIsFor(t *testing.T) {
	s := argocdcli.Session{Server: "Argocd.example.com"}
	for address, want := range map[string]bool{
		"https://argocd.example.com": true, "https://argocd.example.com:443/path": true,
		"http://argocd.example.com": false, "http://argocd.example.com:443": false, "HTTP://argocd.example.com:443": false, "https://argocd.example.com:8443": false, "https://argocd.example.com.evil": false, "": false, "x": false,
	} {
		if s.IsFor(address) != want {
			t.Errorf("%q: %v", address, !want)
		}
	}
	if (argocdcli.Session{}).IsFor("") {
		t.Error("no server is every server")
	}
}

func TestConfigFile(t *testing.T) {
	home := filepath.FromSlash("/home/me")
	for want, tt := range map[string]struct {
		env map[string]string
		old bool
	}{
		"/home/me/.config/argocd/config": {map[string]string{"HOME": home}, false},
		"/home/me/.argocd/config":        {map[string]string{"HOME": home, "XDG_CONFIG_HOME": "/xdg"}, true},
		"/xdg/argocd/config":             {map[string]string{"HOME": home, "XDG_CONFIG_HOME": "/xdg"}, false},
		"/else/config":                   {map[string]string{"HOME": home, "ARGOCD_CONFIG_DIR": "/else"}, true},
	} {
		if got := argocdcli.ConfigFile(given(tt.env), func(string) bool { return tt.old }); filepath.ToSlash(got) != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
