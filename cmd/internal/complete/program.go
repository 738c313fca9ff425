package complete

import (
	"errors"
	"os/exec"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// Program asks another program that is made with cobra for its completions of args,
// of which the last is the word at the cursor. Where it does not answer, nothing is
// offered: a shell is not the place to say why.
func Program(path string, args, environ []string) ([]string, cobra.ShellCompDirective) {
	cmd := exec.Command(path, append([]string{cobra.ShellCompRequestCmd}, args...)...)
	cmd.Env = environ
	out, err := cmd.Output()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	words, directive, err := parse(string(out))
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return words, directive
}

// parse reads an answer: a word a line, an explanation after a tab, and at the end a
// colon with the number of the directive (cobra 1.10, completions.go).
func parse(answer string) ([]string, cobra.ShellCompDirective, error) {
	lines := strings.Split(strings.TrimRight(answer, "\n"), "\n")
	last := lines[len(lines)-1]
	number, found := strings.CutPrefix(last, ":")
	directive, err := strconv.Atoi(number)
	if !found || err != nil {
		return nil, 0, errors.New("the answer does not end with a directive")
	}
	return lines[:len(lines)-1], cobra.ShellCompDirective(directive), nil
}
