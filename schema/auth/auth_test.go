package auth_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// TestSecretNeverShows formats a credential in every way that Go offers.
func TestSecretNeverShows(t *testing.T) {
	const plain = "hunter2-canary"
	a := auth.Auth{Mode: auth.ModeToken, Plaintext: auth.NewSecret(plain)}
	settings := &auth.Settings{Auth: a}
	var shown []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T %v", "%10.3s"} {
		for _, v := range []any{a, &a, a.Plaintext, &a.Plaintext, settings, []any{a}, map[string]any{"a": a.Plaintext}} {
			shown = append(shown, fmt.Sprintf(verb, v))
		}
	}
	for _, v := range []any{a, settings} {
		j, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		y, err := yaml.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		shown = append(shown, string(j), string(y))
	}
	shown = append(shown, errors.Join(fmt.Errorf("x: %v", a)).Error(), fmt.Sprint(a), fmt.Sprintln(a.Plaintext))
	for _, s := range shown {
		if strings.Contains(s, plain) || strings.Contains(s, fmt.Sprintf("%x", plain)) {
			t.Errorf("shows the credential: %s", s)
		}
	}
	if a.Plaintext.Reveal() != plain {
		t.Error("Reveal does not return the credential")
	}
}

func TestAuthEqual(t *testing.T) {
	yes, no := true, false
	ref := auth.SecretRef{Name: "a", Key: "k"}
	token := auth.Auth{Mode: auth.ModeToken, Ref: ref}
	plain := auth.Auth{Mode: auth.ModeToken, Plaintext: auth.NewSecret("x")}
	password := auth.Auth{Mode: auth.ModePassword, Ref: ref, Username: "admin"}
	for _, test := range []struct {
		name string
		a, b auth.Auth
		want bool
	}{
		{"same", token, token, true},
		{"mode", token, password, false},
		{"plain and ref", token, plain, false},
		{"other plain", plain, auth.Auth{Mode: auth.ModeToken, Plaintext: auth.NewSecret("y")}, false},
		{"redacted plain", plain, auth.Auth{Mode: auth.ModeToken, Plaintext: auth.NewSecret("[redacted]")}, true},
		{"optional false is none", token, auth.Auth{Mode: auth.ModeToken, Ref: auth.SecretRef{Name: "a", Key: "k", Optional: &no}}, true},
		{"optional", token, auth.Auth{Mode: auth.ModeToken, Ref: auth.SecretRef{Name: "a", Key: "k", Optional: &yes}}, false},
		{"user", password, auth.Auth{Mode: auth.ModePassword, Ref: ref, Username: "x"}, false},
		{"user by ref", password, auth.Auth{Mode: auth.ModePassword, Ref: ref, Username: "admin", UsernameRef: &ref}, false},
	} {
		if got := test.a.Equal(test.b); got != test.want || test.b.Equal(test.a) != test.want {
			t.Errorf("%s: Equal is %v", test.name, got)
		}
	}
}
