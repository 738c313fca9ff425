//go:build cluster

package preflight_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/golang-jwt/jwt/v5"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// edgeTraits are the traits of a world with a running Argo CD that both modes have.
func edgeTraits() []trait {
	return []trait{keyTrait(), settingsTrait(), rightsTrait(), servingTrait(), versionTrait(), anonymousTrait()}
}

const secretKey = "server.secretkey"

// keyTrait is what became of the key that signs.
func keyTrait() trait {
	later := func(name string, change func(map[string][]byte)) way {
		return way{name, func(p *place) { p.later = append(p.later, func() { change(p.argoCD()) }) }}
	}
	return trait{"signing key", []way{
		{"as it was", func(*place) {}},
		later("rotated", func(s map[string][]byte) { s[secretKey] = []byte("s3cr3t-rotated") }),
		later("missing", func(s map[string][]byte) { delete(s, secretKey) }),
		later("emptied", func(s map[string][]byte) { s[secretKey] = []byte{} }),
		{"always empty", func(p *place) { p.argoCD()[secretKey] = []byte{} }},
		{"of other bytes", func(p *place) { p.argoCD()[secretKey] = []byte("\x00s3cr3t\n\xff") }},
	}}
}

// settingsTrait is what Argo CD needs for everybody.
func settingsTrait() trait {
	all := trait{"settings", []way{{"as they were", func(*place) {}}}}
	for _, text := range []string{"https://argocd.example.com/x/", "argocd.example.com", "ftp://argocd.example.com", "https://argocd.example.com:x", "://"} {
		all.ways = append(all.ways, way{"url " + text, func(p *place) { p.cm()["url"] = text }})
	}
	all.ways = append(all.ways, way{"argocd-server-tls of no certificate", func(p *place) {
		p.secret(here, "argocd-server-tls", map[string]string{"tls.crt": "no certificate", "tls.key": "s3cr3t"})
	}})
	return all
}

// rightsTrait is what the account may do, which is nothing that keeps it from signing in.
func rightsTrait() trait {
	all := trait{"rights", []way{{"none", func(*place) {}}}}
	for _, data := range []map[string]string{
		{}, {"policy.default": "role:readonly"}, {"policy.csv": "g, ci, role:admin"}, {"policy.csv": "p, ci, applications, get, */*, allow"},
		{"policy.csv": "g, ci, role:admin\np, ci, accounts, get, *, deny"}, {"policy.csv": "this is no policy"}, {"policy.default": "role:admin", "scopes": "[email]"},
	} {
		all.ways = append(all.ways, way{fmt.Sprint(data), func(p *place) {
			p.configMaps[here+"/argocd-rbac-cm"] = &corev1.ConfigMap{
				ObjectMeta: metav1.ObjectMeta{Namespace: here, Name: "argocd-rbac-cm", Labels: map[string]string{"app.kubernetes.io/part-of": "argocd"}}, Data: data,
			}
		}})
	}
	return all
}

// servingTrait is how Argo CD is served, which the Runtime's values have to fit.
func servingTrait() trait {
	both := func(server, values string) func(*place) {
		return func(p *place) {
			p.serving.RootPath, p.rootPath = server, values
			p.live = p.live || server != values
		}
	}
	return trait{"serving", []way{
		{"as usual", func(*place) {}},
		{"below a root path", both("/argo-cd", "/argo-cd")},
		{"below a root path that the values lack", both("/argo-cd", "")},
		{"without the root path of the values", both("", "/argo-cd")},
		{"below another root path", both("/argo-cd", "/argocd")},
		{"over TLS", func(p *place) { p.serving.TLS, p.live = true, true }},
	}}
}

// versionTrait is which Argo CD runs beside chart 0.25, which takes 2.12 to 3.0.
func versionTrait() trait {
	all := trait{"version", []way{{"accepted", func(*place) {}}}}
	for version, accepted := range map[string]bool{"v2.11.9": false, "v2.12.0": true, "v3.0.5+abc": true, "v3.0.0-rc1": true, "v3.1.0": false, "v3.5.1": false} {
		all.ways = append(all.ways, way{version, func(p *place) {
			p.serving.Version, p.chart = version, &auth.ChartVersion{Minor: 25}
			p.refused, p.live = !accepted, p.live || !accepted
		}})
	}
	return all
}

// anonymousTrait lets everybody in who is not known, which makes no credential good.
func anonymousTrait() trait {
	all := trait{"anonymous access", []way{{"off", func(*place) {}}}}
	for _, text := range []string{"true", "True", "yes"} {
		all.ways = append(all.ways, way{text, func(p *place) { p.cm()["users.anonymous.enabled"] = text }})
	}
	return all
}

// lockTrait is what others have tried before.
func lockTrait() trait {
	wrong := func(n int) way {
		return way{fmt.Sprintf("after %d wrong passwords", n), func(p *place) { p.failures, p.live = n, p.live || n >= 5 }}
	}
	return trait{"lock", []way{{"none", func(*place) {}}, wrong(4), wrong(5), wrong(6)}}
}

// signatureTrait is what became of the token on its way, and who signed it.
func signatureTrait() trait {
	all := trait{"signature", []way{{"right", func(*place) {}}}}
	for _, n := range []int{1, 2, 20, 43} {
		all.ways = append(all.ways, way{fmt.Sprintf("cut by %d", n), func(p *place) {
			p.spoilt(func(s string) string { return s[:max(len(s)-n, 0)] })
		}})
	}
	for _, m := range []jwt.SigningMethod{jwt.SigningMethodHS256, jwt.SigningMethodHS384, jwt.SigningMethodHS512} {
		all.ways = append(all.ways, resigned(m.Alg(), m, []byte(signingKey)), resigned(m.Alg()+" of another key", m, []byte("s3cr3t-other")))
	}
	return trait{all.name, append(all.ways, resigned("none", jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType),
		way{"swapped", func(p *place) {
			p.spoilt(func(s string) string { return strings.Replace(s, ".eyJ", ".eyJ9", 1) })
		}})}
}

// resigned has the same claims, if there are any, signed in another way.
func resigned(name string, method jwt.SigningMethod, key any) way {
	return way{name, func(p *place) {
		p.spoilt(func(s string) string {
			parts := strings.Split(s, ".")
			var claims map[string]any
			if len(parts) != 3 {
				return s
			}
			text, err := base64.RawURLEncoding.DecodeString(parts[1])
			if err != nil || json.Unmarshal(text, &claims) != nil {
				return s
			}
			return argocdtest.Signed(method, claims, key)
		})
	}}
}
