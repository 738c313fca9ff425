//go:build cluster

package preflight

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// check is one entry of the table.
type check struct {
	ID string
	// Needs are asked in their order; the first that is missing is why the check is
	// skipped.
	Needs []need
	// Run returns what the check found, each a Result but for its ID, or an ended.
	Run func(*run, context.Context) ([]Result, error)
}

// need says why something is missing without which a check has nothing to look at; ""
// if it is there.
type need func(*run) string

func lacks(why string, isMissing func(*run) bool) need {
	return func(r *run) string {
		if isMissing(r) {
			return why
		}
		return ""
	}
}

// checks is the table, in the order of a Report.
func checks() []check {
	isBundled := func(r *run) bool { return r.bundled }
	declared := need(func(r *run) string { return r.unfit })
	beside := lacks("the chart brings an Argo CD of its own", isBundled)
	namespace := lacks("the namespace does not exist", func(r *run) bool { return r.absent })
	live := []need{
		lacks("not asked for", func(r *run) bool { return r.opts.NoLive }),
		lacks("no address of Argo CD is known: give it with --argo-cd-url", func(r *run) bool { return r.opts.ArgoCD.URL == "" && r.service == nil }),
	}
	session := append(slices.Clone(live),
		lacks("Argo CD cannot be reached", func(r *run) bool { return r.api == nil }),
		declared,
		lacks("there is no credential to try", func(r *run) bool { return !r.fit || r.accountName() == "" }),
		// Argo CD locks an account after a few wrong passwords (util/session).
		lacks("the password is known to be wrong, and was not tried", func(r *run) bool {
			return r.auth.Mode == auth.ModePassword && r.has(CheckKnown, Failed)
		}))
	return []check{
		{CheckValues, nil, (*run).values},
		{CheckNamespace, nil, (*run).namespace},
		{CheckReserved, nil, (*run).reserved},
		{CheckSecret, []need{declared}, (*run).secrets},
		{CheckKey, []need{declared}, (*run).keys},
		{CheckCredential, []need{
			declared,
			lacks("there is nothing to look at", func(r *run) bool { return r.credential.IsZero() }),
		}, (*run).content},
		{CheckArgoCD, []need{lacks("argo-cd.enabled is true: the chart brings an Argo CD of its own", isBundled)}, (*run).argoCD},
		{CheckArgoCDConfig, []need{beside, namespace}, (*run).argoCDConfig},
		{CheckOwner, []need{beside, namespace}, (*run).owners},
		{CheckAccount, []need{beside, namespace, func(r *run) string { return r.noConfig }}, (*run).ownAccount},
		{CheckKnown, []need{
			declared, beside, namespace,
			lacks("there is no credential to look up", func(r *run) bool { return !r.fit }),
			lacks("the username Secret is unreadable", func(r *run) bool {
				return r.auth.Mode == auth.ModePassword && r.username == ""
			}),
		}, (*run).known},
		{CheckAppProxyToken, []need{
			declared,
			lacks("type token takes nothing from it", func(r *run) bool { return r.auth.Mode != auth.ModePassword }),
			beside, namespace,
		}, (*run).appProxyToken},
		{CheckPodsCurrent, []need{declared, namespace}, (*run).podsCurrent},
		{CheckLiveServer, live, (*run).liveServer},
		{CheckArgoCDVersion, []need{beside, namespace}, (*run).argoCDVersion},
		{CheckLiveSession, session, (*run).liveSession},
		{CheckLiveAccount, append(session, lacks("not signed in", func(r *run) bool { return !r.has(CheckLiveSession, OK) })), (*run).liveAccount},
		{CheckRights, []need{
			declared, beside, namespace,
			lacks("the account is not known", func(r *run) bool { return r.accountName() == "" }),
			func(r *run) string { // no Argo CD here that the policy could be of
				if r.asked == nil {
					return r.noConfig
				}
				return ""
			},
		}, (*run).accountRights},
	}
}

// Checks returns the ids of all checks in the order of a Report.
func Checks() []string {
	var ids []string
	for _, c := range checks() {
		ids = append(ids, c.ID)
	}
	return ids
}

// check makes one check.
func (r *run) check(ctx context.Context, c check) error {
	found, err := r.made(ctx, c)
	if end := (ended{}); errors.As(err, &end) {
		found, err = []Result{end.Result}, nil
	}
	for _, result := range found {
		result.ID = c.ID
		if r.opts.RequireLive && result.Status == Skipped && (c.ID == CheckLiveServer || c.ID == CheckLiveSession) {
			result.Status = Failed
		}
		r.results = append(r.results, result)
	}
	return cmp.Or(err, ctx.Err())
}

// made is what came of a check.
func (r *run) made(ctx context.Context, c check) ([]Result, error) {
	for _, missing := range c.Needs {
		if why := missing(r); why != "" {
			return result(Skipped, why, "")
		}
	}
	return c.Run(r, ctx)
}

// ended is the error of a check that cannot go on, with its Result.
type ended struct{ Result }

// Error says what was found.
func (e ended) Error() string { return e.Seen }

// has reports whether a check has ended in some way already.
func (r *run) has(id string, s Status) bool {
	return slices.ContainsFunc(r.results, func(result Result) bool { return result.ID == id && result.Status == s })
}

// result is what a check returns that found one thing.
func result(s Status, seen, advice string) ([]Result, error) {
	return []Result{{Status: s, Seen: seen, Advice: advice}}, nil
}
