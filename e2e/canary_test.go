//go:build e2e

package e2e

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
)

// canary is in every credential of these tests, and in no output.
const canary = "s3cr3t"

// holdsCredential looks for the canary, plain or as base64 shows it, and for tokens.
func holdsCredential(text string) bool {
	return slices.ContainsFunc(traces(), func(trace string) bool { return strings.Contains(text, trace) })
}

// traces are what gives a credential away.
func traces() []string {
	all := []string{canary, "eyJhbGciOi"} // how every token in JSON begins
	for before := range 3 {
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("-", before) + canary))
		// A character holds six bits. Those that it shares with a neighbour of the
		// canary may be any.
		all = append(all, encoded[(8*before+5)/6:8*(before+len(canary))/6])
	}
	return all
}

// A search that finds nothing proves something only if it can find.
func TestCanaryIsFound(t *testing.T) {
	tests := map[string]bool{
		"error: token " + canary + " is refused":                                       true,
		"data: " + base64.StdEncoding.EncodeToString([]byte(canary)):                   true,
		"data: " + base64.StdEncoding.EncodeToString([]byte("a-"+canary+"-word")):      true,
		"data: " + base64.RawURLEncoding.EncodeToString([]byte("a"+canary+"?>")):       true,
		"data: " + base64.StdEncoding.EncodeToString([]byte("token: "+plaintextToken)): true,
		strings.ReplaceAll(plaintextToken, canary, "cut off"):                          true,
		"error: token [redacted] is refused":                                           false,
		"":                                                                             false,
	}
	for text, want := range tests {
		if holdsCredential(text) != want {
			t.Errorf("found in %q: %v", strings.ReplaceAll(text, canary, "CANARY"), !want)
		}
	}
}
