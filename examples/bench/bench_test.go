//go:build bench && unix

// Package bench holds the linter to its promises of speed and memory, against what
// people would use in its place: `helm lint`, and ajv-cli with the same schema. It
// counts processor time, not time on the clock, and compares within one run, so that
// the machine does not matter. `make bench` runs it:
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

// The promises.
const (
	helmRatio  = 6   // helm's processor time for one file, at least so many times ours
	ajvRatio   = 2   // our files per second of processor time, at least so many times ajv's
	flatMemory = 1.3 // memory for 4,000 files, at most so many times that for 100
)

func TestBench(t *testing.T) {
	b := &bench{T: t}
	b.build()
	b.oneFile()
	b.manyFiles()
	b.print()
}

// bench gathers rows for the two tables that are printed in the end.
type bench struct {
	*testing.T
	binary, schema string // the linter, and the file with its schema
	figures        []string
	ratios         []string
}

// build builds the linter as it is released, and lets it print its schema.
func (b *bench) build() {
	b.Helper()
	dir := b.TempDir()
	if _, err := output("build.sh", dir); err != nil {
		b.Fatal(err)
	}
	b.binary, b.schema = filepath.Join(dir, "bin", "runtime-auth"), filepath.Join(dir, "auth.schema.json")
	o, err := program{name: "schema", args: []string{b.binary, "schema"}, check: succeeds}.run()
	if err != nil {
		b.Fatal(err)
	}
	write(b.T, b.schema, o.stdout)
}

// files writes n values files and returns their folders.
func (b *bench) files(n int, kindOf func(int) kind) []string {
	b.Helper()
	folders, err := writeFiles(b.TempDir(), n, kindOf)
	if err != nil {
		b.Fatal(err)
	}
	return folders
}

// run measures programs and notes their figures under a title.
func (b *bench) run(title string, rounds, files int, programs ...program) []cost {
	b.Helper()
	costs, err := measure(rounds, programs...)
	if err != nil {
		b.Fatal(err)
	}
	for i, c := range costs {
		perSecond := float64(files) / c.cpu.Seconds()
		b.figures = append(b.figures, fmt.Sprintf("%s\t%s\t%.1f ms\t%.0f\t%.1f MB",
			title, programs[i].name, float64(c.cpu)/float64(time.Millisecond), perSecond, float64(c.rss)/1e6))
	}
	return costs
}

// promise notes a ratio, and fails the run if it is on the wrong side of its bound.
func (b *bench) promise(what string, ratio float64, atLeast bool, bound float64) {
	b.Helper()
	sign, kept := "≤", ratio <= bound
	if atLeast {
		sign, kept = "≥", ratio >= bound
	}
	verdict := "PASS"
	if !kept {
		verdict = "FAIL"
		b.Errorf("%s: %.2f, promised %s %.1f", what, ratio, sign, bound)
	}
	b.ratios = append(b.ratios, fmt.Sprintf("%s\t%.2f\t%s %.1f\t%s", what, ratio, sign, bound, verdict))
}

// times is how many times as much processor time the first took.
func times(a, b cost) float64 { return float64(a.cpu) / float64(b.cpu) }

func (b *bench) oneFile() {
	b.Helper()
	text := valuesFile(1, clean)
	file := filepath.Join(b.TempDir(), "values.yaml")
	write(b.T, file, string(text))
	schema, err := os.ReadFile(b.schema)
	if err != nil {
		b.Fatal(err)
	}
	programs := append([]program{lint(b.binary, 0, file)}, helmLint(b.T, schema, text)...)
	costs := b.run("one file", 21, 1, programs...)
	for i, c := range costs[1:] {
		b.promise("CPU of "+programs[i+1].name+" / ours, one file", times(c, costs[0]), true, helmRatio)
	}
}

func (b *bench) manyFiles() {
	b.Helper()
	const most = 4000
	folders := b.files(most, allClean)
	first := func(n int) []string { return folders[:n/perFolder] }

	b.againstAjv("1,000 files", first(1000), 0)
	b.againstAjv("1,000 files, 100 broken", b.files(1000, tenthBroken), 100)
	b.againstAjv("1,000 files, all plaintext", b.files(1000, allPlaintext), 0)

	few := b.run("100 files", 3, 100, lint(b.binary, 0, first(100)...))[0]
	many := b.run("4,000 files", 3, most, lint(b.binary, 0, first(most)...))[0]
	b.promise("memory for 4,000 files / for 100", float64(many.rss)/float64(few.rss), false, flatMemory)
	floor := b.run("nothing", 1, 1, program{name: "true", args: []string{"true"}, check: succeeds})[0]
	if few.rss < 2*floor.rss {
		fmt.Printf("note: memory below %.1f MB cannot be seen, a process starts with what its parent had\n", float64(floor.rss)/1e6)
	}
}

func (b *bench) againstAjv(title string, folders []string, invalid int) {
	b.Helper()
	const files = 1000
	programs := append([]program{lint(b.binary, invalid, folders...)}, ajv(b.T, b.schema, folders, files, invalid)...)
	costs := b.run(title, 5, files, programs...)
	for _, c := range costs[1:] {
		b.promise("files per CPU second / those of ajv, "+title, times(c, costs[0]), true, ajvRatio)
	}
}

func (b *bench) print() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nwhat\tprogram\tCPU\tfiles per CPU second\tmost memory")
	for _, row := range b.figures {
		fmt.Fprintln(w, row)
	}
	fmt.Fprintln(w, "\nratio\tmeasured\tpromised\t")
	for _, row := range b.ratios {
		fmt.Fprintln(w, row)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
}
