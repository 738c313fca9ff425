package helm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
)

// stopsWithin is how long a helm that only reads may take to end after a signal.
const stopsWithin = 5 * time.Second

// output runs helm for what it prints. It ends when ctx does. Errors are helm's own words,
// or that it cannot be started.
func (c Client) output(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, c.Path, args...)
	cmd.Cancel = func() error { return stop(cmd.Process) }
	cmd.WaitDelay = stopsWithin
	cmd.Env = c.Environ
	if c.Stdin != nil {
		cmd.Stdin = c.Stdin
	}
	var stdout bytes.Buffer
	messages := &messages{w: c.Stderr}
	cmd.Stdout, cmd.Stderr = &stdout, messages
	err := cmd.Run()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil, messages.reason(failed)
	}
	return stdout.Bytes(), input.Cause(err)
}

// messages lets through what is printed on standard error, such as the questions of a
// program that signs in to the cluster, but not helm's own messages: a release that is
// not there need not be an error, and warnings come again with the call that counts.
type messages struct {
	w     io.Writer
	error bytes.Buffer
}

func (m *messages) Write(p []byte) (int, error) {
	for line := range bytes.Lines(p) {
		switch {
		case m.error.Len() > 0 || bytes.HasPrefix(line, []byte("Error: ")):
			m.error.Write(line)
		case m.w == nil || bytes.HasPrefix(line, []byte("WARNING: ")) || bytes.HasPrefix(line, []byte("level=")):
		default:
			if _, err := m.w.Write(line); err != nil {
				return 0, err
			}
		}
	}
	return len(p), nil
}

func (m *messages) reason(failed *exec.ExitError) error {
	if text, found := strings.CutPrefix(m.error.String(), "Error: "); found {
		return errors.New(strings.TrimSpace(text))
	}
	return fmt.Errorf("helm ended with %w", failed)
}
