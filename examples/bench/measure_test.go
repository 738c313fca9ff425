//go:build bench && unix

package bench

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// program is a command line that is measured, and what it must do: a program that
// fails at once would be the quickest.
type program struct {
	name  string
	args  []string
	env   []string // beside the environment of the test
	check func(outcome) error
}

// outcome is what one run did and took.
type outcome struct {
	code           int
	stdout, stderr string
	cost
}

// cost is processor time, user and system together, and the most memory held at once.
type cost struct {
	cpu time.Duration
	rss int64 // bytes
}

func (p program) run() (outcome, error) {
	cmd := exec.Command(p.args[0], p.args[1:]...)
	cmd.Env = append(os.Environ(), p.env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var failed *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &failed) {
		return outcome{}, err
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return outcome{}, errors.New("this system does not count what a process takes")
	}
	o := outcome{
		code: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String(),
		cost: cost{cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), rss: int64(usage.Maxrss)},
	}
	if runtime.GOOS != "darwin" {
		o.rss *= 1024 // kibibytes everywhere else
	}
	if err := p.check(o); err != nil {
		return outcome{}, fmt.Errorf("%s: %w, exit code %d\n%s", p.name, err, o.code, tail(o.stderr))
	}
	return o, nil
}

func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}

// measure runs the programs in turns, so that whatever else the machine does meets
// them all, and returns for each the median of its times and its largest memory.
func measure(rounds int, programs ...program) ([]cost, error) {
	times := make([][]time.Duration, len(programs))
	costs := make([]cost, len(programs))
	for round := range rounds + 1 {
		for i, p := range programs {
			o, err := p.run()
			if err != nil {
				return nil, err
			}
			if round == 0 {
				continue // it warmed the caches
			}
			times[i] = append(times[i], o.cpu)
			costs[i].rss = max(costs[i].rss, o.rss)
		}
	}
	for i := range costs {
		slices.Sort(times[i])
		costs[i].cpu = times[i][len(times[i])/2]
	}
	return costs, nil
}
