package argocd_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
)

const childEnv = "ARGOCD_TEST_CHILD"

// TestMain is also the process that TestProxy starts.
func TestMain(m *testing.M) {
	if os.Getenv(childEnv) == "" {
		os.Exit(m.Run())
	}
	c, err := argocd.New(argocd.Options{URL: "https://argocd.example.com"})
	if err == nil {
		_, err = c.Version(context.Background())
	}
	var broken *argocd.Error
	if errors.As(err, &broken) {
		fmt.Print(err, " | ", broken.Hint)
	}
}

func inProcess(t *testing.T, env ...string) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(env, childEnv+"=1")
	out, err := cmd.Output() // stderr is where a binary with coverage complains
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}
