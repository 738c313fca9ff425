package cli

import (
	"fmt"
	"os"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/gitops/export"
)

// check refuses flags that do not fit, before anything is read.
func (x *exporter) check(engine string) error {
	if err := x.Check(); err != nil {
		return err
	}
	if x.app.Namespace == "" {
		x.app.Namespace = x.Getenv("HELM_NAMESPACE")
	}
	switch {
	case engine != "argocd" && x.as != "":
		return exit.Usagef("--as is for argocd, not for %s", engine)
	case engine == "argocd" && x.as != "application" && x.as != "plugin":
		return exit.Usagef("argocd needs --as application or --as plugin, not %q", x.as)
	case x.as == "plugin" && (x.image == "" || x.app.Chart.Version == ""):
		return exit.Usagef("--as plugin needs --image and --chart-version")
	case x.as == "application" && (x.output == "" || x.app.Repository == ""):
		return exit.Usagef("--as application needs --output, the folder in git, and --git-url")
	case x.as == "application" && x.app.Namespace == "":
		return exit.Usagef("--as application needs --runtime-namespace")
	case x.as == "application" && x.app.Name == "":
		x.app.Name = "gitops-runtime"
	}
	if err := x.checkAddresses(); err != nil {
		return err
	}
	return x.checkOutput()
}

// checkAddresses looks at what says where charts, images and repositories are. They go
// into files for git, so no password and no token may be in them.
func (x *exporter) checkAddresses() error {
	for _, address := range []struct{ flag, value string }{{"--chart", x.app.Chart.Address}, {"--image", x.image}, {"--git-url", x.app.Repository}} {
		if export.HoldsUser(address.value) && !x.includeCredentials {
			return plaintext(fmt.Errorf("%s contains a password or a token, and the export would write it", address.flag))
		}
	}
	switch {
	case x.as == "plugin":
		if err := x.plugin().Check(); err != nil {
			return exit.Usagef("--as plugin: %w", err)
		}
	case x.as == "application":
		if err := x.app.Chart.Check(); err != nil {
			return exit.Usagef("--chart: %w", err)
		}
	}
	return nil
}

// checkOutput refuses what is there and no folder.
func (x *exporter) checkOutput() error {
	if x.output == "" {
		return nil
	}
	if info, err := os.Stat(x.output); err == nil && !info.IsDir() {
		return exit.Hinted(exit.Usage, "leave it out to write to standard output",
			"--output: %q is not a folder", x.output)
	}
	return nil
}
