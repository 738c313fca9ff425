//go:build install

package examples

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// release is what make dist makes of one version, for the platform of the tests.
type release struct {
	folder, version string
}

// archive returns the path of the plugin's archive for a client, or of the
// post-renderer's.
func (r release) archive(plugin, suffix string) string {
	return filepath.Join(r.folder, plugin+"-"+r.version+"-"+runtime.GOOS+"-"+runtime.GOARCH+suffix+".tgz")
}

// makeDist runs make dist in a tree, which is that of the version.
func makeDist(t testing.TB, tree, version string, env []string) release {
	t.Helper()
	command{path: tool(t, "make"), args: []string{"dist"}, dir: tree, env: env}.ok(t)
	return release{filepath.Join(tree, "dist"), version}
}

// distEnv is the environment of whoever makes a release: as on a user's machine, but
// with the programs that are in the cache already.
func distEnv(t testing.TB, key signingKey) []string {
	t.Helper()
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		cache = filepath.Join(os.Getenv("HOME"), ".cache")
	}
	return machine(t, bareHelm(t, clients(t)[0]), "XDG_CACHE_HOME="+cache, "DIST_PLATFORMS="+runtime.GOOS+"/"+runtime.GOARCH,
		"SIGN_KEY="+key.name, "SIGN_KEYRING="+key.secret, "SIGN_PASSPHRASE_FILE="+key.passphrase)
}

// A release and the next one: the same commit gives the same bytes wherever it is
// built, and both clients install, use, replace and remove what comes out.
func TestInstallRelease(t *testing.T) {
	t.Parallel()
	key := newSigningKey(t, "Release Test")
	env := distEnv(t, key)
	tree, other := copyTree(t, filepath.Join(t.TempDir(), "tree")), filepath.Join(t.TempDir(), "another tree, elsewhere")
	git(t, filepath.Dir(other), "clone", "-q", tree, other)
	first := makeDist(t, tree, pluginVersion(t, ".."), env)
	again := makeDist(t, other, first.version, env)
	sums := read(t, filepath.Join(first.folder, "checksums.txt"))
	if twice := read(t, filepath.Join(again.folder, "checksums.txt")); twice != sums {
		t.Errorf("built twice:\n%s\n%s", sums, twice)
	}
	for _, file := range []string{"plugin.yaml", filepath.Join("render", "postrenderer", "plugin.yaml")} {
		text := read(t, filepath.Join(other, file))
		write(t, filepath.Join(other, file), replaceOne(t, text, `version: \S+`, "version: 9.8.7"))
	}
	commit(t, other)
	next := makeDist(t, other, "9.8.7", env)

	t.Run("binaries", func(t *testing.T) { checkBinaries(t, next) })
	t.Run("sbom", func(t *testing.T) { checkSBOM(t, next) })
	t.Run("checksums", func(t *testing.T) { checkChecksums(t, first, key) })
	all := clients(t)
	t.Run("helm3", func(t *testing.T) { packagesOfHelm3(t, bareHelm(t, all[0]), first, next) })
	t.Run("helm4", func(t *testing.T) { packagesOfHelm4(t, bareHelm(t, all[1]), key, first, next) })
	t.Run("helm4 over http", func(t *testing.T) { packagesOverHTTP(t, bareHelm(t, all[1]), key, first) })
	t.Run("the page", func(t *testing.T) { installPage(t, key, first) })
	t.Run("helm4 refuses", func(t *testing.T) { refusesForgeries(t, all[1], key, first) })
}

// checkBinaries holds that the programs know their version and carry nothing of the
// machine that built them, and that they are static.
func checkBinaries(t *testing.T, r release) {
	platform := runtime.GOOS + "-" + runtime.GOARCH
	program := command{path: filepath.Join(r.folder, "runtime-auth-"+platform), args: []string{"version"}}
	if out := program.ok(t); out != "runtime-auth v"+r.version+"\n" {
		t.Errorf("the program calls itself %q", out)
	}
	for _, name := range []string{"runtime-auth", "runtime-auth-cluster"} {
		path := filepath.Join(r.folder, name+"-"+platform)
		text := read(t, path)
		for _, place := range []string{goEnv(t, "GOMODCACHE"), filepath.Dir(r.folder)} {
			if strings.Contains(text, place) {
				t.Errorf("%s names %s", name, place)
			}
		}
		info := command{path: tool(t, "go"), args: []string{"version", "-m", path}, env: os.Environ()}.ok(t)
		expect(t, info, []string{"CGO_ENABLED=0", "-trimpath=true", "vcs.revision="}, []string{"vcs.modified=true"})
	}
}

// checkSBOM holds that the list of modules is one of this version, and names what the
// programs are made of.
func checkSBOM(t *testing.T, r release) {
	type component struct{ Name, Version string }
	var bom struct {
		BomFormat    string
		SerialNumber string
		Metadata     struct {
			Timestamp string
			Component component
		}
		Components []component
	}
	if err := json.Unmarshal([]byte(read(t, filepath.Join(r.folder, "runtime-auth-"+r.version+".cdx.json"))), &bom); err != nil {
		t.Fatal(err)
	}
	if bom.BomFormat != "CycloneDX" || bom.SerialNumber != "" || bom.Metadata.Timestamp != "" || bom.Metadata.Component.Version != "v"+r.version {
		t.Errorf("the head is %+v %s %s", bom.Metadata, bom.BomFormat, bom.SerialNumber)
	}
	for _, name := range []string{"std", "github.com/spf13/cobra", "k8s.io/client-go", "go.yaml.in/yaml/v3"} {
		if !slices.ContainsFunc(bom.Components, func(c component) bool { return c.Name == name && c.Version != "" }) {
			t.Errorf("%s is missing", name)
		}
	}
}

// checkChecksums verifies the archives as those do whose Helm does not.
func checkChecksums(t *testing.T, r release, key signingKey) {
	dir := t.TempDir()
	flat := filepath.Join(dir, filepath.Base(r.archive("runtime-auth", "-helm3")))
	for _, file := range []string{r.archive("runtime-auth", "-helm3"), filepath.Join(r.folder, "checksums.txt"), filepath.Join(r.folder, "checksums.txt.asc")} {
		if err := copyFile(file, filepath.Join(dir, filepath.Base(file))); err != nil {
			t.Fatal(err)
		}
	}
	check := command{path: tool(t, "sha256sum"), args: []string{"-c", "--ignore-missing", "checksums.txt"}, dir: dir}
	expect(t, check.ok(t), []string{filepath.Base(flat) + ": OK"}, nil)
	verify := key.gpg("--verify", filepath.Join(dir, "checksums.txt.asc"), filepath.Join(dir, "checksums.txt"))
	verify.ok(t)
	tamper(t, flat)
	if r := check.run(t); r.code == 0 {
		t.Errorf("an archive that was changed passes:\n%s", r.stdout)
	}
	tamper(t, filepath.Join(dir, "checksums.txt"))
	if verify.run(t).code == 0 {
		t.Error("checksums that were changed pass")
	}
}

// tamper changes one byte in the middle of a file.
func tamper(t testing.TB, path string) {
	t.Helper()
	data := []byte(read(t, path))
	data[len(data)/2] ^= 1
	write(t, path, string(data))
}
