//go:build e2e && linux

package e2e

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// watched stands before an Argo CD, and at each request looks at what everybody on the
// machine sees of the program that waits for the answer, and of its children.
type watched struct {
	url string

	mu           sync.Mutex
	group        int      // of processes
	lines        []string // of commands
	environments []string // NAME=VALUE
}

func watch(t *testing.T, address string) *watched {
	t.Helper()
	to, err := url.Parse(address)
	must(t, err)
	w, pass := &watched{}, httputil.NewSingleHostReverseProxy(to)
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.look()
		pass.ServeHTTP(rw, r)
	}))
	t.Cleanup(s.Close)
	w.url = s.URL
	return w
}

func (w *watched) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats { // one that has ended meanwhile reads as empty
		stat, _ := os.ReadFile(path)
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // state, parent, group
		if len(fields) < 3 || fields[2] != strconv.Itoa(w.group) {
			continue
		}
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		environment, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "environ"))
		w.lines = append(w.lines, strings.ReplaceAll(string(line), "\x00", " "))
		w.environments = append(w.environments, strings.Split(string(environment), "\x00")...)
	}
}

// start starts a call in a group of processes of its own.
func (w *watched) start(t *testing.T, c call) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), c.path, c.args...)
	cmd.Env, cmd.Stdin, cmd.SysProcAttr = c.env, strings.NewReader(c.stdin), &syscall.SysProcAttr{Setpgid: true}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines, w.environments = nil, nil
	must(t, cmd.Start())
	w.group = cmd.Process.Pid
	return cmd
}

// credentials are the lines and the variables with one, and the call itself was not given.
func (w *watched) credentials(given []string) (found []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, text := range append(slices.Clone(w.lines), w.environments...) {
		if holdsCredential(text) && !slices.Contains(given, text) {
			name, _, _ := strings.Cut(text, "=")
			found = append(found, strings.ReplaceAll(name, canary, "CANARY"))
		}
	}
	return found
}

// TestProcessList holds that no command with any way of signing in hands a credential to where
// the list of processes has it: to arguments, or to variables that were not given with it.
func TestProcessList(t *testing.T) {
	t.Parallel()
	i := newInstallation(t, tokenValues)
	k := &keyring{i.argoCD, i.argoCD.URL}
	w := watch(t, k.url)
	host := strings.TrimPrefix(w.url, "http://")
	secrets := i.client.CoreV1().Secrets(i.namespace)
	held, err := secrets.Get(t.Context(), "argo-cd-account", metav1.GetOptions{})
	must(t, err)
	own := string(held.Data["api-token"])
	config := write(t, "config", "contexts: [{name: here, server: '"+host+"', user: me}]\nservers: [{server: '"+host+"', plain-text: true}]\nusers: [{name: me, auth-token: "+own+"}]\n")
	header := []string{"--header", "@" + write(t, "header", "X-Proxy: "+canary+"-header\n")}
	type way struct {
		args  []string
		stdin string
		env   []string
	}
	at := func(args ...string) []string { return append(args, "--argo-cd-url", w.url) }
	ways := map[string]way{
		"password on stdin": {args: at("--username", "runtime", "--password-stdin"), stdin: runtimePassword},
		"password in file":  {args: append(at("--password-file", write(t, "password", runtimePassword)), header...)},
		"token in file":     {args: at("--auth-token-file", write(t, "token", own))},
		"context of argocd": {args: []string{"--argocd-context", "here"}, env: []string{"ARGOCD_CONFIG_DIR=" + filepath.Dir(config)}},
		"environment":       {env: []string{"ARGOCD_SERVER=" + host, "ARGOCD_OPTS=--plaintext", "ARGOCD_AUTH_TOKEN=" + own}},
	}
	run := func(name string, given way, args ...string) {
		t.Helper()
		c := i.runtimeAuth(append(args, given.args...)...)
		c.env, c.stdin = append(c.env, given.env...), given.stdin
		cmd := w.start(t, c)
		err := cmd.Wait()
		if !slices.ContainsFunc(w.lines, func(line string) bool { return strings.Contains(line, "runtime-auth") }) || err != nil {
			t.Errorf("%s, %s: %v, %d processes seen", name, args[:2], err, len(w.lines))
		}
		if found := w.credentials(c.env); len(found) > 0 {
			t.Errorf("%s, %s: a credential is in %q", name, args[:2], found)
		}
		if given.env != nil && strings.HasPrefix(given.env[len(given.env)-1], "ARGOCD_AUTH") && len(w.credentials(nil)) == 0 {
			t.Errorf("%s, %s: what is in the environment was not found", name, args[:2])
		}
	}
	for name, given := range ways {
		run(name, given, "token", "create", "--account", "runtime", "--id", "made", "--secret-name", "made")
		run(name, given, "token", "list", "--account", "runtime")
		if name != "environment" { // which rotate does not use
			run(name, given, "token", "rotate", "--secret-name", "made", "--grace", "1ms")
		} else {
			run("its own key", way{args: at()}, "token", "rotate", "--secret-name", "made", "--grace", "1ms")
		}
		run(name, given, "token", "revoke", "--secret-name", "made", "--force")
		must(t, secrets.Delete(t.Context(), "made", metav1.DeleteOptions{}))
	}
	check := way{args: append(at(), header...)}
	run("token", check, "check", "-f", write(t, "values.yaml", tokenValues))
	run("password", check, "check", "-f", write(t, "values.yaml", passwordValues))
	run("plain text", check, "check", "-f", write(t, "values.yaml", strings.Replace(tokenValues, "tokenSecretKeyRef: {name: argo-cd-account, key: api-token}", "token: "+own, 1)))

	shell := w.start(t, call{path: "/bin/sh", args: []string{"-c", "sleep 60; exit", canary}})
	w.look()
	must(t, syscall.Kill(-shell.Process.Pid, syscall.SIGKILL))
	if _ = shell.Wait(); len(w.credentials(nil)) == 0 { // it was killed
		t.Error("what is in an argument was not found")
	}
}
