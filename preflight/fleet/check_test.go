//go:build cluster

package fleet_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
	"github.com/helm-runtime-auth/runtime-auth/preflight/endpoint"
	"github.com/helm-runtime-auth/runtime-auth/preflight/fleet"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

func options() preflight.Options {
	return preflight.Options{Lint: schema.Options{Now: now()}, NoLive: true}
}

// checkAll collects the reports by namespace and release.
func checkAll(t *testing.T, c corev1client.CoreV1Interface) map[string]preflight.Report {
	t.Helper()
	found := map[string]preflight.Report{}
	for r, err := range fleet.Check(t.Context(), c, options(), "") {
		if err != nil {
			t.Fatal(err)
		}
		at := r.Namespace + "/" + r.Release
		if _, twice := found[at]; twice {
			t.Errorf("%s is reported twice", at)
		}
		found[at] = r
	}
	return found
}

// runtimes puts n Runtimes in namespaces of their own, where everything is right.
func (s *server) runtimes(t *testing.T, n int, secret func(i int) string) {
	t.Helper()
	for i := range n {
		namespace := fmt.Sprintf("team-%04d", i)
		s.argoCD(namespace, secret(i))
		s.pod(namespace, secret(i), now())
		s.record(t, namespace, "gitops", 1, runtimeChart("0.29.0"), byRef(secret(i)))
	}
	s.requests, s.sizes = nil, nil
}

// TestThousand holds the number of requests to what a client with the default limits
// (5 a second, the first 10 at once) makes within seconds.
func TestThousand(t *testing.T) {
	const runtimes = 1000
	for _, test := range []struct {
		name   string
		secret func(i int) string
		most   int
	}{
		{"one name", func(int) string { return "ci-token" }, 40},
		{"names of their own", func(i int) string { return fmt.Sprintf("ci-token-%d", i) }, 125},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, c := newServer(t)
			s.runtimes(t, runtimes, test.secret)
			reports := checkAll(t, c)
			if len(reports) != runtimes {
				t.Errorf("%d Runtimes are reported, want %d", len(reports), runtimes)
			}
			for at, r := range reports {
				for _, result := range r.Results {
					if result.Status == preflight.Failed || result.Status == preflight.Warning {
						t.Fatalf("%s: %+v", at, result)
					}
				}
				if got := status(r, preflight.CheckPodsCurrent); got != preflight.OK {
					t.Fatalf("%s: pods-current is %s", at, got)
				}
			}
			t.Logf("%d requests for %d Runtimes", len(s.requests), runtimes)
			if len(s.requests) > test.most {
				t.Errorf("%d requests, want %d at most", len(s.requests), test.most)
			}
			if n := s.count("list secrets  "); n != s.count("list secrets  owner=helm,status=deployed") {
				t.Errorf("lists of all Secrets, of which the records of Helm are most: %q", s.requests)
			}
		})
	}
}

// TestCommonNames holds that names which every Runtime can have are listed, however
// many others come first.
func TestCommonNames(t *testing.T) {
	s, c := newServer(t)
	s.runtimes(t, 20, func(i int) string { return fmt.Sprintf("ci-token-%d", i) })
	for i := range 30 {
		s.record(t, fmt.Sprintf("users-%d", i), "gitops", 1, runtimeChart("0.29.0"), nil)
		s.argoCD(fmt.Sprintf("users-%d", i), "argocd-initial-admin-secret")
	}
	checkAll(t, c)
	if got := s.count("get secrets"); got != 8 {
		t.Errorf("%d Secrets were asked for by themselves, want the 8 after the first 12 names", got)
	}
}

// breakIn breaks something in every namespace but each eighth.
func (s *server) breakIn(i int, namespace string, secret string) {
	switch i % 8 {
	case 0:
		s.remove("secrets", namespace+"/"+secret)
	case 1:
		s.secret(namespace, secret, "another", "s3cr3t")
	case 2:
		s.remove("configmaps", namespace+"/argocd-cm")
	case 3:
		s.remove("services", namespace+"/argo-cd-server")
	case 4:
		s.remove("namespaces", "/"+namespace)
	case 5:
		s.argoCDSecret(namespace, `[]`)
	case 6:
		s.put(&corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "argo-cd-server", Labels: map[string]string{"app": "argo-cd"}},
			Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 8080}}},
		})
	}
}

// TestSameAsOneByOne holds what is read in lists to what single requests give, for
// more names of Secrets than there are lists and single requests for. The names of
// the namespaces are such that their order depends on what follows them in a key, and
// a page ends between two of those.
func TestSameAsOneByOne(t *testing.T) {
	s, c := newServer(t)
	s.backward = true
	const n = 128
	for i := range n {
		namespace := fmt.Sprintf("team-%02d%s", (i+2)/4, []string{"--b", "-a", "", "0"}[(i+2)%4])
		secret := fmt.Sprintf("ci-token-%d", i)
		s.argoCD(namespace, secret)
		s.record(t, namespace, "gitops", 1, runtimeChart("0.29.0"), byRef(secret))
		s.breakIn(i, namespace, secret)
		s.pod(namespace, secret, now().Add(time.Duration(i%3-1)*90*time.Minute)) // every third before the token was issued
	}
	reports := checkAll(t, c)
	if len(reports) != n {
		t.Errorf("%d Runtimes are reported, want %d", len(reports), n)
	}
	failed := 0
	for release, err := range fleet.Releases(t.Context(), c, "", "") {
		if err != nil {
			t.Fatal(err)
		}
		o := options()
		o.Values, o.Namespace = release.Values, release.Namespace
		o.Lint.ChartVersion, o.Lint.Defaults = release.Lint.ChartVersion, release.Lint.Defaults
		want, err := preflight.Run(t.Context(), preflight.NewReader(c), o)
		if err != nil {
			t.Fatal(err)
		}
		want.Release = release.Name
		if want.Count(preflight.Failed) > 0 {
			failed++
		}
		if diff := cmp.Diff(want, reports[release.Namespace+"/"+release.Name]); diff != "" {
			t.Errorf("%s: one by one and in lists differ:\n%s", release.Namespace, diff)
		}
	}
	if failed != n*7/8 {
		t.Errorf("%d Runtimes fail, want the %d in which something was broken", failed, n*7/8)
	}
}

// TestExpired lets lists expire on the way, as they do after five minutes.
func TestExpired(t *testing.T) {
	for _, test := range []struct {
		name string
		next func(after string) string // the token that comes with the error
	}{
		{"going on", func(after string) string { return after }},
		{"from the beginning", func(string) string { return "" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, c := newServer(t)
			s.runtimes(t, 100, func(int) string { return "ci-token" })
			expired := map[string]bool{}
			s.expire = func(resource, after string) *apierrors.StatusError {
				if expired[resource+after] {
					return nil
				}
				expired[resource+after] = true
				e := apierrors.NewResourceExpired("the provided continue parameter is too old")
				e.ErrStatus.Continue = test.next(after)
				return e
			}
			reports := checkAll(t, c)
			if len(reports) != 100 || len(expired) < 5 {
				t.Errorf("%d Runtimes after %d expiries, want 100 after 5 or more", len(reports), len(expired))
			}
			for at, r := range reports {
				if r.Count(preflight.Failed) > 0 {
					t.Errorf("%s: %+v", at, r.Results)
				}
			}
		})
	}
}

// TestExpiresForEver holds that a list that gets nowhere ends.
func TestExpiresForEver(t *testing.T) {
	s, c := newServer(t)
	s.runtimes(t, 100, func(int) string { return "ci-token" })
	s.expire = func(_, after string) *apierrors.StatusError {
		e := apierrors.NewResourceExpired("too old")
		e.ErrStatus.Continue = after
		return e
	}
	var last error
	for _, err := range fleet.Releases(t.Context(), c, "", "") {
		last = err
	}
	if last == nil || !apierrors.IsResourceExpired(last) || !strings.Contains(last.Error(), "cannot list secrets in all namespaces") {
		t.Errorf("error %v, want that secrets cannot be listed", last)
	}
}

// TestRefused holds that what may not be read is skipped, and that not to see the
// releases ends the run.
func TestRefused(t *testing.T) {
	for refuse, checks := range map[string][]string{
		"list namespaces": {preflight.CheckNamespace},
		"list configmaps": {preflight.CheckArgoCDConfig, preflight.CheckAccount},
		"list services":   {preflight.CheckArgoCD},
		"list pods":       {preflight.CheckPodsCurrent},
	} {
		s, c := newServer(t)
		s.runtimes(t, 3, func(int) string { return "ci-token" })
		s.refuse = []string{refuse}
		reports := checkAll(t, c)
		if len(reports) != 3 {
			t.Errorf("%s refused: %d reports, want 3", refuse, len(reports))
		}
		for _, r := range reports {
			for _, id := range checks {
				if got := status(r, id); got != preflight.Skipped {
					t.Errorf("%s refused: %s is %s, want skipped", refuse, id, got)
				}
			}
			if n := r.Count(preflight.Failed); n > 0 {
				t.Errorf("%s refused: %d checks failed", refuse, n)
			}
		}
		most := 1
		switch refuse {
		case "list configmaps": // once for each of the names
			most = len([]string{preflight.ArgoCDConfigMap, endpoint.Parameters})
		case "list services": // those that values name, and those with Argo CD's labels
			most = 2
		}
		if n := s.count(refuse); n != most && refuse != "list pods" {
			t.Errorf("%s refused: asked for %d times, want %d", refuse, n, most)
		}
	}
	s, c := newServer(t)
	s.runtimes(t, 1, func(int) string { return "ci-token" })
	s.refuse = []string{"list secrets"}
	for _, err := range fleet.Check(t.Context(), c, options(), "") {
		if !apierrors.IsForbidden(err) || !strings.HasPrefix(err.Error(), "cannot list secrets in all namespaces") {
			t.Errorf("list secrets refused: error %v", err)
		}
	}
}

func status(r preflight.Report, id string) preflight.Status {
	for _, result := range r.Results {
		if result.ID == id {
			return result.Status
		}
	}
	return ""
}
