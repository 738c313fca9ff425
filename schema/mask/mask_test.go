package mask_test

import (
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

func TestPlain(t *testing.T) {
	for name, want := range map[string]bool{
		"token": true, "ARGO_CD_TOKEN": true, "global.external-argo-cd.auth": true, "app.kubernetes.io/name": true,
		"token-v2": true, "prod01-argocd": true, "token-2024-01": true, "k8s-runtime": true, "id_rsa": true, "a--b": true,
		"accounts." + strings.Repeat("a", 63): true,

		"": false, "s3cr3t": false, "Passw0rd": false, "argocd.s3cr3t.4711": false, "team-9x8y7z6w": false, "12": false, ".a": false,
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl": false, "a b": false, "a=b": false, "a@b.c": false, "пароль": false, "a\n": false,
		"abc12345": false, strings.Repeat("a", 64): false, strings.Repeat("a.", 126) + "ab": false,
	} {
		if got := mask.Plain(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestName(t *testing.T) {
	for name, want := range map[string]bool{
		"token": true, "argocd-initial-admin-secret": true, "gitops-runtime-argo-cd-token": true, "my.Token_key": true,
		"apiToken": true, "argoCdUsername": true, "ARGO_CD_TOKEN": true, "cap-app-proxy-cm": true, "argocd-token-v2": true,
		"prod01-argocd": true, "token-2024-01": true, "tls.crt": true, "PASSWORD": true, "id_rsa": true, "k8s-token": true,

		"": false, "s3cr3t": false, "Passw0rd": false, "hunter2x": false, "correct horse": false, "p@ssword": false,
		"QwErTyUiOpAs": false, "a1b2-c3d4-e5f6-a7b8": false, "abcdefghijklmnopqrstuvwxyz": false, "9f86d081884c7d65": false,
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl": false, "c2lnbmF0dXJlLXNpZ25hdHVyZQ": false, "ghp_16C7e42F292c6912E7710c838347Ae178B4a": false,
		"10-10-10-token": false, "пароль": false, "a\nb": false,
	} {
		if got := mask.Name(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestMayBeToken(t *testing.T) {
	for text, want := range map[string]bool{
		"my-secret-m2mg5mb749": false, "eyJ": false, "": false, "eyJ.hbGciOiJIUzI1NiJ9": false,
		"eyJhbGciOiJIUzI1NiJ9": true, "token.eyJhbGciOiJIUzI1NiJ9.x": true, "eyJ.eyJhbGciOiJI": true,
		"0123456789012345678901234567890123456789012345678901234567890123": true,
	} {
		if got := mask.MayBeToken(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func show(pieces []mask.Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
	}
	return b.String()
}

func TestLine(t *testing.T) {
	for _, test := range []struct {
		text, want    string
		shown, hidden []string // parts of the text
	}{
		{"key: value", "key: …", []string{"key"}, []string{"value"}},
		{"  - key: true # comment", "  - key: true # …", []string{"key", "true"}, nil},
		{"key: &anchor !tag value", "key: …", []string{"key"}, []string{"value"}},
		{"key: &anchor {a: [b, *c]}", "key: … {a: […, …]}", []string{"key", "a:"}, []string{"b"}},
		{"key: lost {true}", "key: … {true}", []string{"key", "true"}, nil},
		{"key: lost}", "key: …", []string{"key"}, nil},
		{"key: a b true", "key: … true", []string{"key", "true"}, []string{"a "}},
		{"{lost: x, <<: *a, key: v}", "{…, key: …}", []string{"key"}, []string{"v"}},
		{"<<: *a", "<<: …", nil, nil},
		{"--- {key: v}", "--- {key: …}", []string{"key"}, []string{"v"}},
		{"? key", "? key", []string{"key"}, nil},
		{"#", "#", nil, nil},
		{"", "", nil, nil},
		{"  secret", "  …", nil, []string{"  secret"}},
		{"secret", "…", []string{"secret", "cre"}, []string{"r"}},
	} {
		m := mask.New(yamldoc.New([]byte(test.text + "\nx")))
		for _, part := range test.shown {
			at := strings.Index(test.text, part)
			m.Show(at, at+len(part))
		}
		for _, part := range test.hidden {
			at := strings.Index(test.text, part)
			m.Hide(at, at+len(part))
		}
		if pieces, ok := m.Line(1); !ok || show(pieces) != test.want {
			t.Errorf("%q is shown as %q, want %q", test.text, show(pieces), test.want)
		}
	}
}

func TestUnknown(t *testing.T) {
	m := mask.New(yamldoc.New([]byte("  - \"key\": value\nkey:value\ns3cr3t: x\nkey:\n\tkey: value\n")))
	for i, want := range []string{"  - \"key\": …", "…", "…", "key:", "\tkey: …"} {
		if pieces, ok := m.Unknown(i+1, true); !ok || show(pieces) != want {
			t.Errorf("line %d is shown as %q, want %q", i+1, show(pieces), want)
		}
	}
	if pieces, _ := m.Unknown(1, false); show(pieces) != "  …" {
		t.Errorf("shown as %q", show(pieces))
	}
	if _, ok := m.Unknown(6, true); ok {
		t.Error("a line behind the last")
	}
}

// FuzzLine: the pieces of a line cover it, in order, and say what is there.
func FuzzLine(f *testing.F) {
	f.Add("key: {a: *b} # c\n", 0, 3, 5, 7)
	f.Add("\ufeffa: 'b\r\n  c'\n", 3, 4, 6, 14)
	f.Fuzz(func(t *testing.T, text string, a, b, c, d int) {
		inText := func(at int) int { return max(0, min(at, len(text))) }
		m := mask.New(yamldoc.New([]byte(text)))
		m.Show(inText(a), inText(b))
		m.Hide(inText(c), inText(d))
		for number := 1; ; number++ {
			pieces, ok := m.Line(number)
			if !ok {
				return
			}
			for i, p := range pieces {
				if p.End <= p.Start || i > 0 && p.Start != pieces[i-1].End || !p.Hidden && text[p.Start:p.End] != p.Text {
					t.Fatalf("piece %+v of %q", p, text)
				}
				if inText(c) < inText(d) && !p.Hidden && strings.TrimSpace(text[max(p.Start, inText(c)):max(p.Start, inText(c), min(p.End, inText(d)))]) != "" {
					t.Fatalf("piece %+v of %q shows what is hidden", p, text)
				}
			}
		}
	})
}
