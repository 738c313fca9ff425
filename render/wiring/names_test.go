package wiring

import (
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/render/envedit"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// What the declared credential does not vouch for is shown only if it is a plain name.
func TestSource(t *testing.T) {
	const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"
	byToken := auth.Auth{Mode: auth.ModeToken, Ref: auth.SecretRef{Name: "my-secret-m2mg5mb749", Key: "k"}}
	byPassword := auth.Auth{Mode: auth.ModePassword, Plaintext: auth.NewSecret("correct-horse"), Username: "hunter2x"}
	byRef := auth.Auth{Mode: auth.ModePassword, Ref: auth.DefaultPasswordRef(), UsernameRef: &auth.SecretRef{Name: "users-9x8y7z", Key: "u5er5"}}
	ref := func(origin envedit.Origin, name, key string) envedit.Var {
		return envedit.Var{Name: Token, Origin: origin, Ref: auth.SecretRef{Name: name, Key: key}}
	}
	literal := func(name, value string) envedit.Var {
		return envedit.Var{Name: name, Origin: envedit.Literal, Value: value}
	}
	for _, test := range []struct {
		declared auth.Auth
		v        envedit.Var
		want     string
	}{
		{byToken, ref(envedit.SecretKey, "my-secret-m2mg5mb749", "k"), "secret my-secret-m2mg5mb749/k"},
		{byToken, ref(envedit.SecretKey, "argocd-initial-admin-secret", "password"), "secret argocd-initial-admin-secret/password"},
		{byToken, ref(envedit.SecretKey, "argocd-token", token), "secret argocd-token/…"},
		{byToken, ref(envedit.SecretKey, token, "token"), "secret …/token"},
		{byToken, ref(envedit.SecretKey, "s3cr3t-x", "hunter2x"), "secret …/…"},
		{byToken, ref(envedit.SecretKey, "", ""), "secret /"},
		{byToken, ref(envedit.ConfigMapKey, "cap-app-proxy-cm", "argoCdUsername"), "configMap cap-app-proxy-cm/argoCdUsername"},
		{byToken, ref(envedit.ConfigMapKey, "cap-app-proxy-cm", "s3cr3t-x"), "configMap cap-app-proxy-cm/…"},
		{byToken, literal(Token, "admin"), "value [redacted]"},
		{byToken, literal(Password, ""), "value [redacted]"},
		{byToken, literal(Username, "admin"), `value "admin"`},
		{byToken, literal(Username, "correcthorse"), "value [redacted]"},
		{byToken, literal(Username, ""), `value ""`},
		{byToken, literal(TokenSecretName, "my-secret-m2mg5mb749"), `value "my-secret-m2mg5mb749"`},
		{byToken, literal(TokenSecretName, "argocd-token"), `value "argocd-token"`},
		{byToken, literal(TokenSecretKey, token), "value [redacted]"},
		{byToken, literal("OTHER", "correcthorse"), "value [redacted]"},
		{byToken, envedit.Var{Name: Token}, "something else"},
		{byPassword, literal(Username, "hunter2x"), `value "hunter2x"`},
		{byPassword, literal(Username, "correct-horse"), "value [redacted]"},
		{byPassword, ref(envedit.SecretKey, "correct-horse", "correct-horse"), "secret …/…"},
		{byRef, ref(envedit.SecretKey, "users-9x8y7z", "u5er5"), "secret users-9x8y7z/u5er5"},
		{auth.Auth{Mode: auth.ModeToken, Ref: auth.SecretRef{Name: "a", Key: token}}, ref(envedit.SecretKey, "a", token), "secret a/…"},
		{auth.Auth{Mode: auth.ModePassword, Username: token}, literal(Username, token), "value [redacted]"},
		{auth.Auth{}, ref(envedit.SecretKey, "my-token", "token"), "secret my-token/token"},
		{auth.Auth{}, literal(Username, "correcthorse"), "value [redacted]"},
	} {
		if got := Declared(test.declared).source(test.v).String(); got != test.want {
			t.Errorf("%+v: %s, want %s", test.v, got, test.want)
		}
	}
}
