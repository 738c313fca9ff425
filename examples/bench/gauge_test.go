//go:build bench && unix

package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// commandsVariable holds commands, each of which reads what the one before it
// writes. Where it is set the test binary runs them in the place of its tests.
const commandsVariable = "RUNTIME_AUTH_BENCH_COMMANDS"

// TestMain lets the test binary be the parent of what is measured, in a process of
// its own: the system counts as memory of a program what its parent held when the
// program was started, and the benchmark itself holds a lot.
func TestMain(m *testing.M) {
	commands := os.Getenv(commandsVariable)
	if commands == "" {
		os.Exit(m.Run())
	}
	if err := gauge(commands); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// reading is what commands took, all of them together. It is passed on in JSON.
type reading struct {
	Code      int // that of the last command that failed
	CPU, Wall time.Duration
	RSS       int64 // bytes
}

// gauge runs commands with the standard streams of this process, and writes the
// reading to the file descriptor behind them.
func gauge(commands string) error {
	const result = 3
	syscall.CloseOnExec(result)
	if err := os.Unsetenv(commandsVariable); err != nil {
		return err
	}
	var argv [][]string
	if err := json.Unmarshal([]byte(commands), &argv); err != nil {
		return err
	}
	cmds, ends, err := connect(argv)
	if err != nil {
		return err
	}
	r, err := runAll(cmds, ends)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.NewFile(result, "result")).Encode(r)
}

// connect joins commands by pipes, and returns the ends of those that are not
// needed here once the commands run.
func connect(argv [][]string) (cmds []*exec.Cmd, ends []*os.File, err error) {
	in := os.Stdin
	for i, args := range argv {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = in, os.Stdout, os.Stderr
		if i < len(argv)-1 {
			r, w, err := os.Pipe()
			if err != nil {
				return nil, nil, err
			}
			cmd.Stdout, in, ends = w, r, append(ends, r, w)
		}
		cmds = append(cmds, cmd)
	}
	return cmds, ends, nil
}

func runAll(cmds []*exec.Cmd, ends []*os.File) (reading, error) {
	var r reading
	start := time.Now()
	for _, cmd := range cmds {
		if err := cmd.Start(); err != nil {
			return r, err
		}
	}
	for _, end := range ends {
		if err := end.Close(); err != nil {
			return r, err
		}
	}
	for _, cmd := range cmds {
		var failed *exec.ExitError
		if err := cmd.Wait(); errors.As(err, &failed) {
			r.Code = failed.ExitCode()
		} else if err != nil {
			return r, err
		}
		usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		if !ok {
			return r, errors.New("this system does not count what a process takes")
		}
		r.CPU += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		r.RSS += bytesOf(int64(usage.Maxrss))
	}
	r.Wall = time.Since(start)
	return r, nil
}

// bytesOf converts the unit in which the system counts a process's memory.
func bytesOf(maxrss int64) int64 {
	if runtime.GOOS == "darwin" {
		return maxrss
	}
	return maxrss * 1024 // kibibytes everywhere else
}
