package redact_test

import (
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/render/redact"
)

func TestIsPlainName(t *testing.T) {
	for name, want := range map[string]bool{
		"token": true, "argocd-initial-admin-secret": true, "gitops-runtime-argo-cd-token": true, "my.Token_key": true,
		"apiToken": true, "argoCdUsername": true, "ARGO_CD_TOKEN": true, "cap-app-proxy-cm": true, "argocd-token-v2": true,
		"prod01-argocd": true, "token-2024-01": true, "tls.crt": true, "PASSWORD": true, "id_rsa": true, "k8s-token": true,

		"": false, "s3cr3t": false, "Passw0rd": false, "hunter2x": false, "correct horse": false, "p@ssword": false,
		"QwErTyUiOpAs": false, "a1b2-c3d4-e5f6-a7b8": false, "abcdefghijklmnopqrstuvwxyz": false, "9f86d081884c7d65": false,
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl": false, "c2lnbmF0dXJlLXNpZ25hdHVyZQ": false, "ghp_16C7e42F292c6912E7710c838347Ae178B4a": false,
		"10-10-10-token": false, "пароль": false, "a\nb": false,
	} {
		if got := redact.IsPlainName(name); got != want {
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
		if got := redact.MayBeToken(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
