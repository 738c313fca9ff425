//go:build cluster && unix

package cluster

import (
	"encoding/json"
	"net/http"
	"os"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
)

// TestWaitInterrupted presses Ctrl-C in the second round: what the first one found
// is printed, as a whole document, and the code is that of the signal.
func TestWaitInterrupted(t *testing.T) {
	var rounds atomic.Int64
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/namespaces/argocd" {
			status(http.StatusForbidden, "Forbidden")(w, r)
			return
		}
		if rounds.Add(1) == 2 { // a round asks for the namespace once
			_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
			<-r.Context().Done() // the client has gone
		}
		status(http.StatusNotFound, "NotFound")(w, r)
	})
	code, stdout, stderr := run(t, url, goodValues, "check", "-f", "-", "--no-live", "--wait", "1m", "--format", "json")
	if code != 128+int(syscall.SIGINT) || stderr != "runtime-auth: waiting: namespace \"argocd\" does not exist\n" {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	var doc struct{ Reports []preflight.Report }
	if err := json.Unmarshal([]byte(stdout), &doc); err != nil || len(doc.Reports) != 1 || doc.Reports[0].Count(preflight.Failed) == 0 {
		t.Errorf("%v\n%s%s", err, stdout, stderr)
	}
}
