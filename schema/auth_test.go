package schema_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// TestSecretNeverShows formats a credential in every way that Go offers.
func TestSecretNeverShows(t *testing.T) {
	const plain = "hunter2-canary"
	auth := schema.Auth{Mode: schema.ModeToken, Plaintext: schema.NewSecret(plain)}
	settings := &schema.Settings{Auth: auth}
	var shown []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T %v", "%10.3s"} {
		for _, v := range []any{auth, &auth, auth.Plaintext, &auth.Plaintext, settings, []any{auth}, map[string]any{"a": auth.Plaintext}} {
			shown = append(shown, fmt.Sprintf(verb, v))
		}
	}
	for _, v := range []any{auth, settings} {
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
	shown = append(shown, errors.Join(fmt.Errorf("x: %v", auth)).Error(), fmt.Sprint(auth), fmt.Sprintln(auth.Plaintext))
	for _, s := range shown {
		if strings.Contains(s, plain) || strings.Contains(s, fmt.Sprintf("%x", plain)) {
			t.Errorf("shows the credential: %s", s)
		}
	}
	if auth.Plaintext.Reveal() != plain {
		t.Error("Reveal does not return the credential")
	}
}

func TestAuthEqual(t *testing.T) {
	yes, no := true, false
	ref := schema.SecretRef{Name: "a", Key: "k"}
	token := schema.Auth{Mode: schema.ModeToken, Ref: ref}
	plain := schema.Auth{Mode: schema.ModeToken, Plaintext: schema.NewSecret("x")}
	password := schema.Auth{Mode: schema.ModePassword, Ref: ref, Username: "admin"}
	for _, test := range []struct {
		name string
		a, b schema.Auth
		want bool
	}{
		{"same", token, token, true},
		{"mode", token, password, false},
		{"plain and ref", token, plain, false},
		{"other plain", plain, schema.Auth{Mode: schema.ModeToken, Plaintext: schema.NewSecret("y")}, false},
		{"redacted plain", plain, schema.Auth{Mode: schema.ModeToken, Plaintext: schema.NewSecret("[redacted]")}, true},
		{"optional false is none", token, schema.Auth{Mode: schema.ModeToken, Ref: schema.SecretRef{Name: "a", Key: "k", Optional: &no}}, true},
		{"optional", token, schema.Auth{Mode: schema.ModeToken, Ref: schema.SecretRef{Name: "a", Key: "k", Optional: &yes}}, false},
		{"user", password, schema.Auth{Mode: schema.ModePassword, Ref: ref, Username: "x"}, false},
		{"user by ref", password, schema.Auth{Mode: schema.ModePassword, Ref: ref, Username: "admin", UsernameRef: &ref}, false},
	} {
		if got := test.a.Equal(test.b); got != test.want || test.b.Equal(test.a) != test.want {
			t.Errorf("%s: Equal is %v", test.name, got)
		}
	}
}
