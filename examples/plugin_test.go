//go:build install

package examples

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// isVersion checks that the installed plugin is of that release, for helm and by
// its own words.
func isVersion(t testing.TB, h *helm, r release) {
	t.Helper()
	if out := h.helm("runtime-auth", "version").ok(t); out != "runtime-auth v"+r.version+"\n" {
		t.Errorf("version: %s", out)
	}
	expect(t, h.helm("plugin", "list").ok(t), []string{r.version}, nil)
}

// isGone checks that nothing of the plugins is left.
func isGone(t testing.TB, h *helm) {
	t.Helper()
	if out := h.helm("plugin", "list").ok(t); strings.Contains(out, "runtime-auth") {
		t.Errorf("still there:\n%s", out)
	}
	if left, _ := filepath.Glob(filepath.Join(h.home, "data", "plugins", "*")); len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
	if h.helm("runtime-auth", "version").run(t).code == 0 {
		t.Error("the command still runs")
	}
}

// comesWith checks that the pages and scripts are in an installed plugin.
func comesWith(t testing.TB, folder string) {
	t.Helper()
	expect(t, read(t, filepath.Join(folder, "man", "man1", "runtime-auth-token-create.1")), []string{".TH", "--secret-name"}, nil)
	for name, start := range map[string]string{"runtime-auth.bash": "# bash", "_runtime-auth": "#compdef runtime-auth", "runtime-auth.fish": "# fish", "runtime-auth.ps1": "# powershell"} {
		if !strings.HasPrefix(read(t, filepath.Join(folder, "completions", name)), start) {
			t.Errorf("%s does not begin with %q", name, start)
		}
	}
}

// Helm 3 takes the flat archive from a server.
func packagesOfHelm3(t *testing.T, h *helm, first, next release) {
	folder := filepath.Join(h.home, "data", "plugins", "runtime-auth")
	link(t, filepath.Join(folder, "bin", "runtime-auth-post-renderer"), filepath.Join(h.home, "bin", "runtime-auth-post-renderer"))
	for _, r := range []release{first, next} {
		h.helm("plugin", "install", archives(t, r.folder)+"/"+filepath.Base(r.archive("runtime-auth", "-helm3"))).ok(t)
		isVersion(t, h, r)
		useEverything(t, h)
		comesWith(t, folder)
		h.helm("plugin", "uninstall", "runtime-auth").ok(t)
	}
	isGone(t, h)
}

// Helm 4 takes both archives from files, if the key has signed them.
func packagesOfHelm4(t *testing.T, h *helm, key signingKey, first, next release) {
	for _, r := range []release{first, next} {
		for _, plugin := range []string{"runtime-auth", "runtime-auth-post-renderer"} {
			archive := r.archive(plugin, "")
			expect(t, h.helm("plugin", "verify", archive, "--keyring", key.public).ok(t), []string{"Signed by: " + key.name}, nil)
			h.helm("plugin", "install", archive, "--keyring", key.public).ok(t)
		}
		isVersion(t, h, r)
		if list := h.helm("plugin", "list").ok(t); strings.Count(list, "\tsigned ") != 2 {
			t.Errorf("not taken for signed:\n%s", list)
		}
		useEverything(t, h)
		comesWith(t, filepath.Join(h.home, "data", "plugins", "runtime-auth"))
		h.helm("plugin", "uninstall", "runtime-auth", "runtime-auth-post-renderer").ok(t)
	}
	isGone(t, h)
}

// Helm 4 takes them from a server too. The wrapper needs no second plugin.
func packagesOverHTTP(t *testing.T, h *helm, key signingKey, r release) {
	server := archives(t, r.folder)
	h.helm("plugin", "install", server+"/"+filepath.Base(r.archive("runtime-auth", "")), "--keyring", key.public).ok(t)
	m := modes()[0]
	checkWiring(t, h.template(t, "g3", []string{"runtime-auth", "template"}, "-f", m.file(t, "integrations")).ok(t), "g3", m)
	h.helm("plugin", "install", server+"/"+filepath.Base(r.archive("runtime-auth-post-renderer", "")), "--keyring", key.public).ok(t)
	useEverything(t, h)
}

// What was changed, signed by somebody else or not signed is not installed by Helm 4.
func refusesForgeries(t *testing.T, c client, key signingKey, r release) {
	stranger := newSigningKey(t, "Stranger")
	for _, forgery := range []struct {
		name, keyring string
		forge         func(t testing.TB, archive string)
	}{
		{"changed", key.public, func(t testing.TB, archive string) { tamper(t, archive) }},
		{"changed provenance", key.public, func(t testing.TB, archive string) {
			text := read(t, archive+".prov")
			write(t, archive+".prov", strings.Replace(text, "version: ", "version: 1", 1))
		}},
		{"another key", stranger.public, func(testing.TB, string) {}},
		{"not signed", key.public, func(t testing.TB, archive string) {
			if err := os.Remove(archive + ".prov"); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(forgery.name, func(t *testing.T) {
			h, dir := bareHelm(t, c), t.TempDir()
			archive := filepath.Join(dir, filepath.Base(r.archive("runtime-auth-post-renderer", "")))
			for _, suffix := range []string{"", ".prov"} {
				if err := copyFile(r.archive("runtime-auth-post-renderer", "")+suffix, archive+suffix); err != nil {
					t.Fatal(err)
				}
			}
			forgery.forge(t, archive)
			for _, verb := range []string{"verify", "install"} {
				if out := h.helm("plugin", verb, archive, "--keyring", forgery.keyring).run(t); out.code == 0 {
					t.Errorf("plugin %s takes it:\n%s", verb, out.stdout)
				}
			}
			isGone(t, h)
		})
	}
}

// From git the plugin is built where it is installed, and again when it is brought
// up to date.
func TestInstallFromGit(t *testing.T) {
	for _, c := range clients(t) {
		t.Run("helm"+c.major, func(t *testing.T) {
			t.Parallel()
			h := bareHelm(t, c)
			h.env = machine(t, h)
			repository := copyTree(t, filepath.Join(t.TempDir(), "runtime-auth"))
			install := []string{"plugin", "install", "file://" + repository}
			if h.major == "4" {
				install = append(install, "--verify=false") // git has nothing to verify
			}
			h.helm(install...).ok(t)
			isBuiltFrom(t, h, repository)
			m := modes()[0]
			checkWiring(t, h.template(t, "g3", []string{"runtime-auth", "template"}, "-f", m.file(t, "integrations")).ok(t), "g3", m)

			file := filepath.Join(repository, "plugin.yaml")
			write(t, file, replaceOne(t, read(t, file), `version: \S+`, "version: 9.8.7"))
			commit(t, repository)
			h.helm("plugin", "update", "runtime-auth").ok(t)
			isBuiltFrom(t, h, repository)
			expect(t, h.helm("plugin", "list").ok(t), []string{"9.8.7"}, nil)
			h.helm("plugin", "uninstall", "runtime-auth").ok(t)
			isGone(t, h)
		})
	}
}

// isBuiltFrom checks that the installed program is that of the newest commit.
func isBuiltFrom(t testing.TB, h *helm, repository string) {
	t.Helper()
	expect(t, h.helm("runtime-auth", "version").ok(t), []string{git(t, repository, "rev-parse", "HEAD")[:12]}, nil)
}

// Without Go an installation from git cannot be built; the user is told what can.
func TestInstallFromGitWithoutGo(t *testing.T) {
	bin := t.TempDir()
	link(t, tool(t, "dirname"), filepath.Join(bin, "dirname"))
	r := command{path: tool(t, "sh"), args: []string{"../scripts/from-git.sh"}, env: []string{"PATH=" + bin}}.run(t)
	if r.code != 1 {
		t.Errorf("exit code %d", r.code)
	}
	expect(t, r.stderr, []string{"error: ", "no go on PATH", "hint: install the archive of a release"}, nil)
}
