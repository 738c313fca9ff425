package helm_test

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/helm"
)

// TestCoalesce: the tests with the real clients compare it with Helm's own.
func TestCoalesce(t *testing.T) {
	for _, test := range []struct{ user, old, want string }{
		{`{}`, `{"a": 1}`, `{"a": 1}`},
		{`{"a": 2}`, `{"a": 1, "b": null}`, `{"a": 2, "b": null}`},
		{`{"a": {"b": 2}}`, `{"a": {"b": 1, "c": 1}}`, `{"a": {"b": 2, "c": 1}}`},
		{`{"a": null}`, `{"a": 1}`, `{}`},
		{`{"a": null}`, `{"a": null}`, `{"a": null}`},
		{`{"a": null}`, `{}`, `{"a": null}`},
		{`{"a": {"b": null}}`, `{"a": {"b": {"c": 1}}}`, `{"a": {}}`},
		{`{"a": {"b": null}}`, `{"a": 1}`, `{"a": {"b": null}}`},
		{`{"a": [2]}`, `{"a": [1, 1]}`, `{"a": [2]}`},
		{`{"a": 2}`, `{"a": {"b": 1}}`, `{"a": 2}`},
	} {
		var user, old, want map[string]any
		if err := errors.Join(json.Unmarshal([]byte(test.user), &user), json.Unmarshal([]byte(test.old), &old), json.Unmarshal([]byte(test.want), &want)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, helm.Coalesce(user, old)); diff != "" {
			t.Errorf("%s over %s (-want +got)\n%s", test.user, test.old, diff)
		}
	}
}

// history reads "1 superseded, 2 deployed" and the like.
func history(text string) []helm.Revision {
	var all []helm.Revision
	for _, entry := range strings.Split(text, ", ") {
		number, status, _ := strings.Cut(entry, " ")
		revision, _ := strconv.Atoi(number)
		all = append(all, helm.Revision{Revision: revision, Status: status})
	}
	return all
}

func TestCurrent(t *testing.T) {
	for text, want := range map[string]int{
		"1 deployed":                                1,
		"1 superseded, 2 deployed":                  2,
		"1 deployed, 2 failed":                      1,
		"1 superseded, 2 deployed, 3 failed":        2,
		"1 deployed, 2 deployed, 3 failed":          2,
		"1 failed":                                  1,
		"1 superseded":                              1,
		"1 failed, 2 failed":                        2,
		"1 deployed, 2 pending-upgrade":             0,
		"1 pending-install":                         0,
		"1 superseded, 2 uninstalled":               0,
		"1 uninstalling":                            0,
		"9 superseded, 10 deployed, 11 uninstalled": 10,
	} {
		got, ok := helm.Current(history(text))
		if ok != (want > 0) || ok && got != want {
			t.Errorf("%s: %d, %v, want %d", text, got, ok, want)
		}
	}
	if _, ok := helm.Current(nil); ok {
		t.Error("no release is one")
	}
}

func TestUninstalled(t *testing.T) {
	for text, want := range map[string]string{
		"1 deployed":                   "false",
		"1 superseded, 2 uninstalled":  "true",
		"9 superseded, 10 deployed":    "false",
		"9 uninstalled, 10 deployed":   "revision 10 is deployed and revision 9 is uninstalled, and helm takes one or the other for the newest",
		"9 superseded, 10 uninstalled": "revision 10 is uninstalled and revision 9 is superseded, and helm takes one or the other for the newest",
	} {
		gone, err := helm.Uninstalled(history(text))
		got := strconv.FormatBool(gone)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
	if gone, err := helm.Uninstalled(nil); !gone || err != nil {
		t.Errorf("no release: %v, %v", gone, err)
	}
}

// TestReuse follows the order in which Helm looks at its flags.
func TestReuse(t *testing.T) {
	for args, want := range map[string]helm.Reuse{
		"":                              helm.ReuseIfEmpty,
		"-f a.yaml":                     helm.ReuseIfEmpty,
		"--reuse-values":                helm.ReuseAll,
		"--reuse-values=false":          helm.ReuseIfEmpty,
		"--reset-values --reuse-values": helm.ReuseNothing,
		"--reset-then-reuse-values":     helm.ReuseGiven,
		"--reuse-values --reset-then-reuse-values": helm.ReuseAll,
		"--reset-values --reset-then-reuse-values": helm.ReuseNothing,
	} {
		if got := parse(t, helm.Upgrade, strings.Fields(args)...).Reuse(); got != want {
			t.Errorf("upgrade %s: %d, want %d", args, got, want)
		}
	}
	for args, want := range map[string]helm.Reuse{
		"":                          helm.ReuseAll,
		"--set a=b":                 helm.ReuseNothing,
		"--reuse-values --set a=b":  helm.ReuseAll,
		"--reset-then-reuse-values": helm.ReuseGiven,
		"--reset-values":            helm.ReuseNothing,
		"--dry-run":                 helm.ReuseNothing,
		"--dry-run=client":          helm.ReuseNothing,
		"--dry-run=server":          helm.ReuseAll,
		"--dry-run=false":           helm.ReuseAll,
		"--reset-then-reuse-values --reuse-values -f x": helm.ReuseAll,
	} {
		if got := parse(t, helm.DiffUpgrade, strings.Fields(args)...).Reuse(); got != want {
			t.Errorf("diff upgrade %s: %d, want %d", args, got, want)
		}
	}
	if got := parse(t, helm.Install, "--replace").Reuse(); got != helm.ReuseNothing {
		t.Errorf("install: %d", got)
	}
}
