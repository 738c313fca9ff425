package wiring

import (
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/render/envedit"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// What the declared credential does not vouch for is shown only if it is a plain name.
func TestShownSource(t *testing.T) {
	const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"
	byToken := schema.Auth{Mode: schema.ModeToken, Ref: schema.SecretRef{Name: "my-secret-m2mg5mb749", Key: "k"}}
	byPassword := schema.Auth{Mode: schema.ModePassword, Plaintext: schema.NewSecret("correct-horse"), Username: "hunter2x"}
	byRef := schema.Auth{Mode: schema.ModePassword, Ref: schema.DefaultPasswordRef(), UsernameRef: &schema.SecretRef{Name: "users-9x8y7z", Key: "u5er5"}}
	ref := func(origin envedit.Origin, name, key string) envedit.Var {
		return envedit.Var{Name: Token, Origin: origin, Ref: schema.SecretRef{Name: name, Key: key}}
	}
	literal := func(name, value string) envedit.Var {
		return envedit.Var{Name: name, Origin: envedit.Literal, Value: value}
	}
	for _, test := range []struct {
		declared schema.Auth
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
		{schema.Auth{Mode: schema.ModeToken, Ref: schema.SecretRef{Name: "a", Key: token}}, ref(envedit.SecretKey, "a", token), "secret a/…"},
		{schema.Auth{Mode: schema.ModePassword, Username: token}, literal(Username, token), "value [redacted]"},
		{schema.Auth{}, ref(envedit.SecretKey, "my-token", "token"), "secret my-token/token"},
		{schema.Auth{}, literal(Username, "correcthorse"), "value [redacted]"},
	} {
		if got := shownSource(test.v, test.declared).String(); got != test.want {
			t.Errorf("%+v: %s, want %s", test.v, got, test.want)
		}
	}
}
