//go:build cluster

package rotate_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// outcome is how a run ended.
type outcome struct {
	err    string // "killed" where it was
	output string
}

// run rotates. The fault of the moment happens to it.
func (w *world) run(m moment, flags ...string) outcome { return w.runAs(w.child(m, flags)) }

func (w *world) runAs(c child) outcome {
	var output bytes.Buffer
	err := c.rotate(w.t.Context(), &output)
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.quiet(outcome{output: output.String()})
	switch {
	case w.dead:
		o.err = "killed"
	case err != nil:
		o.err = w.quiet(outcome{output: fmt.Sprintf("%v\n%s", err, output.String())}).output
	}
	return o
}

func (w *world) child(m moment, flags []string) child {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.moment, w.victim, w.dead, w.cut, w.requests = m, nil, false, false, nil
	w.runs++
	return child{w.urls.ArgoCD, w.urls.Cluster, w.runs, flags}
}

func (w *world) quiet(o outcome) outcome {
	if strings.Contains(o.output, "eyJ") || strings.Contains(o.output, "s3cr3t") {
		w.t.Error("a credential is printed")
	}
	return o
}

// process is run in a process of its own, which can be killed.
func (w *world) process(m moment, flags ...string) outcome {
	w.t.Helper()
	arguments, err := json.Marshal(w.child(m, flags))
	if err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+string(arguments))
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	w.mu.Lock()
	err = cmd.Start()
	w.victim = cmd.Process
	w.mu.Unlock()
	if err != nil {
		w.t.Fatal(err)
	}
	err = cmd.Wait()
	w.mu.Lock() // until the last request has come to its end
	defer w.mu.Unlock()
	o := w.quiet(outcome{output: output.String()})
	switch {
	case err == nil:
	case cmd.ProcessState.ExitCode() == -1:
		o.err = "killed"
	default:
		o.err = o.output
	}
	return o
}
