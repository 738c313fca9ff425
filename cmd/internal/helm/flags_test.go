package helm_test

import (
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/helm"
)

// helpFlag is a line about a flag in a help text: its letter, its name, and what follows
// it. Where nothing follows it is a boolean; in brackets is what a flag without value means.
var helpFlag = regexp.MustCompile(`(?m)^  (?:-(\w), |    )--([\w-]+)(?: (\S+))?  `)

// TestFlags holds the lists of flags to what the real clients say of themselves.
func TestFlags(t *testing.T) {
	for major, path := range clients(t) {
		for _, command := range []helm.Command{helm.Install, helm.Upgrade, helm.Template} {
			out, err := exec.Command(path, string(command), "--help").Output()
			if err != nil {
				t.Fatal(err)
			}
			all := helpFlag.FindAllStringSubmatch(string(out), -1)
			if len(all) < 50 {
				t.Fatalf("helm %d %s: only %d flags in the help text", major, command, len(all))
			}
			for _, m := range all {
				letter, name, value := m[1], m[2], m[3]
				words := []string{"--" + name}
				if letter != "" {
					words = append(words, "-"+letter)
				}
				for _, word := range words {
					if err := takes(command, word, value); err != nil {
						t.Errorf("helm %d %s: %v", major, command, err)
					}
				}
			}
		}
	}
}

// takes checks how a flag is read whose value the help describes.
func takes(command helm.Command, word, value string) error {
	l, err := helm.Parse(command, []string{word, "x"}, ownFlags(), false)
	if err != nil {
		return err
	}
	swallows := value != "" && !strings.Contains(value, "[")
	if len(l.Unknown) > 0 || swallows != (len(l.Positional) == 0) {
		return fmt.Errorf("%s %s is read as %q", word, value, l.Args())
	}
	return nil
}

// TestHiddenFlags are those that no help text shows.
func TestHiddenFlags(t *testing.T) {
	for major, names := range map[int]string{3: "recreate-pods", 4: "recreate-pods atomic force validate hide-notes render-subchart-notes"} {
		for _, name := range strings.Fields(names) {
			if err := takes(helm.Upgrade, "--"+name, ""); err != nil {
				t.Error(err)
			}
			known := slices.ContainsFunc([]string{"install", "upgrade", "template"}, func(command string) bool {
				out, _ := exec.Command(clients(t)[major], command, "--"+name+"=true", "--help").CombinedOutput()
				return !strings.Contains(string(out), "unknown flag")
			})
			if known != (name != "recreate-pods" || major == 3) {
				t.Errorf("helm %d: --%s is known: %v", major, name, known)
			}
		}
	}
}
