//go:build bench && unix

// Package bench holds the programs to their promises of speed and memory, against
// what people would use in their place: the linter against `helm lint`, and ajv-cli
// with the same schema; the post-renderer against kustomize and yq, and against cat,
// which does nothing at all. It counts processor time, not time on the clock (but for
// the start of a program), and compares within one run, so that the machine does not
// matter. `make bench` runs it:
//
//	go test -count=1 -tags bench -run TestBench -v ./examples/bench
package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"text/tabwriter"
	"time"
)

// bench gathers rows for the two tables that are printed in the end.
type bench struct {
	*testing.T
	bin     string // the folder of both binaries
	figures []string
	ratios  []string
}

// newBench builds the binaries as they are released.
func newBench(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	if _, err := output("build.sh", dir); err != nil {
		t.Fatal(err)
	}
	return &bench{T: t, bin: filepath.Join(dir, "bin")}
}

// run measures programs, which work on so many things each, and notes their figures
// under a title.
func (b *bench) run(title string, rounds int, things float64, programs ...program) []cost {
	b.Helper()
	costs, err := measure(rounds, programs...)
	if err != nil {
		b.Fatal(err)
	}
	for i, c := range costs {
		b.figure(title, programs[i].name, things, c)
	}
	return costs
}

func (b *bench) figure(title, name string, things float64, c cost) {
	b.figures = append(b.figures, fmt.Sprintf("%s\t%s\t%.1f ms\t%.0f\t%.1f ms\t%.1f MB",
		title, name, ms(c.cpu), things/c.cpu.Seconds(), ms(c.wall), float64(c.rss)/1e6))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// atLeast and atMost note a ratio, and fail the run if it is on the wrong side.
func (b *bench) atLeast(what string, ratio, bound float64) {
	b.Helper()
	b.promise(what, fmt.Sprintf("%.2f", ratio), fmt.Sprintf("≥ %.1f", bound), ratio >= bound)
}

func (b *bench) atMost(what string, ratio, bound float64) {
	b.Helper()
	b.promise(what, fmt.Sprintf("%.2f", ratio), fmt.Sprintf("≤ %.1f", bound), ratio <= bound)
}

// fits notes how many bytes of memory were taken, and fails the run if it is too much.
func (b *bench) fits(what string, taken, bound int64) {
	b.Helper()
	b.promise(what, fmt.Sprintf("%.1f MiB", mib(taken)), fmt.Sprintf("≤ %.1f MiB", mib(bound)), taken <= bound)
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }

func (b *bench) promise(what, measured, promised string, kept bool) {
	b.Helper()
	verdict := "PASS"
	if !kept {
		verdict = "FAIL"
		b.Errorf("%s: %s, promised %s", what, measured, promised)
	}
	b.ratios = append(b.ratios, fmt.Sprintf("%s\t%s\t%s\t%s", what, measured, promised, verdict))
}

// times is how many times as much processor time the first took.
func times(a, b cost) float64 { return float64(a.cpu) / float64(b.cpu) }

// floor says below which size memory cannot be seen.
func (b *bench) floor() int64 {
	b.Helper()
	o, err := program{name: "true", args: []string{"true"}, check: succeeds}.run()
	if err != nil {
		b.Fatal(err)
	}
	fmt.Printf("note: memory below %.1f MB cannot be seen, a process starts with what its parent had\n", float64(o.rss)/1e6)
	return o.rss
}

// print prints both tables; things is what a program works on.
func (b *bench) print(things string) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nwhat\tprogram\tCPU\t%s per CPU second\ton the clock\tmost memory\n", things)
	for _, row := range b.figures {
		fmt.Fprintln(w, row)
	}
	fmt.Fprintln(w, "\npromise\tmeasured\tpromised\t")
	for _, row := range b.ratios {
		fmt.Fprintln(w, row)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
}
