package token_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
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
		"cut by one":          good[:len(good)-1],
		"cut by twenty":       good[:len(good)-20],
		"too long":            good + "AA",
		"HS512, but short":    base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS512"}`)) + "." + parts[1] + "." + canary,
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

// TestVerify: the three ways to sign that Argo CD accepts, and no other.
func TestVerify(t *testing.T) {
	key := []byte("s3cr3t-key")
	sign := func(algorithm string, hash func() hash.Hash) string {
		text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"`+algorithm+`"}`)) + "." +
			base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"argocd","sub":"ci:apiKey","jti":"x"}`))
		mac := hmac.New(hash, key)
		mac.Write([]byte(text))
		return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	good := sign("HS256", sha256.New)
	for name, tt := range map[string]struct {
		text string
		key  string
		want bool
	}{
		"HS256":             {good, "s3cr3t-key", true},
		"HS384":             {sign("HS384", sha512.New384), "s3cr3t-key", true},
		"HS512":             {sign("HS512", sha512.New), "s3cr3t-key", true},
		"named otherwise":   {sign("HS512", sha256.New), "s3cr3t-key", false},
		"none":              {sign("none", sha256.New), "s3cr3t-key", false},
		"another key":       {good, "s3cr3t-other", false},
		"no key":            {good, "", false},
		"cut":               {good[:len(good)-1], "s3cr3t-key", false},
		"without signature": {good[:strings.LastIndex(good, ".")], "s3cr3t-key", false},
		"empty":             {"", "s3cr3t-key", false},
	} {
		if got := token.Verify(tt.text, []byte(tt.key)); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestVerifyPublished verifies the example of RFC 7515, appendix A.1.
func TestVerifyPublished(t *testing.T) {
	key, err := base64.RawURLEncoding.DecodeString("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
	if err != nil {
		t.Fatal(err)
	}
	const published = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." +
		"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ." +
		"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	if !token.Verify(published, key) {
		t.Error("the published token is not accepted")
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
