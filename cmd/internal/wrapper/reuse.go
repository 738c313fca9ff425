package wrapper

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/helm"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/valuesflag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// reuse lays what helm takes from the last release beneath the given values.
func (w *wrapper) reuse(ctx context.Context) error {
	if w.line.Command == helm.DiffUpgrade {
		return w.reuseDiff(ctx)
	}
	how := w.line.Reuse()
	if how == helm.ReuseNothing {
		return nil
	}
	user, err := w.merged(w.shown)
	if err != nil || how == helm.ReuseIfEmpty && len(user) > 0 {
		return err
	}
	revision, given, err := w.last(ctx, how)
	if err != nil {
		return w.notKnown(err, how)
	}
	if revision == 0 {
		return nil
	}
	return w.beneath(user, given, revision)
}

// last returns the revision whose values helm takes, and the values that were given for
// it; 0 where there is none. With --reuse-values helm takes the defaults of its chart, too.
func (w *wrapper) last(ctx context.Context, how helm.Reuse) (revision int, given []byte, _ error) {
	history, err := w.client.History(ctx, w.line)
	if err != nil {
		return 0, nil, err
	}
	if w.line.Is("install") {
		if gone, err := helm.Uninstalled(history); gone || err != nil {
			return 0, nil, err
		}
	}
	revision, ok := helm.Current(history)
	if !ok {
		return 0, nil, nil // helm will refuse, and say why
	}
	given, err = w.client.Values(ctx, w.line, revision, false)
	if err != nil || how != helm.ReuseAll {
		return revision, given, err
	}
	all, err := w.client.Values(ctx, w.line, revision, true)
	if err == nil {
		w.chart, err = helm.WithValues(w.chart, all, w.private)
	}
	return revision, given, err
}

// beneath lays the values of a revision beneath the given ones, as helm does it. Helm's
// way is not that of several -f: if the result would differ, because a null takes a value
// away or a flag reaches into one, the result is given as a whole.
func (w *wrapper) beneath(user map[string]any, given []byte, revision int) error {
	name := fmt.Sprintf("release %s, revision %d", strconv.Quote(w.line.Positional[0]), revision)
	if err := w.first(name, given); err != nil {
		return err
	}
	old, err := w.merged(values.Options{Files: []string{name}})
	if err != nil {
		return err
	}
	layered, err := w.merged(w.shown)
	if err != nil {
		return err
	}
	whole := helm.Coalesce(user, old)
	if reflect.DeepEqual(layered, whole) {
		return nil
	}
	text, err := json.MarshalIndent(whole, "", "  ")
	if err != nil {
		return exit.Failedf("cannot merge the given values with those of the last release: %w", err)
	}
	w.shown, w.given = values.Options{}, values.Options{}
	return w.first(name+" and the given values", text)
}

// reuseDiff does what helm-diff does: the values of the newest revision, whatever its
// status, are a first values file.
func (w *wrapper) reuseDiff(ctx context.Context) error {
	if how := w.line.Reuse(); how != helm.ReuseNothing {
		if w.line.Last("storage-namespace") != "" || w.env.Getenv("HELM_DIFF_STORAGE_NAMESPACE") != "" {
			return exit.Usagef("with a storage namespace it depends on helm-diff's version which values it reuses; give all values with -f and pass --reset-values")
		}
		history, err := w.client.History(ctx, w.line)
		var text []byte
		if err == nil && len(history) > 0 {
			text, err = w.client.Values(ctx, w.line, 0, how == helm.ReuseAll)
		}
		if err != nil {
			return w.notKnown(err, how)
		}
		if len(history) > 0 {
			if err := w.first("release "+strconv.Quote(w.line.Positional[0]), text); err != nil {
				return err
			}
		}
	}
	if w.env.Getenv("HELM_DIFF_USE_UPGRADE_DRY_RUN") != "true" {
		return nil
	}
	all, err := w.merged(w.shown)
	if err == nil && len(all) == 0 {
		return exit.Usagef("with HELM_DIFF_USE_UPGRADE_DRY_RUN and no values helm-diff shows those of the last release; give values with -f")
	}
	return err
}

// first makes text a first values file, which findings call name.
func (w *wrapper) first(name string, text []byte) error {
	path, err := w.once.Keep(name, text)
	if err != nil {
		return exit.Failedf("cannot keep the values of the last release in a private file: %w", err)
	}
	w.shown.Files = append([]string{name}, w.shown.Files...)
	w.given.Files = append([]string{path}, w.given.Files...)
	return nil
}

// merged returns what values come to. Values that do not parse are shown.
func (w *wrapper) merged(o values.Options) (map[string]any, error) {
	v, broken, err := valuesflag.Load(o, w.read)
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, w.show(broken)
	}
	all, _ := v.Root.Data().(map[string]any)
	return all, nil
}

// notKnown refuses to run helm with values that are not known.
func (w *wrapper) notKnown(err error, how helm.Reuse) error {
	hint := "give all values with -f and without --reuse-values or --reset-then-reuse-values"
	if how == helm.ReuseIfEmpty || !w.line.Is("reuse-values") && !w.line.Is("reset-then-reuse-values") {
		hint = "without values helm goes on with those of the last release: give them with -f, or pass --reset-values"
	}
	return exit.Hinted(exit.Failed, hint, "cannot read the values of release %q: %w", w.line.Positional[0], err)
}
