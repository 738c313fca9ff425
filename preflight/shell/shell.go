// Package shell writes commands that people copy.
package shell

import "strings"

// Argument writes s so that a shell takes it for one argument and runs nothing of it.
// Names come out of tokens and Secrets too.
func Argument(s string) string {
	special := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._/:@=", r))
	}
	if s != "" && !strings.HasPrefix(s, "=") && !strings.ContainsFunc(s, special) { // zsh expands =NAME
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Words writes a command of these words.
func Words(words ...string) string {
	var quoted []string
	for _, w := range words {
		quoted = append(quoted, Argument(w))
	}
	return strings.Join(quoted, " ")
}

// Kubectl writes a command of kubectl in a namespace.
func Kubectl(namespace string, words ...string) string {
	return Words(append([]string{"kubectl"}, append(words, "-n", namespace)...)...)
}

// Place is where advised commands of this program go: to a namespace, and to its Argo CD.
type Place struct {
	Namespace string
	// URL is the address of Argo CD, "" where none is known. With Forward it names a Service.
	URL string
	// Forward is set where Argo CD is reached by port-forward, which is also the way where
	// no address is known.
	Forward bool
}

// Command writes a command of this program, such as "token create", with its flags.
func (p Place) Command(name string, flags ...string) string {
	words := append([]string{"helm", "runtime-auth"}, append(strings.Fields(name), "-n", p.Namespace)...)
	if p.URL != "" {
		words = append(words, "--argo-cd-url", p.URL)
	}
	if p.Forward || p.URL == "" {
		words = append(words, "--port-forward")
	}
	return Words(append(words, flags...)...)
}
