// Package shelltest takes the commands out of what this program advises, as whoever pastes
// them does, and says what is wrong with them.
package shelltest

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kballard/go-shellquote"
)

// Accepted reports whether flags of a command of this program, "token create", are such that
// it takes. The command line itself is tested with its own.
func Accepted(command string, flags []string) error {
	all := map[string][]string{
		"check":        {"--argo-cd-url=", "--port-forward"},
		"token create": {"--argo-cd-url=", "--port-forward", "--account=", "--secret-name=", "--secret-key=", "--force"},
		"token list":   {"--argo-cd-url=", "--port-forward", "--account="},
		"token revoke": {"--argo-cd-url=", "--port-forward", "--account=", "--id="},
		"token rotate": {"--argo-cd-url=", "--port-forward", "--secret-name=", "--secret-key="},
	}
	known, ok := all[command]
	if !ok {
		return fmt.Errorf("no command %q", command)
	}
	for i := 0; i < len(flags); i++ {
		switch {
		case slices.Contains(known, flags[i]):
		case slices.Contains(known, flags[i]+"=") && i+1 < len(flags):
			i++
		default:
			return fmt.Errorf("%s takes no %q", command, flags[i])
		}
	}
	return nil
}

// Wrong returns what is wrong with the commands in a text, nil for nothing: each has to name
// a namespace, each of this program a way to Argo CD, and accepted has the rest of it.
func Wrong(text string, accepted func(command string, flags []string) error) error {
	var all []error
	for _, at := range regexp.MustCompile(`\b(helm runtime-auth|kubectl) `).FindAllStringIndex(text, -1) {
		line := command(text[at[0]:])
		words, err := shellquote.Split(line)
		i := slices.Index(words, "-n")
		switch {
		case err != nil:
		case i < 0 || i+1 == len(words) || words[i+1] == "":
			err = errors.New("no namespace")
		case words[0] == "helm":
			rest := words[i+2:]
			isWay := func(w string) bool { return w == "--argo-cd-url" || w == "--port-forward" || w == "--argocd-context" }
			if err = accepted(strings.Join(words[2:i], " "), rest); !slices.ContainsFunc(rest, isWay) {
				err = errors.Join(err, errors.New("no way to Argo CD"))
			}
		}
		if err != nil {
			all = append(all, fmt.Errorf("%s: %w", line, err))
		}
	}
	return errors.Join(all...)
}

// command is what a text begins with, up to where the sentence goes on.
func command(text string) string {
	quoted := false
	for i, r := range text {
		switch {
		case r == '\'' && (quoted || !strings.HasSuffix(text[:i], `\`)):
			quoted = !quoted
		case !quoted && strings.ContainsRune(";,|&()\n", r):
			return text[:i]
		}
	}
	return text
}
