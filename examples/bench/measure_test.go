//go:build bench && unix

package bench

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// program is a command line that is measured, and what it must do: a program that
// fails at once would be the quickest.
type program struct {
	name  string
	args  []string
	pipe  [][]string            // further commands that its output goes through
	env   []string              // beside the environment of the test
	stdin func(io.Writer) error // writes its input, through a pipe; it has none if nil
	big   bool                  // its output is not kept, but counted and hashed
	file  string                // its input is this file, and its output goes to /dev/null
	check func(outcome) error
}

// outcome is what one run did and took.
type outcome struct {
	code           int
	stdout, stderr string
	digest         digest // of the output, if that is big
	cost
}

// cost is processor time, user and system together, time on the clock from start to
// exit, and the most memory held at once.
type cost struct {
	cpu, wall time.Duration
	rss       int64 // bytes
}

func (p program) run() (outcome, error) {
	var stdout, stderr bytes.Buffer
	sum := newSummer()
	cmd, err := p.command()
	if err != nil {
		return outcome{}, err
	}
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	switch {
	case p.file != "":
		file, err := os.Open(p.file)
		if err != nil {
			return outcome{}, err
		}
		defer file.Close()
		cmd.Stdin, cmd.Stdout = file, nil
	case p.big:
		cmd.Stdout = sum
	}
	r, err := p.read(cmd)
	if err != nil {
		return outcome{}, fmt.Errorf("%s: %w\n%s", p.name, err, tail(stderr.String()))
	}
	o := outcome{
		code: r.Code, stdout: stdout.String(), stderr: stderr.String(), digest: sum.digest(),
		cost: cost{cpu: r.CPU, wall: r.Wall, rss: r.RSS},
	}
	if err := p.check(o); err != nil {
		return outcome{}, fmt.Errorf("%s: %w, exit code %d\n%s", p.name, err, o.code, tail(o.stderr))
	}
	return o, nil
}

// command is this test binary, told to run the program: see TestMain.
func (p program) command() (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	commands, err := json.Marshal(append([][]string{p.args}, p.pipe...))
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(append(os.Environ(), p.env...), commandsVariable+"="+string(commands))
	return cmd, nil
}

// read runs the command to its end, feeds it, and returns what it reads off.
func (p program) read(cmd *exec.Cmd) (reading, error) {
	in, out, err := os.Pipe()
	if err != nil {
		return reading{}, err
	}
	defer in.Close()
	cmd.ExtraFiles = []*os.File{out}
	fed := make(chan struct{})
	if p.stdin == nil || p.file != "" {
		close(fed)
	} else if stdin, err := cmd.StdinPipe(); err != nil {
		return reading{}, err
	} else {
		go func() {
			defer close(fed)
			defer stdin.Close()
			// That a program does not read all is its own affair: see its check.
			_ = p.feed(stdin)
		}()
	}
	err = cmd.Start()
	out.Close()
	if err != nil {
		return reading{}, err
	}
	var r reading
	err = json.NewDecoder(in).Decode(&r)
	<-fed
	return r, errors.Join(cmd.Wait(), err)
}

func (p program) feed(stdin io.Writer) error {
	w := bufio.NewWriterSize(stdin, 1<<20)
	if err := p.stdin(w); err != nil {
		return err
	}
	return w.Flush()
}

func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}

// digest tells one text from another.
type digest struct {
	size int64
	sum  [sha256.Size]byte
}

// summer makes the digest of what is written to it.
type summer struct {
	hash.Hash
	size int64
}

func newSummer() *summer { return &summer{Hash: sha256.New()} }

func (s *summer) Write(p []byte) (int, error) {
	s.size += int64(len(p))
	return s.Hash.Write(p)
}

func (s *summer) digest() digest { return digest{s.size, [sha256.Size]byte(s.Sum(nil))} }

// measure runs the programs in turns, so that whatever else the machine does meets
// them all, and returns for each the median of its times and its largest memory.
func measure(rounds int, programs ...program) ([]cost, error) {
	runs := make([][]cost, len(programs))
	for round := range rounds + 1 {
		for i, p := range programs {
			o, err := p.run()
			if err != nil {
				return nil, err
			}
			if round > 0 { // the first warmed the caches
				runs[i] = append(runs[i], o.cost)
			}
		}
	}
	costs := make([]cost, len(programs))
	for i, all := range runs {
		for _, c := range all {
			costs[i].rss = max(costs[i].rss, c.rss)
		}
		costs[i].cpu = median(all, func(c cost) time.Duration { return c.cpu })
		costs[i].wall = median(all, func(c cost) time.Duration { return c.wall })
	}
	return costs, nil
}

func median(costs []cost, of func(cost) time.Duration) time.Duration {
	var times []time.Duration
	for _, c := range costs {
		times = append(times, of(c))
	}
	slices.Sort(times)
	return times[len(times)/2]
}
