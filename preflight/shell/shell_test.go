package shell_test

import (
	"os/exec"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
)

// TestArgument gives the words to a real shell, which must give them back.
func TestArgument(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("needs a Unix shell")
	}
	for _, s := range []string{"", "ci", "-x", "a b", "$(reboot)", "`id`", "it's", `a"b`, `a\b`, "a;b", "*", "~", "#x", "https://h:1/a@b", "é\n\t!"} {
		out, err := exec.Command(sh, "-c", "printf %s "+shell.Argument(s)).Output()
		if err != nil || string(out) != s {
			t.Errorf("%q became %q, %v", s, out, err)
		}
	}
	if got := shell.Argument("https://h:1/a@b"); got != "https://h:1/a@b" {
		t.Errorf("%s is quoted without need", got)
	}
}
