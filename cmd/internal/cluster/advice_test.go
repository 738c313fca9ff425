//go:build cluster

package cluster

import (
	"fmt"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/preflight/shelltest"
)

// accepted has the command line itself parse an advised command.
func accepted(command string, flags []string) error {
	cmd, rest, err := Command(Env{}).Find(strings.Fields(command))
	if err != nil || len(rest) > 0 || !cmd.Runnable() {
		return fmt.Errorf("no command %q: %w", command, err)
	}
	if err := cmd.ParseFlags(flags); err != nil {
		return err
	}
	if cmd.Flags().Changed("header") {
		return fmt.Errorf("a header may be a credential")
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

// pasteable holds that what was advised can be pasted.
func pasteable(t *testing.T, text string) {
	t.Helper()
	if err := shelltest.Wrong(text, accepted); err != nil {
		t.Error(err)
	}
}

// TestAdvised holds the flags that tests of libraries accept against those that there are.
func TestAdvised(t *testing.T) {
	for _, name := range []string{"check", "token create", "token list", "token revoke"} {
		cmd, _, err := Command(Env{}).Find(strings.Fields(name))
		if err != nil {
			t.Fatal(err)
		}
		known := 0
		for _, flag := range []string{"argo-cd-url", "port-forward", "account", "id", "secret-name", "secret-key", "force"} {
			f := cmd.Flags().Lookup(flag)
			words := []string{"--" + flag, "x"}
			if f == nil || f.NoOptDefVal != "" {
				words = words[:1]
			}
			if shelltest.Accepted(name, words) == nil {
				known++
				if f == nil {
					t.Errorf("%s has no --%s", name, flag)
				}
			}
		}
		if known < 2 {
			t.Errorf("%s: %d flags", name, known)
		}
	}
	for text, want := range map[string]string{
		"do: helm runtime-auth token list -n a --argo-cd-url https://b --account 'x; y', then": "",
		"do: helm runtime-auth token list -n a --account x":                                    "no way to Argo CD",
		"do: helm runtime-auth token list --port-forward":                                      "no namespace",
		"do: helm runtime-auth token list -n a --port-forward --nonsense":                      "unknown flag",
		"do: helm runtime-auth token list -n a --port-forward --header x":                      "credential",
		`do: helm runtime-auth token list -n a --port-forward --account "it`:                   "nterminated",
		"do: helm runtime-auth token list -n a --port-forward and more":                        "unknown command",
		"kubectl create -n a -f x | kubectl patch y":                                           "kubectl patch y: no namespace",
	} {
		err := shelltest.Wrong(text, accepted)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
