package token_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

// canary is the signature of every token here. No error may hold it.
const canary = "s3cr3t-canary-s3cr3t-canary-s3cr3t-canary-A"

func encode(claims string) string {
	e := base64.RawURLEncoding.EncodeToString
	return e([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + e([]byte(claims)) + "." + canary
}

func TestParse(t *testing.T) {
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for claims, want := range map[string]token.Token{
		`{"iss":"argocd","sub":"ci:apiKey","jti":"x","iat":1795521600}`:             {Kind: token.APIKey, Account: "ci", ID: "x", IssuedAt: at},
		`{"iss":"argocd","sub":"ci","jti":"x","exp":1795521600.9}`:                  {Kind: token.APIKey, Account: "ci", ID: "x", Expires: at},
		`{"iss":"argocd","sub":"admin:login","exp":1795521600}`:                     {Kind: token.Session, Account: "admin", Expires: at},
		`{"iss":"argocd","sub":"proj:default:ci"}`:                                  {Kind: token.Project},
		`{"iss":"argocd","sub":"proj:apiKey","jti":"x"}`:                            {Kind: token.APIKey, Account: "proj", ID: "x"},
		`{"iss":"https://example.com","sub":"argocd"}`:                              {Kind: token.SSO},
		`{"sub":"ci:apiKey"}`:                                                       {Kind: token.SSO},
		`{"iss":"argocd","sub":"ci:apiKey","jti":"x","exp":1e300}`:                  {Kind: token.APIKey, Account: "ci", ID: "x", Expires: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)},
		`{"iss":"argocd","sub":"ci:apiKey","jti":"x","exp":-5}`:                     {Kind: token.APIKey, Account: "ci", ID: "x", Expires: time.Unix(1, 0).UTC()},
		` {"iss":"argocd","sub":"ci:apiKey","jti":"x","aud":["x"],"scope":{"a":1}}`: {Kind: token.APIKey, Account: "ci", ID: "x"},
	} {
		got, err := token.Parse(encode(claims))
		if err != nil {
			t.Errorf("%s: %v", claims, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", claims, diff)
		}
	}
}

func TestParseMalformed(t *testing.T) {
	good := encode(`{"iss":"argocd","sub":"ci:apiKey","jti":"x"}`)
	parts := strings.Split(good, ".")
	for name, text := range map[string]string{
		"empty":               "",
		"one part":            canary,
		"two parts":           parts[0] + "." + parts[1],
		"empty signature":     parts[0] + "." + parts[1] + ".",
		"four parts":          good + "." + canary,
		"header is no base64": "~." + parts[1] + "." + canary,
		"header is no object": base64.RawURLEncoding.EncodeToString([]byte(`"alg"`)) + "." + parts[1] + "." + canary,
		"no algorithm":        base64.RawURLEncoding.EncodeToString([]byte(`{}`)) + "." + parts[1] + "." + canary,
		"claims are a list":   parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`[]`)) + "." + canary,
		"no ID":               encode(`{"iss":"argocd","sub":"ci:apiKey"}`),
		"another algorithm":   base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "." + canary,
		"expiry is a text":    encode(`{"iss":"argocd","sub":"ci:apiKey","exp":"soon"}`),
		"subject is missing":  encode(`{"iss":"argocd"}`),
		"signature is cut":    good[:len(good)-2],
		"padded":              good + "=",
	} {
		_, err := token.Parse(text)
		var malformed *token.MalformedError
		if !errors.As(err, &malformed) {
			t.Errorf("%s: error is %v", name, err)
			continue
		}
		if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, malformed), "s3cr3t") {
			t.Errorf("%s: the error quotes the token", name)
		}
	}
}

func TestIsEncodedAgain(t *testing.T) {
	good := encode(`{"iss":"argocd","sub":"ci:apiKey"}`)
	for text, want := range map[string]bool{
		base64.StdEncoding.EncodeToString([]byte(good)):        true,
		base64.StdEncoding.EncodeToString([]byte(good + "\n")): true,
		base64.RawURLEncoding.EncodeToString([]byte(good)):     true,
		good:                false,
		"":                  false,
		"c29tZSB0ZXh0":      false,
		"not base64 at all": false,
	} {
		if got := token.IsEncodedAgain(text); got != want {
			t.Errorf("IsEncodedAgain of %d bytes = %v, want %v", len(text), got, want)
		}
	}
}

// FuzzParse checks that no text makes Parse panic and no error quotes a part of it.
func FuzzParse(f *testing.F) {
	f.Add(encode(`{"iss":"argocd","sub":"ci:apiKey","exp":1}`))
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, s string) {
		_, err := token.Parse(s)
		token.IsEncodedAgain(s)
		if err != nil && len(s) > 60 && strings.Contains(err.Error(), s) {
			t.Fatal("the error quotes the token")
		}
	})
}
