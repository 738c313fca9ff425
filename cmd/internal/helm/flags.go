package helm

import (
	"strings"

	"github.com/spf13/pflag"
)

// Command is a command of helm, or of the plugin helm-diff, that renders a chart.
type Command string

// The commands that take a post-renderer.
const (
	Install     Command = "install"
	Upgrade     Command = "upgrade"
	Template    Command = "template"
	DiffUpgrade Command = "diff upgrade"
)

// flags are the flags of a command by what may follow them. A letter behind a slash is
// the short form.
type flags struct {
	valued   string // a value, behind "=" or as the next argument
	optional string // any value, but only behind "="
	boolean  string // true or false, but only behind "="
}

// helmFlags are those of install, upgrade and template in Helm 3.22 and Helm 4.3, the
// hidden ones included (cmd/helm and pkg/cmd). They are one list because a flag that a
// command does not have makes helm refuse the whole line.
func helmFlags() flags {
	return flags{
		valued: `api-versions/a burst-limit ca-file cert-file color colour content-cache description history-max
			key-file keyring kube-apiserver kube-as-group kube-as-user kube-ca-file kube-context kube-tls-server-name
			kube-token kube-version kubeconfig labels/l name-template namespace/n output/o output-dir password
			post-renderer post-renderer-args qps registry-config repo repository-cache repository-config set set-file
			set-json set-literal set-string show-only/s timeout username values/f version`,
		optional: `dry-run wait`,
		boolean: `atomic cleanup-on-fail create-namespace debug dependency-update devel disable-openapi-validation
			enable-dns force force-conflicts force-replace generate-name/g help/h hide-notes hide-secret include-crds
			insecure-skip-tls-verify install/i is-upgrade kube-insecure-skip-tls-verify no-hooks pass-credentials
			plain-http recreate-pods release-name render-subchart-notes replace reset-then-reuse-values reset-values
			reuse-values rollback-on-failure skip-crds skip-schema-validation skip-tests take-ownership validate verify
			wait-for-jobs`,
	}
}

// diffFlags are those of helm-diff's `diff upgrade`, from 3.9 to 3.15 (cmd/upgrade.go,
// cmd/options.go, and its README), and those of helm that helm takes out of a plugin's
// arguments.
func diffFlags() flags {
	return flags{
		valued: `api-versions/a context/C diff-tool find-renames/D kube-apiserver kube-as-group kube-as-user kube-ca-file
			kube-context kube-tls-server-name kube-token kube-version kubeconfig namespace/n output post-renderer
			post-renderer-args registry-config repo repository-cache repository-config revision server-side set set-file
			set-json set-literal set-string storage-namespace suppress suppress-output-line-regex three-way-merge-mode
			values/f version`,
		optional: `dry-run`,
		boolean: `allow-unreleased color debug detailed-exitcode devel disable-openapi-validation disable-validation
			enable-dns help/h include-crds include-tests insecure-skip-tls-verify install kube-insecure-skip-tls-verify
			no-color no-hooks normalize-manifests reset-then-reuse-values reset-values reuse-values show-secrets
			show-secrets-decoded skip-schema-validation strip-trailing-cr suppress-secrets/q take-ownership
			three-way-merge`,
	}
}

// bare is the value of a flag whose optional value was left out: no argument of a
// program can hold it.
const bare = "\x00"

// flagSet defines the command's flags. Only their names count, and what may follow them.
func (c Command) flagSet() *pflag.FlagSet {
	list := helmFlags()
	switch c {
	case DiffUpgrade:
		list = diffFlags()
	case Upgrade:
		list.valued += " server-side" // true, false or auto
	default:
		list.boolean += " server-side"
	}
	fs := pflag.NewFlagSet(string(c), pflag.ContinueOnError)
	for _, word := range strings.Fields(list.valued) {
		name, letter, _ := strings.Cut(word, "/")
		fs.StringP(name, letter, "", "")
	}
	for _, name := range strings.Fields(list.optional) {
		addOptional(fs, name)
	}
	for _, word := range strings.Fields(list.boolean) {
		name, letter, _ := strings.Cut(word, "/")
		fs.BoolP(name, letter, false, "")
	}
	return fs
}

func addOptional(fs *pflag.FlagSet, name string) {
	fs.String(name, "", "")
	fs.Lookup(name).NoOptDefVal = bare
}
