//go:build cluster

package cluster

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	yamlv3 "gopkg.in/yaml.v3"
	"k8s.io/apimachinery/pkg/util/validation"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/argocdflag"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/chart"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/keyreport"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/program"
	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/preflight/owner"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
	"github.com/helm-runtime-auth/runtime-auth/preflight/verdict"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

const (
	defaultSecretName = "runtime-argo-cd-token"
	defaultSecretKey  = "token"
)

// tokenCreate is one run of the command.
type tokenCreate struct {
	access
	opts    apikey.Options
	version string
	output  string
	show    bool

	chart *auth.ChartVersion
}

func tokenCreateCommand(env Env) *cobra.Command {
	c := &tokenCreate{access: access{Env: env}}
	cmd := command("create [--account NAME] --argo-cd-url URL", "Make an API key and the Secret that holds it",
		"Make an API key of an account of Argo CD, write it into a Secret in the namespace, and print the values that\n"+
			"refer to it. With -o or --dry-run the Secret is printed instead, and the values go to standard error.\n"+
			"Everything is checked before the key is made; if the Secret cannot be written, the key is revoked again.",
		c.validate, c.run)
	fs := cmd.Flags()
	c.register(fs)
	fs.StringVar(&c.opts.Account, "account", "", "`name` of the account that the API key is for (default: the one that signs in)")
	fs.StringVar(&c.opts.ID, "id", "", "`id` by which Argo CD lists the API key (default runtime-auth-DATE-XXXXXX)")
	fs.Var((*argocdflag.Days)(&c.opts.ExpiresIn), "expires-in", "let the API key end after this `duration`, such as 90d or 2160h (default 0: never)")
	fs.StringVar(&c.opts.Target.Name, "secret-name", defaultSecretName, "`name` of the Secret")
	fs.StringVar(&c.opts.Target.Key, "secret-key", defaultSecretKey, "`key` in the Secret")
	fs.StringVar(&c.version, "chart-version", "", "`version` of the gitops-runtime chart that the printed values are for")
	chart.CompleteVersion(fs)
	fs.BoolVar(&c.opts.Force, "force", false, "set the key also in a Secret that exists; everything else in it stays")
	fs.BoolVar(&c.opts.DryRun, "dry-run", false, "check everything, make nothing, print the Secret without the API key")
	fs.StringVarP(&c.output, "output", "o", "", "print the Secret in this `format` instead of writing it into the cluster: yaml or json")
	complete.Words(fs, "output", "yaml", "json")
	fs.BoolVar(&c.show, "show", false, "show the API key on the terminal, too")
	return cmd
}

// validate looks at the flags.
func (c *tokenCreate) validate() error {
	name, key := c.opts.Target.Name, c.opts.Target.Key
	_, seen := program.Terminal(c.Stdout)
	switch {
	case c.opts.ID != "" && !regexp.MustCompile(`^[-._a-zA-Z0-9]{1,253}$`).MatchString(c.opts.ID):
		return exit.Usagef("--id %q: it may hold letters, digits, -, . and _", c.opts.ID)
	case c.opts.ExpiresIn != 0 && c.opts.ExpiresIn < time.Second:
		return exit.Usagef("--expires-in %s: it must be a second at least", c.opts.ExpiresIn)
	case len(validation.IsDNS1123Subdomain(name)) > 0:
		return exit.Usagef("--secret-name %q: it must be a DNS name in lower case, of no more than 253 characters", name)
	case len(validation.IsConfigMapKey(key)) > 0:
		return exit.Usagef("--secret-key %q: it may hold letters, digits, -, . and _, no more than 253", key)
	case c.output != "" && c.output != "yaml" && c.output != "json":
		return exit.Usagef("unknown output %q, it must be yaml or json", c.output)
	case c.output != "" && c.opts.Force:
		return exit.Usagef("--force is about the Secret in the cluster, to which -o does not write")
	case c.output != "" && !c.opts.DryRun && !c.show && seen:
		return exit.Hinted(exit.Usage, "redirect it to a file, pipe it, or pass --show", "standard output is a terminal, where the API key would be visible")
	}
	if c.version != "" {
		v, err := auth.ParseChartVersion(c.version)
		if err != nil {
			return exit.Usagef("--chart-version: %w", err)
		}
		c.chart = &v
	}
	return c.access.validate()
}

func (c *tokenCreate) run(ctx context.Context) error {
	var secrets corev1client.SecretInterface // nil where the cluster is not needed
	if c.output != "" {
		c.opts.Target.Namespace, c.opts.Deliver = c.Getenv("HELM_NAMESPACE"), c.print
	} else {
		var err error
		if secrets, err = c.secrets(&c.opts.Target); err != nil {
			return err
		}
	}
	if c.opts.ID == "" {
		c.opts.ID = newID(time.Now())
	}
	keys, err := c.keys(ctx)
	if err != nil {
		return err
	}
	if c.opts.Account, err = keys.Signer(ctx, c.opts.Account); err != nil {
		return c.failed(ctx, err)
	}
	if secrets != nil {
		keys.Configs = c.core.ConfigMaps(c.opts.Target.Namespace)
	}
	// A reader that has gone away must not end the program while the key, which
	// nobody has got then, is still there.
	signal.Ignore(syscall.SIGPIPE)
	r, err := keys.Create(ctx, secrets, c.opts)
	if err != nil {
		return c.failed(ctx, err)
	}
	if c.core != nil {
		found, unseen := owner.Look(ctx, c.core, c.opts.Target.Namespace)
		for _, f := range found {
			if f.Status == verdict.Warning {
				c.warn(f.Seen, f.Advice)
			}
		}
		if c.opts.DryRun && len(unseen) > 0 { // making a key needs no right to look
			c.tell("not checked whether something else manages what Argo CD keeps: %s", strings.Join(unseen, ", "))
		}
	}
	c.announce(r)
	values := c.Stdout
	if c.opts.DryRun || c.output != "" {
		values = c.Stderr
	}
	if c.opts.DryRun {
		if err := c.print(r); err != nil {
			return c.failed(ctx, err)
		}
	}
	if _, err := io.WriteString(values, valuesBlock(r.Target, c.chart)); err != nil {
		return exit.Failedf("cannot write the values: %w", err)
	}
	return nil
}

// newID makes an id that says where the key comes from, and that no other key has.
func newID(now time.Time) string {
	return fmt.Sprintf("runtime-auth-%s-%s", now.UTC().Format("20060102"), strings.ToLower(rand.Text()[:6]))
}

// print writes the Secret to standard output.
func (c *tokenCreate) print(r apikey.Result) error {
	text, err := yaml.Marshal(r.Manifest())
	if c.output == "json" {
		text, err = json.MarshalIndent(r.Manifest(), "", "  ")
		text = append(text, '\n')
	}
	if err == nil {
		_, err = c.Stdout.Write(text)
	}
	if err != nil {
		return fmt.Errorf("cannot write the Secret: %w", err)
	}
	return nil
}

// announce says on standard error what was done, or would be.
func (c *tokenCreate) announce(r apikey.Result) {
	was, did := "was", "created"
	if r.DryRun {
		was = "would be"
	}
	if r.Updated {
		did = "updated"
	}
	ends := "does not expire"
	switch {
	case !r.Expires.IsZero():
		ends = "expires on " + keyreport.Instant(r.Expires)
	case r.ExpiresIn > 0:
		ends = "expires in " + r.ExpiresIn.String()
	}
	c.tell("API key %q of account %q %s made; it %s", r.ID, r.Account, was, ends)
	switch {
	case c.output == "":
		c.tell("Secret %q in namespace %q %s %s with it, key %q", r.Target.Name, r.Target.Namespace, was, did, r.Target.Key)
	case !r.DryRun:
		c.tell("the Secret is on standard output, for: %s (apply would keep a second copy of the API key in an annotation)", shell.Kubectl(c.place().Namespace, "create", "-f", "-"))
	}
	if old := r.Replaced; old != nil {
		c.warn(fmt.Sprintf("API key %q of account %q, which it held before, still works", old.ID, old.Account),
			"restart the services of the Runtime, then revoke it: "+c.place().Command("token revoke", "--account", old.Account, "--id", old.ID))
	}
	if c.show && c.output == "" && !r.DryRun {
		c.tell("the API key is %s", r.Token.Reveal())
	}
	c.tell("the values that refer to it:")
}

// valuesBlock returns the values that let the Runtime sign in with the API key in a
// Secret, at the place where that version of the chart reads them; nil stands for
// the newest, and then a comment names the other place.
func valuesBlock(t apikey.Target, version *auth.ChartVersion) string {
	all := auth.Generations()
	newest, older := all[len(all)-1], all[len(all)-2]
	var b strings.Builder
	path := newest.BlockPath
	if version == nil {
		fmt.Fprintf(&b, "# for charts from %d.%d on; older ones read the block %s\n", newest.From.Major, newest.From.Minor, strings.Join(older.BlockPath, "."))
	} else {
		path = version.BlockPath()
	}
	indent := ""
	for _, key := range path {
		b.WriteString(indent + key + ":\n")
		indent += "  "
	}
	scalar := func(s string) string {
		text, _ := yamlv3.Marshal(s) // a text always is one
		return strings.TrimSpace(string(text))
	}
	fmt.Fprintf(&b, "%[1]stype: %[2]s\n%[1]stokenSecretKeyRef:\n%[1]s  name: %[3]s\n%[1]s  key: %[4]s\n",
		indent, auth.ModeToken, scalar(t.Name), scalar(t.Key))
	return b.String()
}
