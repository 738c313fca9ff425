package helm_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/helm"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// ownFlags are such as the wrapper has: a boolean and one with a value.
func ownFlags() *pflag.FlagSet {
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	own.Bool("no-lint", false, "")
	own.StringArray("allow-missing", nil, "")
	return own
}

func parse(t *testing.T, c helm.Command, args ...string) *helm.Line {
	t.Helper()
	l, err := helm.Parse(c, args, ownFlags(), false)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// What helm gets means the same, in one form: each flag by its long name.
func TestParse(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"rel chart -f a.yaml --values b.yaml", "--values=a.yaml --values=b.yaml rel chart"},
		{"-fa.yaml -f=b.yaml --values=c.yaml,d.yaml", "--values=a.yaml --values=b.yaml --values=c.yaml --values=d.yaml"},
		{`-f "a,b.yaml",c.yaml`, `--values="a,b.yaml" --values=c.yaml`},
		{"-if a.yaml rel chart", "--install=true --values=a.yaml rel chart"},
		{"-i=false rel", "--install=false rel"},
		{"-o yaml -l a=f -n f", "--output=yaml --labels=a=f --namespace=f"},
		{"-ofile -f a.yaml", "--output=file --values=a.yaml"},
		{"-a v1 -s x rel chart", "--api-versions=v1 --show-only=x rel chart"},
		{"--set -f", "--set=-f"},
		{"--set -- rel", "--set=-- rel"},
		{"--description -h rel", "--description=-h rel"},
		{"rel --dry-run chart", "--dry-run rel chart"},
		{"--dry-run=server --wait --wait=watcher", "--dry-run=server --wait --wait=watcher"},
		{"--server-side true rel", "--server-side=true rel"},
		{"rel -- -f a.yaml --no-lint", "-- rel -f a.yaml --no-lint"},
		{"rel -- chart", "rel chart"},
		{"rel - --debug", "--debug -- rel -"},
		{"rel --no-lint chart --allow-missing=x --wait --allow-missing y", "--wait rel chart"},
		{"--from-the-future rel --also=x chart", "--from-the-future --also=x rel chart"},
		{"--values= rel", "rel"},
	} {
		t.Run(test.args, func(t *testing.T) {
			got := parse(t, helm.Upgrade, strings.Fields(test.args)...).Args("--more")
			again := parse(t, helm.Upgrade, got[2:]...).Args("--more")
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("read again (-once +twice)\n%s", diff)
			}
			if diff := cmp.Diff("upgrade --more "+test.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A flag can be a switch for one command and take a value for another.
func TestParseByCommand(t *testing.T) {
	for _, test := range []struct {
		command helm.Command
		args    string
		want    string
	}{
		{helm.Install, "--server-side rel chart", "install --server-side=true rel chart"},
		{helm.Upgrade, "--server-side auto rel chart", "upgrade --server-side=auto rel chart"},
		{helm.Template, "--color never rel chart", "template --color=never rel chart"},
		{helm.DiffUpgrade, "--color rel chart -C 3 -q", "diff upgrade --color=true --context=3 --suppress-secrets=true rel chart"},
		{helm.DiffUpgrade, "-f a.yaml,b.yaml rel chart", "diff upgrade --values=a.yaml --values=b.yaml rel chart"},
	} {
		got := strings.Join(parse(t, test.command, strings.Fields(test.args)...).Args(), " ")
		if got != test.want {
			t.Errorf("%s: %s\nwant %s", test.args, got, test.want)
		}
	}
}

func TestParseOwn(t *testing.T) {
	own := ownFlags()
	if _, err := helm.Parse(helm.Upgrade, strings.Fields("--unknown --allow-missing x rel --no-lint=T --allow-missing=y chart"), own, false); err != nil {
		t.Fatal(err)
	}
	noLint, _ := own.GetBool("no-lint")
	missing, _ := own.GetStringArray("allow-missing")
	if !noLint || strings.Join(missing, " ") != "x y" {
		t.Errorf("no-lint %v, allow-missing %q", noLint, missing)
	}
}

// helm-diff can be told to ignore what it does not know, and takes what follows it for
// its value.
func TestParseIgnoresUnknown(t *testing.T) {
	l, err := helm.Parse(helm.DiffUpgrade, strings.Fields("--wait rel --atomic=true chart -z x -f a.yaml"), ownFlags(), true)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(l.Args(), " "); got != "diff upgrade --values=a.yaml chart" {
		t.Error(got)
	}
}

func TestParseErrors(t *testing.T) {
	for args, want := range map[string]string{
		"rel chart -f":        "-f needs a value",
		"rel chart --set":     "--set needs a value",
		"rel --allow-missing": "--allow-missing needs a value",
		"--no-lint=yes":       `--no-lint takes true or false, not "yes"`,
		"--reuse-values=2":    `--reuse-values takes true or false, not "2"`,
		`-f a"b`:              `--values: "a\"b" is not a list in the form of CSV`,
		"-zSECRET rel":        "unknown flag -z",
		"--=SECRET rel":       "a flag has the form",
		"---set SECRET":       "a flag has the form",
	} {
		_, err := helm.Parse(helm.Upgrade, strings.Fields(args), ownFlags(), false)
		var usage *exit.Error
		if !errors.As(err, &usage) || usage.Code != exit.Usage || !strings.Contains(err.Error(), want) || strings.Contains(usage.Text(), "SECRET") {
			t.Errorf("%s: %v, want %q with exit code 2", args, err, want)
		}
	}
	if _, err := helm.Parse(helm.DiffUpgrade, []string{"-f", `"a,b.yaml"`}, ownFlags(), false); err == nil {
		t.Error("helm-diff does not know quotes")
	}
}

func TestHelp(t *testing.T) {
	for args, want := range map[string]bool{"-h": true, "rel --help": true, "-ih": true, "--set -h": false, "-- -h": false, "--help=false": false} {
		if got := parse(t, helm.Upgrade, strings.Fields(args)...).Is("help"); got != want {
			t.Errorf("%s: %v", args, got)
		}
	}
}

// TestPostRendererArgs passes values on and back: they must be the same.
func TestPostRendererArgs(t *testing.T) {
	want := values.Options{
		Files: []string{"a b.yaml", "-x.yaml", `a,"b".yaml`, " c.yaml ", ""}, Set: []string{"a=1,b=2", "-c=d"}, String: []string{"x=y"},
		File: []string{"f=g"}, JSON: []string{`{"a":1}`}, Literal: []string{"h=i,j"},
	}
	if diff := cmp.Diff(want, parse(t, helm.Upgrade, helm.PostRendererArgs(want)...).Values()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
