package helm

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
)

// PostRenderer is the name of the post-renderer: of a binary for Helm 3, of a
// plugin for Helm 4.
const PostRenderer = "runtime-auth-post-renderer"

// Client is the helm that started the plugin.
type Client struct {
	Path    string // of the binary
	Major   int    // 3 or 4
	Environ []string
	// Stdin and Stderr are for a program that signs in to the cluster and has to ask the
	// user for something.
	Stdin  *os.File
	Stderr io.Writer
}

// Find asks the client at c.Path for its version and returns c with Major set. An
// error says that it does not run, or is neither Helm 3 nor 4.
func Find(ctx context.Context, c Client) (Client, error) {
	out, err := c.output(ctx, "version", "--short")
	if err != nil {
		return Client{}, fmt.Errorf("cannot ask %s for its version: %w", c.Path, err)
	}
	// a client that is built from source calls itself just v3.22 or v4.3
	m := regexp.MustCompile(`(?m)^v([34])\.`).FindSubmatch(out)
	if m == nil {
		return Client{}, fmt.Errorf("%s is neither Helm 3 nor Helm 4", c.Path)
	}
	c.Major = int(m[1][0] - '0')
	return c, nil
}

// Command returns the helm command that l is, with this post-renderer. pluginDir is
// the plugin's own folder.
func (c Client) Command(pluginDir string, l *Line, rendererArgs []string) (*exec.Cmd, error) {
	renderer, environ, needed := PostRenderer, c.Environ, ""
	folders := pluginFolders(environ)
	switch {
	case c.Major == 3:
		renderer = filepath.Join(pluginDir, "bin", PostRenderer)
		if runtime.GOOS == "windows" {
			renderer += ".exe"
		}
		needed = renderer
	case !isInstalled(folders):
		folder := filepath.Join(pluginDir, "render")
		needed = filepath.Join(folder, "postrenderer", "plugin.yaml")
		// Helm finds the plugins in this folder too, for one call (pkg/cli of Helm 4).
		folders = append(folders, folder)
		environ = append(slices.Clone(environ), pluginsVariable+strings.Join(folders, string(os.PathListSeparator)))
	}
	if needed != "" {
		if _, err := os.Stat(needed); err != nil {
			return nil, fmt.Errorf("the post-renderer is missing from the plugin's folder: %w", err)
		}
	}
	flags := []string{"--post-renderer=" + renderer}
	for _, a := range rendererArgs {
		flags = append(flags, "--post-renderer-args="+a)
	}
	cmd := exec.Command(c.Path, l.Args(flags...)...)
	cmd.Env = environ
	return cmd, nil
}

const pluginsVariable = "HELM_PLUGINS="

// pluginFolders returns those that HELM_PLUGINS names, which helm always sets for a plugin.
func pluginFolders(environ []string) []string {
	for _, e := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(e, pluginsVariable); ok {
			return filepath.SplitList(value)
		}
	}
	return nil
}

// isInstalled reports whether one of the plugin folders has the post-renderer
// already: Helm 4 refuses a name that stands twice.
func isInstalled(folders []string) bool {
	name := regexp.MustCompile(`(?m)^name:\s*["']?` + PostRenderer + `["']?\s*$`)
	for _, folder := range folders {
		manifests, _ := filepath.Glob(filepath.Join(folder, "*", "plugin.yaml"))
		for _, m := range manifests {
			if data, err := input.File(m); err == nil && name.Match(data) {
				return true
			}
		}
	}
	return false
}
