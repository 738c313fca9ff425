//go:build e2e && linux

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
)

const (
	fleetSize = 1000
	// fleetRequests is what a client with the default limits (5 a second, the first 10
	// at once) sends within 10 seconds.
	fleetRequests = 60
	// fleetMemory is some ten pages as they come over the wire. The records alone are
	// as large, and several times that unpacked.
	fleetMemory = 160 << 20
)

// TestFleet checks 1,000 Runtimes of a cluster in one go, and holds a sample to what
// a check of each by itself says.
func TestFleet(t *testing.T) {
	var records []corev1.Secret
	var mu sync.Mutex
	t.Run("records", func(t *testing.T) {
		eachHelm(t, func(t *testing.T, h *helm) {
			r := fleetRecord(t, h)
			mu.Lock()
			defer mu.Unlock()
			records = append(records, r)
		})
	})
	if len(records) != 2 {
		t.Skip("Helm is not there (make clients)")
	}
	f := newFleet(t, records)
	proxy := newProxy(t, f.cluster)
	got := f.everywhere(t, proxy)
	t.Logf("%d Runtimes, %d MiB of records: %d requests, %s, %d MiB of memory at most",
		fleetSize, f.recorded>>20, got.requests, got.took.Round(100*time.Millisecond), got.memory>>20)
	if got.requests > fleetRequests {
		t.Errorf("%d requests, want %d at most:\n%s", got.requests, fleetRequests, proxy.seen())
	}
	if got.memory > fleetMemory {
		t.Errorf("%d MiB of memory, want %d at most", got.memory>>20, fleetMemory>>20)
	}
	f.compare(t, got.reports)
}

// fleetRecord is what a real Helm has recorded of a Runtime. The Runtime is gone.
func fleetRecord(t *testing.T, h *helm) corev1.Secret {
	t.Helper()
	values := `global: {integrations: {argo-cd: {server: {auth: {type: token, tokenSecretKeyRef: {name: argo-cd-account, key: api-token}}}}}}`
	h.helm("install", "runtime", fleetChart(t), "-f", write(t, "values.yaml", values)).ok(t)
	list, err := h.client.CoreV1().Secrets(h.namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "owner=helm"})
	must(t, err)
	if len(list.Items) != 1 {
		t.Fatalf("%d records of one release", len(list.Items))
	}
	h.helm("uninstall", "runtime").ok(t)
	return list.Items[0]
}

// fleetChart is a chart of the Runtime's name, of which a record is as large as those
// of the Runtime.
func fleetChart(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	noise := make([]byte, 100<<10)
	for i, x := 0, uint32(1); i < len(noise); i++ { // nothing that could be compressed
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		noise[i] = byte(x)
	}
	for name, text := range map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: gitops-runtime\nversion: 0.29.0\n",
		"values.yaml": `global: {integrations: {argo-cd: {server: {svc: argo-cd-server, port: 80, auth: {
  type: password, username: admin, password: "", passwordSecretKeyRef: {name: argocd-initial-admin-secret, key: password}, token: "", tokenSecretKeyRef: {}}}}}}
argo-cd: {enabled: false}
`,
		"templates/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: of-the-runtime}\n",
		"noise":              string(noise),
	} {
		path := filepath.Join(dir, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return dir
}

// fleet are namespaces with a Runtime in each.
type fleet struct {
	*cluster
	records  []corev1.Secret
	recorded int // bytes

	signingKey []byte // of every Argo CD
}

func (f *fleet) name(i int) string { return fmt.Sprintf("%s-fleet-%04d", f.namespace, i) }

// newFleet copies the records into namespaces, by turns, and puts an Argo CD beside
// each.
func newFleet(t *testing.T, records []corev1.Secret) *fleet {
	t.Helper()
	f := &fleet{cluster: newCluster(t), records: records}
	store := argocdtest.NewMemory()
	f.signingKey = store.Secret["server.secretkey"]
	tokens := argocdtest.NewServer(argocdtest.Options{Store: store})
	defer tokens.Close()
	token := tokens.Token("runtime:apiKey", "e2e", nil)
	numbers := make(chan int)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for i := range numbers {
				if err := f.create(t.Context(), i, token); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range fleetSize {
		f.recorded += len(f.record(i).Data["release"])
		numbers <- i
	}
	close(numbers)
	workers.Wait()
	t.Cleanup(func() { // other tests look at all there is
		for i := range fleetSize {
			_ = f.client.CoreV1().Secrets(f.name(i)).Delete(context.WithoutCancel(t.Context()), f.record(i).Name, metav1.DeleteOptions{})
		}
	})
	return f
}

func (f *fleet) record(i int) corev1.Secret { return f.records[i%len(f.records)] }

// create makes a namespace with a Runtime and its Argo CD. In some, something is wrong.
func (f *fleet) create(ctx context.Context, i int, token string) error {
	core, name, record := f.client.CoreV1(), f.name(i), f.record(i)
	argoCD := map[string]string{"app.kubernetes.io/part-of": "argocd", "app.kubernetes.io/component": "server"}
	known, ports := `[{"id":"e2e","iat":1}]`, []corev1.ServicePort{{Name: "http", Port: 80}}
	credential, config := "api-token", map[string]string{"accounts.runtime": "apiKey"}
	switch i % 50 {
	case 1:
		credential = "another-key"
	case 2:
		known = `[]`
	case 3:
		ports[0].Port = 8080
	case 4:
		config["accounts.runtime"] = "apikey"
	}
	_, err := core.Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	secret := func(meta metav1.ObjectMeta, kind corev1.SecretType, data map[string][]byte) {
		if err == nil {
			_, err = core.Secrets(name).Create(ctx, &corev1.Secret{ObjectMeta: meta, Type: kind, Data: data}, metav1.CreateOptions{})
		}
	}
	secret(metav1.ObjectMeta{Name: record.Name, Labels: record.Labels}, record.Type, record.Data)
	secret(metav1.ObjectMeta{Name: "argocd-secret", Labels: argoCD}, "", map[string][]byte{"accounts.runtime.tokens": []byte(known), "server.secretkey": f.signingKey})
	if i%50 != 5 {
		secret(metav1.ObjectMeta{Name: "argo-cd-account"}, "", map[string][]byte{credential: []byte(token)})
	}
	if err == nil {
		_, err = core.ConfigMaps(name).Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "argocd-cm", Labels: argoCD}, Data: config}, metav1.CreateOptions{})
	}
	if err == nil {
		_, err = core.Services(name).Create(ctx, &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Name: "argo-cd-server", Labels: argoCD}, Spec: corev1.ServiceSpec{Ports: ports, ClusterIP: corev1.ClusterIPNone},
		}, metav1.CreateOptions{})
	}
	return err
}

// sweep is what a check of everything came to.
type sweep struct {
	reports  map[string]preflight.Report
	requests int
	took     time.Duration
	memory   int64
}

// everywhere runs the real program, with the limits that it has, and looks at what it
// takes.
func (f *fleet) everywhere(t *testing.T, p *proxy) sweep {
	t.Helper()
	c := f.runtimeAuth("check", "--all-namespaces", "--no-live", "--format", "json")
	cmd := exec.CommandContext(t.Context(), c.path, c.args...)
	cmd.Env = append(c.env, "KUBECONFIG="+p.kubeconfig) // the last one counts
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	begin := time.Now()
	err := cmd.Run()
	s := sweep{took: time.Since(begin), requests: p.count(), reports: map[string]preflight.Report{}}
	var failed *exec.ExitError
	if !errors.As(err, &failed) || failed.ExitCode() != 1 || stderr.Len() > 0 {
		t.Fatalf("%s: %v, want exit code 1 and nothing on stderr\n%s", c, err, stderr.String())
	}
	if holdsCredential(stdout.String()) {
		t.Errorf("%s: a credential is on stdout", c)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Fatal("the system does not tell what a process took")
	}
	s.memory = usage.Maxrss << 10
	for _, r := range decodeReports(t, stdout.Bytes()) {
		if strings.HasPrefix(r.Namespace, f.namespace+"-fleet-") {
			s.reports[r.Namespace] = r
		}
	}
	return s
}

func decodeReports(t *testing.T, text []byte) []preflight.Report {
	t.Helper()
	var doc struct{ Reports []preflight.Report }
	must(t, json.Unmarshal(text, &doc))
	return doc.Reports
}

// compare runs single checks in a sample of the namespaces: every way in which
// something is wrong, and others.
func (f *fleet) compare(t *testing.T, all map[string]preflight.Report) {
	t.Helper()
	if len(all) != fleetSize {
		t.Fatalf("%d Runtimes are reported, want %d", len(all), fleetSize)
	}
	for i := range 20 {
		n := i + i/10*(fleetSize-20) // the first ten and the last ten
		c := f.runtimeAuth("check", "--no-live", "--format", "json")
		c.env = append(c.env, "HELM_NAMESPACE="+f.name(n))
		r := c.run(t)
		single := decodeReports(t, []byte(r.stdout))
		if len(single) != 1 {
			t.Fatalf("%s: %d reports, stderr %s", f.name(n), len(single), r.stderr)
		}
		if diff := cmp.Diff(single[0], all[f.name(n)]); diff != "" {
			t.Errorf("%s: by itself and in the fleet differ:\n%s", f.name(n), diff)
		}
		broken := n%50 >= 1 && n%50 <= 5
		if fails := single[0].Count(preflight.Failed) > 0; fails != broken {
			t.Errorf("%s: fails: %v, broken: %v: %+v", f.name(n), fails, broken, single[0].Results)
		}
	}
}

// proxy stands in front of the API server and counts what comes.
type proxy struct {
	kubeconfig string

	mu    sync.Mutex
	paths []string
}

func newProxy(t *testing.T, c *cluster) *proxy {
	t.Helper()
	target, err := url.Parse(c.config.Host)
	must(t, err)
	transport, err := rest.TransportFor(c.config)
	must(t, err)
	p := &proxy{kubeconfig: filepath.Join(t.TempDir(), "kubeconfig")}
	forward := &httputil.ReverseProxy{Transport: transport, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.paths = append(p.paths, r.Method+" "+r.URL.RequestURI())
		p.mu.Unlock()
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	must(t, writeKubeconfig(p.kubeconfig, s.URL, "", ""))
	return p
}

func (p *proxy) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.paths)
}

func (p *proxy) seen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.paths, "\n")
}
