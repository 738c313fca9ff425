package helm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
)

// chart returns where in the positional arguments the chart is. Where helm will refuse
// the line, found is false.
func (l *Line) chart() (i int, found bool) {
	switch n := len(l.Positional); {
	case n == 2:
		return 1, true
	case n == 1 && l.Command == Template:
		return 0, true
	case n == 1 && l.Command == Install:
		return 0, l.Is("generate-name") || l.Last("name-template") != ""
	}
	return 0, false
}

// Chart returns the path of the chart that helm will use, "" where helm will refuse the
// line. A chart that is not here yet is pulled into a private folder, and l is made to
// name that, so that helm uses the very same. Errors carry their exit code.
func (c Client) Chart(ctx context.Context, l *Line, private *Private) (string, error) {
	i, found := l.chart()
	if !found {
		return "", nil
	}
	name := strings.TrimSpace(l.Positional[i]) // as LocateChart in pkg/action/install.go has it
	info, err := os.Stat(name)
	isLocal := err == nil && (c.Major == 3 || l.Last("repo") == "") // Helm 3 prefers what is here to --repo
	switch {
	case isLocal && onlyOnce(name, info):
		return "", exit.Hinted(exit.Usage, "save the archive in a file",
			"chart %q is a pipe or a device, which cannot be read twice", name)
	case isLocal:
		return name, c.completeChart(ctx, l, name)
	case filepath.IsAbs(name) || strings.HasPrefix(name, "."):
		if c.Major == 3 || l.Last("repo") == "" {
			return "", exit.Failedf("chart %q: %w", name, input.Cause(err))
		}
	}
	archive, err := c.pull(ctx, l, name, private)
	if err != nil {
		return "", exit.Hinted(exit.Failed, "pull the chart yourself, and give the archive or its folder",
			"cannot pull chart %q: %w", withoutUser(name), c.hide(err, l))
	}
	// What verifies an archive is bound to its old name, and the pull has verified it.
	l.Drop("repo", "verify")
	l.Positional[i] = archive
	return archive, nil
}

// pull lets helm pull a chart. The archive gets the name from which helm would generate
// that of a release.
func (c Client) pull(ctx context.Context, l *Line, name string, private *Private) (string, error) {
	folder, err := private.Folder()
	if err != nil {
		return "", err
	}
	flags := l.Only(append(fetching(), "devel", "pass-credentials", "repo", "version")...)
	if _, err := c.output(ctx, slices.Concat([]string{"pull", "--destination=" + folder}, flags, []string{"--", name})...); err != nil {
		return "", err
	}
	pulled, err := filepath.Glob(filepath.Join(folder, "*.tgz"))
	if err != nil || len(pulled) != 1 {
		return "", fmt.Errorf("helm pulled %d archives instead of one", len(pulled))
	}
	base, _, _ := strings.Cut(path.Base(name), ".")
	archive := filepath.Join(folder, base+".tgz")
	return archive, os.Rename(pulled[0], archive)
}

// completeChart fetches the dependencies that a chart's folder lacks if helm is to do
// it, before anything else reads the chart.
func (c Client) completeChart(ctx context.Context, l *Line, folder string) error {
	if !l.Is("dependency-update") {
		return nil
	}
	loaded, err := loader.LoadDir(folder)
	if err != nil || !lacksDependencies(loaded) {
		return nil // an archive cannot be completed, and a broken chart is for helm to refuse
	}
	if _, err := c.output(ctx, slices.Concat([]string{"dependency", "update"}, l.Only(fetching()...), []string{"--", folder})...); err != nil {
		return exit.Hinted(exit.Failed, "run helm dependency update",
			"cannot fetch the dependencies of chart %q: %w", folder, c.hide(err, l))
	}
	return nil
}

// fetching are the flags that helm pull and helm dependency update both know.
func fetching() []string {
	return strings.Fields(`ca-file cert-file content-cache insecure-skip-tls-verify key-file keyring password plain-http
		registry-config repository-cache repository-config username verify`)
}

// lacksDependencies is CheckDependencies of pkg/action.
func lacksDependencies(c *chart.Chart) bool {
	return slices.ContainsFunc(c.Metadata.Dependencies, func(d *chart.Dependency) bool {
		return !slices.ContainsFunc(c.Dependencies(), func(have *chart.Chart) bool { return have.Name() == d.Name })
	})
}

// WithValues writes a copy of a chart, without its templates, that has other default
// values: helm does that to the chart for --reuse-values. It returns the copy's path.
func WithValues(chartPath string, values []byte, private *Private) (string, error) {
	loaded, err := loader.Load(chartPath)
	if err != nil {
		return "", fmt.Errorf("cannot read chart %q: %w", chartPath, err)
	}
	folder, err := private.Folder()
	if err != nil {
		return "", err
	}
	files := append(slices.Clone(loaded.Raw), &chart.File{Name: "values.yaml", Data: values})
	for _, f := range files {
		if strings.HasPrefix(f.Name, "templates/") {
			continue
		}
		to := filepath.Join(folder, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return "", err
		}
		if err := os.WriteFile(to, f.Data, 0o600); err != nil { // the last values.yaml wins
			return "", err
		}
	}
	return folder, nil
}

// hide takes the credentials that helm was given out of its words.
func (c Client) hide(err error, l *Line) error {
	secrets := []string{l.Last("password"), l.Last("kube-token")}
	for _, e := range c.Environ {
		if name, value, _ := strings.Cut(e, "="); name == "HELM_KUBETOKEN" || name == "HELM_DRIVER_SQL_CONNECTION_STRING" {
			secrets = append(secrets, value)
		}
	}
	text := err.Error()
	for _, address := range append(slices.Clone(l.Positional), l.Last("repo")) {
		text = strings.ReplaceAll(text, address, withoutUser(address))
		if u, err := url.Parse(address); err == nil && u.User != nil {
			password, _ := u.User.Password()
			secrets = append(secrets, password)
		}
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // one may begin with another
	for _, secret := range secrets {
		text = strings.ReplaceAll(text, cmp.Or(secret, "…"), "…")
	}
	return errors.New(text)
}

// withoutUser takes the user info and the query out of a URL, which may hold
// credentials.
func withoutUser(address string) string {
	return regexp.MustCompile(`(?s)^(.*?://)(?:[^/?]*@)?([^?]*).*$`).ReplaceAllString(address, "$1$2")
}
