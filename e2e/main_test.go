//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
)

// Where TestMain tells the tests what it has prepared.
const (
	kubeconfigVariable = "RUNTIME_AUTH_E2E_KUBECONFIG"
	kubectlVariable    = "RUNTIME_AUTH_E2E_KUBECTL"
	pluginsVariable    = "RUNTIME_AUTH_E2E_PLUGINS"
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := os.MkdirTemp("", "runtime-auth-e2e-")
	if err != nil {
		return fail("no temporary folder", err)
	}
	defer os.RemoveAll(dir)
	programs, err := serverPrograms()
	if err != nil {
		if oracle.Required() {
			return fail("the API server is not there (make servers)", err)
		}
		fmt.Println("skipped, for want of an API server (make servers):", err)
		return 0
	}
	plane, err := startControlPlane(ctx, programs, filepath.Join(dir, "control-plane"))
	if err != nil {
		return fail("cannot start the API server", err)
	}
	defer plane.stop()
	plugins := filepath.Join(dir, "built plugins") // a blank in the path, as people have them
	if err := buildPlugins(plugins); err != nil {
		return fail("cannot build the plugins", err)
	}
	os.Setenv(kubeconfigVariable, plane.kubeconfig)
	os.Setenv(kubectlVariable, filepath.Join(programs, "kubectl"))
	os.Setenv(pluginsVariable, plugins)
	var code int
	tests := make(chan int, 1)
	go func() { tests <- m.Run() }()
	select {
	case code = <-tests:
	case <-ctx.Done(): // an interrupted run leaves neither a server nor a folder behind
		return fail("the tests", context.Cause(ctx))
	}
	plane.stop()
	if name := plane.leak(); name != "" {
		return fail(name, errors.New("a credential is in the log"))
	}
	return code
}

func fail(what string, err error) int {
	fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
	return 1
}

// serverPrograms returns the folder in which scripts/servers.sh has put the servers.
// Tests would be cut off in the middle of building them.
func serverPrograms() (string, error) {
	cmd := exec.Command("sh", filepath.Join("..", "scripts", "servers.sh"), "path")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}

// buildPlugins builds the working tree into two plugin folders below dir.
func buildPlugins(dir string) error {
	build := exec.Command("sh", filepath.Join("..", "scripts", "plugins.sh"), dir)
	build.Stderr = os.Stderr
	return build.Run()
}
