//go:build bench && unix

package bench

import (
	"os"
	"path/filepath"
	"testing"
)

// The promises of the linter.
const (
	helmRatio  = 6   // helm's processor time for one file, at least so many times ours
	ajvRatio   = 2   // our files per second of processor time, at least so many times ajv's
	flatMemory = 1.3 // memory for 4,000 files, at most so many times that for 100
)

func TestBenchLint(t *testing.T) {
	b := &lintBench{bench: newBench(t)}
	b.prepare()
	b.oneFile()
	b.manyFiles()
	b.print("files")
}

type lintBench struct {
	*bench
	binary, schema string // the linter, and the file with its schema
}

// prepare lets the linter print its schema.
func (b *lintBench) prepare() {
	b.Helper()
	b.binary, b.schema = filepath.Join(b.bin, "runtime-auth"), filepath.Join(b.bin, "auth.schema.json")
	o, err := program{name: "schema", args: []string{b.binary, "schema"}, check: succeeds}.run()
	if err != nil {
		b.Fatal(err)
	}
	write(b.T, b.schema, o.stdout)
}

// files writes n values files and returns their folders.
func (b *lintBench) files(n int, kindOf func(int) kind) []string {
	b.Helper()
	folders, err := writeFiles(b.TempDir(), n, kindOf)
	if err != nil {
		b.Fatal(err)
	}
	return folders
}

func (b *lintBench) oneFile() {
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
		b.atLeast("CPU of "+programs[i+1].name+" / ours, one file", times(c, costs[0]), helmRatio)
	}
}

func (b *lintBench) manyFiles() {
	b.Helper()
	const most = 4000
	folders := b.files(most, allClean)
	first := func(n int) []string { return folders[:n/perFolder] }

	b.againstAjv("1,000 files", first(1000), 0)
	b.againstAjv("1,000 files, 100 broken", b.files(1000, tenthBroken), 100)
	b.againstAjv("1,000 files, all plaintext", b.files(1000, allPlaintext), 0)

	few := b.run("100 files", 3, 100, lint(b.binary, 0, first(100)...))[0]
	many := b.run("4,000 files", 3, most, lint(b.binary, 0, first(most)...))[0]
	b.atMost("memory for 4,000 files / for 100", float64(many.rss)/float64(few.rss), flatMemory)
	if b.floor() >= few.rss {
		b.Error("the memory for 100 files is not that of the linter")
	}
}

func (b *lintBench) againstAjv(title string, folders []string, invalid int) {
	b.Helper()
	const files = 1000
	programs := append([]program{lint(b.binary, invalid, folders...)}, ajv(b.T, b.schema, folders, files, invalid)...)
	costs := b.run(title, 5, files, programs...)
	for _, c := range costs[1:] {
		b.atLeast("files per CPU second / those of ajv, "+title, times(c, costs[0]), ajvRatio)
	}
}
